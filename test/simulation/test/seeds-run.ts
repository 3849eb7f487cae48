/** Runs a range of seeds and reports violations in a form that says how to repeat them. */

import { runSeed } from "../src/run.ts";

export interface RangeResult {
  readonly failures: readonly string[];
  readonly writes: number;
  readonly acknowledged: number;
  readonly conflictsSeen: number;
}

export const runRange = async (seeds: readonly number[]): Promise<RangeResult> => {
  const failures: string[] = [];
  let [writes, acknowledged, conflictsSeen] = [0, 0, 0];
  for (const seed of seeds) {
    const report = await runSeed(seed);
    writes += report.stats.writes;
    acknowledged += report.stats.acknowledged;
    conflictsSeen += report.stats.conflictsSeen;
    for (const violation of report.violations.slice(0, 2)) {
      failures.push(`seed ${seed} at ${violation.atMs} ms: ${violation.what}: ${violation.detail}`);
    }
  }
  return { failures, writes, acknowledged, conflictsSeen };
};

export const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, at) => from + at);
