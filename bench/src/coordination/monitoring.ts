/**
 * Watching 300 agents by events and by asking every so often, tuned until both notice the same faults equally fast; what each
 * costs in processor time beyond the node that only takes part.
 */

import type { ChildProcess } from "node:child_process";
import { join as joinPath } from "node:path";
import { sleep, systemClock } from "@context-mesh/common";
import { join, type Mesh } from "context-mesh";
import { startRelay } from "../relay-process.ts";
import type { Figure } from "../result.ts";
import { startCrowd } from "./crowd.ts";
import { eventually, inTemporaryFolder, percentileOf, percentLess, sorted } from "./measure.ts";

const agentCount = 300;
const faultCount = 50;
const aimMs = 100;
const room = "watched";

interface Arm {
  readonly p95Ms: number;
  readonly cpuMs: number;
  readonly noticed: number;
}

type Noticed = (agent: string, status: string) => void;
/** Begins to watch; returns what ends it. */
type Watching = (mesh: Mesh, noticed: Noticed) => () => void;

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

const byEvents: Watching = (mesh, noticed) => {
  const control = mesh.monitor.on({
    name: "watch",
    types: ["health_check"],
    names: ["agent_status"],
    handle: ({ subject = "", fields }) => noticed(subject, String(fields.status ?? "")),
  });
  return () => control.remove();
};

const byPolling =
  (everyMs: number): Watching =>
  (mesh, noticed) => {
    const known = new Map<string, string>();
    const look = (isFirst: boolean): void => {
      for (const { agent, state } of mesh.presence.list()) {
        const status = String(state.status ?? "");
        if (known.get(agent) === status) continue;
        known.set(agent, status);
        if (!isFirst) noticed(agent, status);
      }
    };
    look(true);
    const timer = systemClock.every(everyMs, () => look(false));
    return () => timer.cancel();
  };

const notAtAll: Watching = () => () => {};

const never = 1e9;

class Field {
  readonly #folder: string;
  readonly #url: string;
  readonly #crowd: ChildProcess;
  #seed = 0;

  constructor(folder: string, url: string, crowd: ChildProcess) {
    this.#folder = folder;
    this.#url = url;
    this.#crowd = crowd;
  }

  async run(watching: Watching, durationMs: number, windowMs: number): Promise<Arm> {
    this.#seed += 1;
    const mesh = await join(
      { room, agent: "watcher", relays: [this.#url], storage: joinPath(this.#folder, "watcher"), cwd: this.#folder },
      { node: { monitorWindowMs: windowMs } },
    );
    await eventually(() => mesh.presence.list().length > agentCount, "every agent is here");
    const [times, faults]: [number[], Map<string, number>] = [[], new Map()];
    const early = new Map<string, number>();
    const settle = (atMs: number, seenMs: number): void => void times.push(Math.max(0, seenMs - atMs));
    const end = watching(mesh, (agent, status) => {
      const key = `${agent} ${status}`;
      const atMs = faults.get(key);
      if (atMs === undefined) early.set(key, systemClock.wallMs());
      else settle(atMs, systemClock.wallMs());
    });
    const done = new Promise<void>((resolve) => {
      const onMessage = (message: { fault?: string; status?: string; atMs?: number; done?: boolean }): void => {
        if (message.fault !== undefined) {
          const key = `${message.fault} ${message.status}`;
          const seenMs = early.get(key);
          faults.set(key, message.atMs ?? 0);
          if (seenMs !== undefined) settle(message.atMs ?? 0, seenMs);
        }
        if (message.done !== true) return;
        this.#crowd.off("message", onMessage);
        resolve();
      };
      this.#crowd.on("message", onMessage);
    });
    const beganCpu = cpuMs();
    this.#crowd.send({ faults: faultCount, durationMs, seed: this.#seed });
    await done;
    await sleep(systemClock, 500);
    const spent = cpuMs() - beganCpu;
    end();
    await mesh.leave({ flushMs: 0 });
    return { p95Ms: percentileOf(sorted(times), 0.95), cpuMs: spent, noticed: times.length };
  }
}

/** Moves the period until 95 of 100 faults are noticed within the aim. */
const tuned = async (
  measure: (periodMs: number) => Promise<Arm>,
  firstMs: number,
): Promise<{ readonly arm: Arm; readonly periodMs: number }> => {
  let periodMs = firstMs;
  let arm = await measure(periodMs);
  for (let tries = 0; tries < 2 && Math.abs(arm.p95Ms - aimMs) > aimMs / 10; tries += 1) {
    periodMs = Math.max(5, periodMs + (aimMs - arm.p95Ms));
    arm = await measure(periodMs);
  }
  return { arm, periodMs };
};

export const run = (say: (text: string) => void, durationMs = 20_000): Promise<readonly Figure[]> =>
  inTemporaryFolder("monitoring", async (folder) => {
    const relay = await startRelay(joinPath(folder, "relay"));
    const crowd = await startCrowd(relay.url, room, agentCount);
    const field = new Field(folder, relay.url, crowd);
    const idle = await field.run(notAtAll, durationMs, never);
    const events = await tuned((windowMs) => field.run(byEvents, durationMs, windowMs), 60);
    say(`by events: p95 ${Math.round(events.arm.p95Ms)} ms, window ${Math.round(events.periodMs)} ms`);
    const polling = await tuned((everyMs) => field.run(byPolling(everyMs), durationMs, never), 60);
    say(`by polling: p95 ${Math.round(polling.arm.p95Ms)} ms, every ${Math.round(polling.periodMs)} ms`);
    crowd.kill();
    await relay.stop();
    const [net, netPolling] = [events.arm, polling.arm].map((arm) => Math.max(0.001, arm.cpuMs - idle.cpuMs)) as [
      number,
      number,
    ];
    const saved = percentLess(net, netPolling);
    const isFair = [events.arm, polling.arm].every(({ p95Ms }) => Math.abs(p95Ms - aimMs) <= aimMs / 10);
    const isWhole = events.arm.noticed === faultCount && polling.arm.noticed === faultCount;
    const common = { package: "packages/mesh" } as const;
    return [
      {
        ...common,
        clause: "COORD-4a",
        what: `watching ${agentCount} agents by events, less processor time than by polling at equal detection`,
        figure: saved,
        unit: "%",
        target: 60,
        pass: saved >= 60 && isFair && isWhole,
        baseline: { what: "polling beyond the idle node, ms", figure: netPolling },
      },
      { ...common, what: "p95 of noticing a fault, by events", figure: events.arm.p95Ms, unit: "ms", target: aimMs },
      { ...common, what: "p95 of noticing a fault, by polling", figure: polling.arm.p95Ms, unit: "ms", target: aimMs },
      { ...common, what: "processor time of the idle node", figure: idle.cpuMs, unit: "ms" },
      {
        ...common,
        what: "processor time by events, whole",
        figure: events.arm.cpuMs,
        unit: "ms",
        baseline: { what: "by polling", figure: polling.arm.cpuMs },
      },
      {
        ...common,
        what: `faults noticed of ${faultCount}, by events`,
        figure: events.arm.noticed,
        unit: "",
        baseline: { what: "by polling", figure: polling.arm.noticed },
      },
    ];
  });
