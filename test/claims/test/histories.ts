/** Histories in the test runner, all of whose findings are shown. */

import { expect } from "vitest";
import { type HistoryReport, runHistory } from "../src/history.ts";

/** Seeds `from` to `to`. Enough must have happened for the run to mean anything. */
export const expectSoundHistories = async (from: number, to: number): Promise<void> => {
  const reports: HistoryReport[] = [];
  for (let seed = from; seed <= to; seed++) reports.push(await runHistory(seed));
  const violations = reports.flatMap(({ seed, violations }) => violations.map((what) => `seed ${seed}: ${what}`));
  expect(violations).toEqual([]);
  const sum = (pick: (report: HistoryReport) => number) => reports.reduce((all, report) => all + pick(report), 0);
  expect(sum(({ granted }) => granted)).toBeGreaterThan(2 * reports.length);
  expect(sum(({ acts }) => acts)).toBeGreaterThan(reports.length);
  expect(sum(({ restarts }) => restarts)).toBeGreaterThan(reports.length / 4);
};
