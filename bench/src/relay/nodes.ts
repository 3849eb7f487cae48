/** A hundred clients of the subprotocol at work: how soon a write is seen, and how soon it is on disk beside the disk's own pace. */

import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { systemClock } from "@context-mesh/common";
import { encodeHello, subprotocol } from "@context-mesh/protocol";
import { readVarUint } from "./client.ts";
import { dismiss, gather, type Writer } from "./crowd.ts";
import type { BenchServer } from "./servers.ts";
import { Stopwatch, sendSteadily, until } from "./workloads.ts";

export interface NodesCost {
  readonly propagationMs: readonly number[];
  readonly ackMs: readonly number[];
  /** Acknowledgements of the second before, by a relay that has just started. */
  readonly firstSecondMs: readonly number[];
  /** Of the machine's own write and fdatasync, before and after, in the same run. */
  readonly fsyncMs: readonly number[];
  readonly unacknowledged: number;
  /** Of this process, which sends and receives: it shares the machine, and what comes while it is late is seen late. */
  readonly ownDelayP99Ms: number;
  readonly ownCpuShare: number;
}

const delayResolutionMs = 1;

/** A process that has just started compiles its code in its first second; that is told apart. */
const warmUpSeconds = 1;

/** How late this process's own loop is, and how busy it is, while the work runs. */
const watchingItself = async (
  work: () => Promise<unknown>,
): Promise<Pick<NodesCost, "ownDelayP99Ms" | "ownCpuShare">> => {
  const delay = monitorEventLoopDelay({ resolution: delayResolutionMs });
  const [startMs, startCpu] = [systemClock.monotonicMs(), process.cpuUsage()];
  delay.enable();
  await work();
  delay.disable();
  const { user, system } = process.cpuUsage(startCpu);
  const ownDelayP99Ms = Math.max(0, delay.percentile(99) / 1e6 - delayResolutionMs);
  return { ownDelayP99Ms, ownCpuShare: (user + system) / 1_000 / (systemClock.monotonicMs() - startMs) };
};

const fsyncTimes = (count: number): number[] => {
  const folder = mkdtempSync(join(tmpdir(), "context-mesh-fsync-"));
  const file = openSync(join(folder, "probe"), "w");
  const page = Buffer.alloc(4_096, 7);
  const times = Array.from({ length: count }, () => {
    const startMs = systemClock.monotonicMs();
    writeSync(file, page);
    fdatasyncSync(file);
    return systemClock.monotonicMs() - startMs;
  });
  closeSync(file);
  rmSync(folder, { recursive: true });
  return times;
};

/** Counts of sent updates against the acknowledgements of one connection, which name how many are on disk. */
class Acks {
  readonly times: number[] = [];
  readonly #sentMs: number[] = [];
  #acknowledged = 0;

  sent(): void {
    this.#sentMs.push(systemClock.monotonicMs());
  }

  get open(): number {
    return this.#sentMs.length - this.#acknowledged;
  }

  /** Forgets what was timed so far. */
  reset(): void {
    this.times.length = 0;
  }

  received(bytes: Buffer, from: number): void {
    if (bytes[from] !== 64) return;
    const [count] = readVarUint(bytes, from + 1);
    const nowMs = systemClock.monotonicMs();
    for (; this.#acknowledged < count; this.#acknowledged += 1) {
      this.times.push(nowMs - (this.#sentMs[this.#acknowledged] ?? nowMs));
    }
  }
}

export const nodes = async (
  server: BenchServer,
  options: { readonly count: number; readonly perSecond: number; readonly seconds: number },
): Promise<NodesCost> => {
  const fsyncMs = fsyncTimes(1_000);
  const watch = new Stopwatch();
  const acksByWriter = new Map<Writer, Acks>();
  const writers: Writer[] = [];
  for (let n = 0; n < options.count; n += 1) {
    const acks = new Acks();
    const isObserver = n === 0;
    const [writer] = await gather(server, {
      name: "nodes",
      rooms: 1,
      perRoom: 1,
      subprotocol,
      onMessage: ({ bytes, from }) => {
        acks.received(bytes, from);
        if (isObserver) watch.received(bytes, from);
      },
    });
    if (writer === undefined) continue;
    writer.client.send(writer.client.frame([...encodeHello({ v: 1, id: `n${n}`, role: "node", features: ["ack"] })]));
    acksByWriter.set(writer, acks);
    writers.push(writer);
  }
  const allAcks = [...acksByWriter.values()];
  const send = (seconds: number): Promise<number> =>
    sendSteadily(writers, { perSecond: options.perSecond, seconds }, (writer) => {
      watch.sent(writer);
      acksByWriter.get(writer)?.sent();
    });
  await send(warmUpSeconds);
  const firstSecondMs = allAcks.flatMap(({ times }) => times);
  for (const acks of allAcks) acks.reset();
  watch.latencies.length = 0;
  const own = await watchingItself(() => send(options.seconds));
  await until(() => allAcks.every(({ open }) => open === 0), 10_000);
  dismiss(writers);
  return {
    ...own,
    propagationMs: watch.latencies,
    firstSecondMs,
    ackMs: allAcks.flatMap(({ times }) => times),
    fsyncMs: [...fsyncMs, ...fsyncTimes(1_000)],
    unacknowledged: allAcks.reduce((sum, { open }) => sum + open, 0),
  };
};
