/**
 * Loaded into a relay's process before its program (`node --import`): measures how long its event loop stands still, and
 * answers questions over the IPC channel. Time that the kernel gave to others does not count, so a busy machine is no stall.
 */

import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { getHeapCodeStatistics } from "node:v8";

export interface LoopReport {
  /** Longest time in ms that one turn kept the loop, since the last reset. */
  readonly stallMs: number;
  /** The same in processor time of the loop's thread: what is left of a stall on a machine whose cores are all busy. */
  readonly busyMs: number;
  readonly heapBytes: number;
  /** Of the heap, what V8 compiled and what it notes about that: it grows for as long as functions get hot. */
  readonly codeBytes: number;
  readonly rssBytes: number;
  /** What keeps the loop alive, by kind. */
  readonly resources: Readonly<Record<string, number>>;
}

/** `report` collects garbage first, so that the heap is what is in use. */
export type LoopQuestion = "report" | "reset";

const tickMs = 4;
const scheduleFile = `/proc/self/task/${process.pid}/schedstat`;

interface Moment {
  readonly atMs: number;
  /** Ms that the thread ran, and ms that it was ready to run and another ran instead. */
  readonly ranMs: number;
  readonly waitedMs: number;
}

const moment = (): Moment => {
  const atMs = performance.now();
  try {
    const [ran, waited] = readFileSync(scheduleFile, "utf8").split(" ");
    return { atMs, ranMs: Number(ran) / 1e6, waitedMs: Number(waited) / 1e6 };
  } catch {
    // Without the kernel's figures the wall clock has to do.
    return { atMs, ranMs: atMs, waitedMs: 0 };
  }
};

let stallMs = 0;
let busyMs = 0;
let last = moment();
const tick = (): void => {
  const now = moment();
  stallMs = Math.max(stallMs, now.atMs - last.atMs - tickMs - (now.waitedMs - last.waitedMs));
  busyMs = Math.max(busyMs, now.ranMs - last.ranMs - tickMs);
  last = now;
};

const reset = (): void => {
  stallMs = 0;
  busyMs = 0;
  last = moment();
};

const report = (): LoopReport => {
  tick();
  const measured = { stallMs, busyMs };
  globalThis.gc?.();
  globalThis.gc?.();
  reset();
  ({ stallMs, busyMs } = measured);
  const { heapUsed, external, rss } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  const { code_and_metadata_size, bytecode_and_metadata_size } = getHeapCodeStatistics();
  const codeBytes = code_and_metadata_size + bytecode_and_metadata_size;
  return { ...measured, heapBytes: heapUsed + external, codeBytes, rssBytes: rss, resources };
};

setInterval(tick, tickMs).unref();
process.on("message", (question: LoopQuestion) => {
  if (question === "reset") reset();
  process.send?.(report());
});
process.channel?.unref();
