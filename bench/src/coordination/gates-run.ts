/**
 * Measures for the quality gates: our mesh with two relays and a plain y-websocket room, the same work and the same fault:
 * the link to the first server is cut for three fifths of the time.
 */

import { join as joinPath } from "node:path";
import { sleep, systemClock } from "@context-mesh/common";
import { join, type Mesh } from "context-mesh";
import { WebSocket } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { startServer } from "../relay/servers.ts";
import { startRelay } from "../relay-process.ts";
import { FaultProxy } from "./fault-proxy.ts";
import type { GateMeasures } from "./gate-rules.ts";
import { inTemporaryFolder, mean, nowMs, percentileOf, sorted } from "./measure.ts";

const upMs = 400;
const downMs = 600;
const writeEveryMs = 20;
/** What the plan allows a synchronization. */
const deadlineMs = 50;
/** A late one counts with this time at most, on both sides. */
const latestMs = 5_000;

/** One side of a comparison: write here, see there. */
interface Room {
  write(id: string): void;
  onSeen(seen: (id: string) => void): void;
}

interface Work {
  readonly times: readonly number[];
  readonly costs: readonly number[];
  readonly total: number;
  readonly tookMs: number;
  readonly arrived: number;
}

class Watch {
  readonly times = new Map<string, number>();
  readonly #began = new Map<string, number>();
  readonly costs: number[] = [];
  readonly #room: Room;

  constructor(room: Room) {
    this.#room = room;
    room.onSeen((id) => {
      const beganMs = this.#began.get(id);
      if (beganMs !== undefined && !this.times.has(id)) this.times.set(id, nowMs() - beganMs);
    });
  }

  write(id: string): void {
    const beganMs = nowMs();
    this.#began.set(id, beganMs);
    this.#room.write(id);
    this.costs.push(nowMs() - beganMs);
  }

  /** By the clock and not by pauses: both sides are offered the same, whatever a write costs its caller. */
  async work(name: string, durationMs: number): Promise<Work> {
    const beganMs = nowMs();
    const ids = Array.from({ length: Math.ceil(durationMs / writeEveryMs) }, (_, n) => `${name}-${n}`);
    for (const [n, id] of ids.entries()) {
      await sleep(systemClock, Math.max(0, beganMs + n * writeEveryMs - nowMs()));
      this.write(id);
    }
    const tookMs = nowMs() - beganMs;
    const lastMs = nowMs() + latestMs;
    while (ids.some((id) => !this.times.has(id)) && nowMs() < lastMs) await sleep(systemClock, 10);
    const arrived = ids.filter((id) => this.times.has(id)).length;
    const times = ids.map((id) => Math.min(latestMs, this.times.get(id) ?? latestMs));
    return { times: sorted(times), costs: sorted(this.costs), total: ids.length, tookMs, arrived };
  }
}

/** Cuts and restores by the clock until told to stop; the link is whole in the end. */
const injectFaults = (proxy: FaultProxy): (() => Promise<void>) => {
  const end = new AbortController();
  const run = async (): Promise<void> => {
    while (!end.signal.aborted) {
      await sleep(systemClock, upMs);
      if (end.signal.aborted) break;
      proxy.cut();
      await sleep(systemClock, downMs);
      proxy.restore();
    }
  };
  const running = run();
  return () => {
    end.abort();
    return running;
  };
};

const inTime = ({ times }: Work): number => times.filter((ms) => ms <= deadlineMs).length;

const meshRoom = (a: Mesh, b: Mesh): Room => ({
  write: (id) => void a.tasks.add({ id, title: id }),
  onSeen: (seen) =>
    void b.on("change", ({ keys }) => {
      for (const key of keys) if (key.startsWith("t/")) seen(key.split("/")[1] as string);
    }),
});

type Ours = Omit<GateMeasures, "before">;

const measureOurs = async (folder: string, durationMs: number): Promise<Ours> => {
  const [first, second] = [await startRelay(joinPath(folder, "r1")), await startRelay(joinPath(folder, "r2"))];
  const proxy = new FaultProxy(first.port);
  const relays = [await proxy.listen(), second.url];
  const enter = (agent: string): Promise<Mesh> =>
    join({ room: "gates", agent, relays, storage: joinPath(folder, agent), cwd: folder });
  const [a, b] = [await enter("a"), await enter("b")];
  await Promise.all([a.sync(), b.sync()]);
  let operations = 0;
  const room = meshRoom(a, b);
  const watch = new Watch({
    ...room,
    write: (id) => {
      operations += 1;
      room.write(id);
    },
  });
  const calm = await watch.work("calm", durationMs / 2);
  const stopFaults = injectFaults(proxy);
  const stormy = await watch.work("stormy", durationMs);
  await stopFaults();
  await Promise.all([a.sync({ full: true }), b.sync({ full: true })]);
  const measured = a.monitor.figures().metrics["task.add"]?.count ?? 0;
  const isEqual = a.status().digest === b.status().digest;
  await a.leave({ flushMs: 0 });
  await b.leave({ flushMs: 0 });
  proxy.close();
  await Promise.all([first.stop(), second.stop()]);
  return {
    latencyP99Ms: percentileOf(calm.times, 0.99),
    overheadP99Ms: percentileOf(stormy.costs, 0.99),
    success: inTime(stormy) / stormy.total,
    recovered: stormy.arrived / stormy.total,
    measured: measured / operations,
    consistent: isEqual ? 1 : 0.5,
    responseMeanMs: mean(stormy.times),
    inTimePerSecond: (inTime(stormy) / stormy.tookMs) * 1_000,
  };
};

const measurePlain = async (folder: string, durationMs: number): Promise<GateMeasures["before"]> => {
  const server = await startServer("y-websocket", folder, "");
  const proxy = new FaultProxy(server.port);
  const url = await proxy.listen();
  const enter = () => {
    const doc = new Y.Doc();
    const options = { WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket, disableBc: true };
    return { doc, provider: new WebsocketProvider(url, "gates", doc, options) };
  };
  const [a, b] = [enter(), enter()];
  await Promise.all([a, b].map(({ provider }) => new Promise((resolve) => provider.once("sync", resolve))));
  const map = b.doc.getMap("tasks");
  const watch = new Watch({
    write: (id) => void a.doc.getMap("tasks").set(id, { title: id }),
    onSeen: (seen) =>
      map.observe(({ keysChanged }) => {
        for (const id of keysChanged) seen(id);
      }),
  });
  const stopFaults = injectFaults(proxy);
  const stormy = await watch.work("stormy", durationMs);
  await stopFaults();
  for (const { provider, doc } of [a, b]) {
    provider.destroy();
    doc.destroy();
  }
  proxy.close();
  await server.stop();
  return {
    success: inTime(stormy) / stormy.total,
    responseMeanMs: mean(stormy.times),
    inTimePerSecond: (inTime(stormy) / stormy.tookMs) * 1_000,
  };
};

export const measureGates = (durationMs: number, say: (text: string) => void): Promise<GateMeasures> =>
  inTemporaryFolder("gates", async (folder) => {
    const before = await measurePlain(folder, durationMs);
    say(`plain room: ${Math.round(before.success * 100)} % in time, ${Math.round(before.responseMeanMs)} ms`);
    const ours = await measureOurs(folder, durationMs);
    say(`this mesh: ${Math.round(ours.success * 100)} % in time, ${Math.round(ours.responseMeanMs)} ms`);
    return { ...ours, before };
  });
