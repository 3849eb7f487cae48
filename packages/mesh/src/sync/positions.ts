/**
 * How far each relay is known to have this agent's entries: in memory by mark for receipts, in the store by Yjs clock for
 * what comes after this process.
 */

import { isJsonObject, type JsonValue } from "@context-mesh/common";
import type { AgentTransaction, AgentView } from "@context-mesh/ports";
import type { Reach } from "./ack-window.ts";

type Place = Pick<Reach, "mark" | "clock">;

export interface Position {
  readonly relayId: string | undefined;
  readonly durable: Place;
  readonly relayed: Place;
}

const nowhere: Place = { mark: 0, clock: 0 };
const fresh: Position = { relayId: undefined, durable: nowhere, relayed: nowhere };

const prefix = "relay/";

const further = (a: Place, b: Place): Place => ({
  mark: Math.max(a.mark, b.mark),
  clock: Math.max(a.clock, b.clock),
});

const toPosition = (value: JsonValue, writer: string): Position => {
  if (!isJsonObject(value) || value.writer !== writer) return fresh;
  const clockOf = (field: JsonValue | undefined): Place => ({ mark: 0, clock: typeof field === "number" ? field : 0 });
  return {
    relayId: typeof value.relayId === "string" ? value.relayId : undefined,
    durable: clockOf(value.durable),
    relayed: clockOf(value.relayed),
  };
};

export class RelayPositions {
  readonly #byUrl = new Map<string, Position>();

  load(view: AgentView, writer: string): void {
    this.#byUrl.clear();
    for (const [name, value] of view.valuesWithPrefix(prefix)) {
      this.#byUrl.set(name.slice(prefix.length), toPosition(value, writer));
    }
  }

  of(url: string): Position {
    return this.#byUrl.get(url) ?? fresh;
  }

  /** A relay proved a reach. Another relay behind the same address starts from nothing. */
  proven(url: string, relayId: string | undefined, reach: Place, state: "relayed" | "durable"): Position {
    const known = this.of(url);
    const base = known.relayId === relayId || known.relayId === undefined ? known : fresh;
    const next: Position = {
      relayId,
      durable: state === "durable" ? further(base.durable, reach) : base.durable,
      relayed: further(base.relayed, reach),
    };
    this.#byUrl.set(url, next);
    return next;
  }

  /**
   * What the relay itself says to have of ours. When that is less than it once acknowledged, it has lost something, and
   * nothing counts as proven there any more. True in that case.
   */
  told(url: string, relayId: string | undefined, ownClock: number): boolean {
    const known = this.of(url);
    const isOther = known.relayId !== undefined && relayId !== undefined && known.relayId !== relayId;
    const hasLost = !isOther && ownClock < known.durable.clock;
    if (isOther || hasLost) this.#byUrl.set(url, { ...fresh, relayId });
    return hasLost;
  }

  /** Own Yjs clock that some relay has on disk. */
  get durableClock(): number {
    return Math.max(0, ...[...this.#byUrl.values()].map((position) => position.durable.clock));
  }

  /** A new incarnation counts its clocks from zero; marks go on. */
  renewed(): void {
    for (const [url, { relayId, durable, relayed }] of this.#byUrl) {
      const at = (reach: Place): Place => ({ mark: reach.mark, clock: 0 });
      this.#byUrl.set(url, { relayId, durable: at(durable), relayed: at(relayed) });
    }
  }

  save(tx: AgentTransaction, writer: string): void {
    for (const [url, { relayId, durable, relayed }] of this.#byUrl) {
      const id = relayId === undefined ? {} : { relayId };
      tx.setValue(`${prefix}${url}`, { writer, durable: durable.clock, relayed: relayed.clock, ...id });
    }
  }
}
