/** What servers are given to do, and what it costs them: processor seconds for deliveries. */

import { sleep, systemClock } from "@context-mesh/common";
import { presenceMessage, readVarUint } from "./client.ts";
import { delivered, dismiss, gather, nextFrame, type Writer } from "./crowd.ts";
import { type BenchServer, cpuSeconds } from "./servers.ts";

export interface Cost {
  readonly cpuSeconds: number;
  readonly wallMs: number;
  /** Updates (or presences) that reached a client; all that were due, or `isComplete` is false. */
  readonly deliveries: number;
  readonly isComplete: boolean;
  /** From send to receipt at one client, in ms, sorted. */
  readonly latencies: readonly number[];
}

const nowMs = (): number => systemClock.monotonicMs();

/** True once it is done, false after `timeoutMs`. */
export const until = async (isDone: () => boolean, timeoutMs: number): Promise<boolean> => {
  const endMs = nowMs() + timeoutMs;
  while (!isDone()) {
    if (nowMs() > endMs) return false;
    await sleep(systemClock, 2);
  }
  return true;
};

/** Until the server does next to nothing: what was left to be done is over. */
const atRest = async (server: BenchServer): Promise<void> => {
  const [stepMs, restCpuSeconds] = [500, 0.02];
  for (let steps = 0; steps < 20; steps += 1) {
    const before = cpuSeconds(server.pid);
    await sleep(systemClock, stepMs);
    if (cpuSeconds(server.pid) - before <= restCpuSeconds) return;
  }
};

/** What is put off until the load has passed (merging, saving) is counted too: `cpuSeconds` run until the server is at rest. */
const costOf = async (
  server: BenchServer,
  work: () => Promise<{ deliveries: number; isComplete: boolean }>,
  latencies: number[] = [],
): Promise<Cost> => {
  const [startCpu, startMs] = [cpuSeconds(server.pid), nowMs()];
  const { deliveries, isComplete } = await work();
  const wallMs = nowMs() - startMs;
  await atRest(server);
  const cost = { cpuSeconds: cpuSeconds(server.pid) - startCpu, wallMs };
  return { ...cost, deliveries, isComplete, latencies: latencies.sort((a, b) => a - b) };
};

/** Notes when each update was sent and when one client received it. Merged updates are skipped. */
export class Stopwatch {
  readonly latencies: number[] = [];
  readonly #sentMs = new Map<string, number>();

  sent({ id, clock }: Writer): void {
    this.#sentMs.set(`${id} ${clock}`, nowMs());
  }

  received(bytes: Buffer, from: number): void {
    if (bytes[from] !== 0 || bytes[from + 1] !== 2) return;
    const [, start] = readVarUint(bytes, from + 2);
    if (bytes[start] !== 1 || bytes[start + 1] !== 1) return;
    const [id, next] = readVarUint(bytes, start + 2);
    const [clock] = readVarUint(bytes, next);
    const sentMs = this.#sentMs.get(`${id} ${clock}`);
    if (sentMs !== undefined) this.latencies.push(nowMs() - sentMs);
  }
}

/** Sends at a steady rate over all writers in turn. */
export const sendSteadily = async (
  writers: readonly Writer[],
  rate: { readonly perSecond: number; readonly seconds: number },
  onSend: (writer: Writer) => void = () => {},
): Promise<number> => {
  const startMs = nowMs();
  const total = rate.perSecond * rate.seconds;
  let sent = 0;
  while (sent < total) {
    const due = Math.min(total, Math.floor(((nowMs() - startMs) / 1_000) * rate.perSecond));
    for (; sent < due; sent += 1) {
      const writer = writers[sent % writers.length] as Writer;
      onSend(writer);
      writer.client.send(nextFrame(writer));
    }
    await sleep(systemClock, 1);
  }
  return total;
};

export interface SteadyOptions {
  readonly name: string;
  readonly rooms: number;
  readonly perRoom: number;
  readonly perSecond: number;
  readonly seconds: number;
}

export const steady = async (server: BenchServer, options: SteadyOptions): Promise<Cost> => {
  const watch = new Stopwatch();
  const writers = await gather(server, options);
  const observers = await gather(server, {
    name: options.name,
    rooms: 1,
    perRoom: 1,
    onMessage: ({ bytes, from }) => watch.received(bytes, from),
  });
  const cost = await costOf(
    server,
    async () => {
      const sent = await sendSteadily(writers, options, (writer) => watch.sent(writer));
      const due = sent * (options.perRoom - 1);
      const isComplete = await until(() => delivered(writers) >= due, 30_000);
      return { deliveries: delivered(writers), isComplete };
    },
    watch.latencies,
  );
  dismiss([...writers, ...observers]);
  return cost;
};

/**
 * What any server that has run for a few seconds has behind it: its code compiled. Every server is given the same, in a
 * room of its own; otherwise a workload of one second measures the compiler.
 */
export const warmUp = async (server: BenchServer): Promise<void> => {
  await flood(server, { name: "warm", clients: 20, burst: 60, rounds: 8 });
  await steady(server, { name: "warm-steady", rooms: 100, perRoom: 4, perSecond: 4_000, seconds: 1.5 });
  await atRest(server);
};

/** Every client writes a burst in one go; the next round begins when everybody has everything. */
export const flood = async (
  server: BenchServer,
  options: { readonly name: string; readonly clients: number; readonly burst: number; readonly rounds: number },
): Promise<Cost> => {
  const { name, clients, burst, rounds } = options;
  const writers = await gather(server, { name, rooms: 1, perRoom: clients });
  const cost = await costOf(server, async () => {
    let isComplete = true;
    for (let round = 1; round <= rounds && isComplete; round += 1) {
      for (const writer of writers) {
        writer.client.send(Buffer.concat(Array.from({ length: burst }, () => nextFrame(writer))));
      }
      isComplete = await until(() => delivered(writers) >= round * burst * clients * (clients - 1), 60_000);
    }
    return { deliveries: delivered(writers), isComplete };
  });
  dismiss(writers);
  return cost;
};

/** Until nothing more comes: a server that is behind with its deliveries has to make them. */
const settled = async (counted: () => number): Promise<void> => {
  let last = -1;
  while (counted() !== last) {
    last = counted();
    await sleep(systemClock, 500);
  }
};

/** Everybody renews its presence once a second. */
export const presence = async (
  server: BenchServer,
  options: { readonly clients: number; readonly seconds: number },
): Promise<Cost> => {
  const { clients, seconds } = options;
  const writers = await gather(server, { name: "presence", rooms: 1, perRoom: clients });
  const counted = (): number => writers.reduce((sum, { client }) => sum + client.presences, 0);
  const cost = await costOf(server, async () => {
    const startMs = nowMs();
    for (let sent = 0; sent < clients * seconds; ) {
      const due = Math.min(clients * seconds, Math.floor(((nowMs() - startMs) / 1_000) * clients));
      for (; sent < due; sent += 1) {
        const writer = writers[sent % clients] as Writer;
        writer.clock += 1;
        const state = { agent: `agent-${writer.id}`, status: "working", task: "task-12" };
        writer.client.send(writer.client.frame(presenceMessage(writer.id, writer.clock, state)));
      }
      await sleep(systemClock, 1);
    }
    await settled(counted);
    return { deliveries: counted(), isComplete: true };
  });
  dismiss(writers);
  return cost;
};
