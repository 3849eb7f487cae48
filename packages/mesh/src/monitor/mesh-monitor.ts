/** Feeds the stream of events from what a node is told anyway: document, links, health, presence, operations. No asking around. */

import type { Emitter, Timer } from "@context-mesh/common";
import { EventStream, type NewEvent } from "@context-mesh/coordination";
import type { Alert, ConflictView, IntegrityReport, MeshEvents, RelayStatus } from "../api/types.ts";
import type { NodeCore } from "../node/core.ts";
import { agentEvents, signsOf } from "./agent-signs.ts";

/** Signs of many agents that come together are looked at together. */
const windowMsDefault = 50;

export class MeshMonitor {
  readonly stream: EventStream;
  readonly #core: NodeCore;
  readonly #events: Emitter<MeshEvents>;
  readonly #windowMs: number;
  readonly #signs = new Map<string, string>();
  /** Agents with news since the last look. */
  #changed = new Set<string>();
  #window: Timer | undefined;
  #end: (() => void) | undefined;

  constructor(core: NodeCore, events: Emitter<MeshEvents>, windowMs: number = windowMsDefault) {
    this.#core = core;
    this.#events = events;
    this.#windowMs = windowMs;
    this.stream = new EventStream(core.options.clock);
  }

  start(): void {
    const { presence } = this.#core;
    for (const [agent, status] of signsOf(presence.list())) this.#signs.set(agent, status);
    const offs = [
      presence.watch((agents) => this.#signsCame(agents)),
      this.#events.on("relay", (status) => this.#relay(status)),
      this.#events.on("conflict", (conflict) => this.#conflict(conflict)),
      this.#events.on("integrity", (report) => this.#integrity(report)),
      this.#events.on("alert", (alert) => this.alert(alert, true)),
      this.#core.on("change", ({ keys, local, all }) => {
        this.#publish({
          type: "coordination_event",
          source: "document",
          name: all ? "context_loaded" : "context_changed",
          severity: "debug",
          fields: { keys: keys.size, local },
        });
      }),
      this.#core.on("operation", ({ name, tookMs, refusal }) => {
        this.#publish({ type: "performance_metric", source: "node", name, severity: "debug", value: tookMs });
        if (refusal === undefined) return;
        const fields = { operation: name, reason: refusal };
        this.#publish({ type: "error_alert", source: "node", name: "operation_refused", severity: "warning", fields });
      }),
    ];
    this.#end = () => {
      for (const off of offs) off();
    };
  }

  stop(): void {
    this.#end?.();
    this.#window?.cancel();
    this.stream.close();
  }

  #relay({ url, state, lagMs, lastError }: RelayStatus): void {
    const isLost = state === "waiting" || state === "stopped";
    this.#publish({
      type: "system_event",
      source: "relay",
      name: `relay_${state}`,
      severity: isLost ? "warning" : state === "live" ? "info" : "debug",
      subject: url,
      fields: { lagMs, error: isLost ? (lastError?.code ?? "") : "" },
    });
  }

  #conflict({ path, type }: ConflictView): void {
    const what = { name: "conflict", severity: "warning", subject: path, fields: { type } } as const;
    this.#publish({ type: "coordination_event", source: "document", ...what });
  }

  #integrity({ kind, detail }: IntegrityReport): void {
    const what = { name: kind, severity: "error", fields: { detail } } as const;
    this.#publish({ type: "error_alert", source: "document", ...what });
  }

  alert({ code, severity, message }: Alert, isRaised: boolean): void {
    this.#publish({
      type: isRaised ? "error_alert" : "health_check",
      source: "node",
      name: isRaised ? code : `${code}_cleared`,
      severity: isRaised ? severity : "info",
      fields: { message },
    });
  }

  #publish(event: NewEvent): void {
    this.stream.publish(event);
  }

  #signsCame(agents: ReadonlySet<string>): void {
    for (const agent of agents) this.#changed.add(agent);
    this.#window ??= this.#core.options.clock.after(this.#windowMs, () => {
      this.#window = undefined;
      this.#look();
    });
  }

  /** Only at those with news: a look costs as much as has happened. */
  #look(): void {
    const changed = [...this.#changed];
    this.#changed = new Set();
    const { presence } = this.#core;
    const before = new Map(changed.flatMap((agent) => signOf(agent, this.#signs.get(agent))));
    const now = signsOf(changed.flatMap((agent) => presence.find(agent) ?? []));
    for (const agent of changed) {
      const status = now.get(agent);
      if (status === undefined) this.#signs.delete(agent);
      else this.#signs.set(agent, status);
    }
    for (const event of agentEvents(before, now)) this.#publish(event);
  }
}

const signOf = (agent: string, status: string | undefined): [string, string][] =>
  status === undefined ? [] : [[agent, status]];
