/** Small measures that the coordination benchmarks share. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { sleep, systemClock } from "@context-mesh/common";

export const nowMs = (): number => systemClock.monotonicMs();

export const timed = async (act: () => Promise<unknown> | unknown): Promise<number> => {
  const beganMs = nowMs();
  await act();
  return nowMs() - beganMs;
};

export const sorted = (values: readonly number[]): readonly number[] => [...values].sort((a, b) => a - b);

/** Of sorted values. */
export const percentileOf = (values: readonly number[], share: number): number =>
  values[Math.max(0, Math.ceil(values.length * share) - 1)] ?? Number.NaN;

export const median = (values: readonly number[]): number => percentileOf(sorted(values), 0.5);
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Looks every few milliseconds; for ends that nothing announces. */
export const eventually = async (isDone: () => boolean, what: string, maxMs = 60_000): Promise<void> => {
  const deadlineMs = nowMs() + maxMs;
  while (!isDone()) {
    if (nowMs() > deadlineMs) throw new Error(`not within ${maxMs} ms: ${what}`);
    await sleep(systemClock, 2);
  }
};

export const inTemporaryFolder = async <T>(name: string, act: (folder: string) => Promise<T>): Promise<T> => {
  const folder = mkdtempSync(joinPath(tmpdir(), `context-mesh-${name}-`));
  try {
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
};

export const percentLess = (value: number, baseline: number): number => (1 - value / baseline) * 100;
