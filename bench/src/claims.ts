/** 10,000 histories of claims under faults, in two processes: double ownership must be 0. Takes some minutes. */

import { reportOf } from "./program-report.ts";
import type { Figure } from "./result.ts";

const histories = 10_000;
const processes = 2;
/** One way, as the histories draw it. */
const latencyMsMax = 40;

interface Report {
  readonly histories: number;
  readonly violations: number;
  readonly granted: number;
  readonly acts: number;
  readonly restarts: number;
  readonly overlapMs: number;
}

const part = (at: number, say: (text: string) => void): Promise<Report> => {
  const share = histories / processes;
  const args = ["--histories", String(share), "--from", String(1 + at * share)];
  return reportOf<Report>({ program: "claims/dist/main.js", args, say });
};

export const run = async (say: (text: string) => void): Promise<readonly Figure[]> => {
  say(`${histories} histories`);
  const parts = await Promise.all(Array.from({ length: processes }, (_, at) => part(at, say)));
  const sum = (pick: (report: Report) => number): number => parts.reduce((all, report) => all + pick(report), 0);
  const violations = sum((report) => report.violations);
  const counted = `${sum(({ granted }) => granted)} claims, ${sum(({ acts }) => acts)} acts, ${sum(({ restarts }) => restarts)} restarts`;
  return [
    {
      clause: "OWN-2b",
      what: `double ownership or acts under a lower token in ${sum((report) => report.histories)} histories (${counted})`,
      figure: violations,
      unit: "violations",
      target: 0,
      pass: violations === 0 && sum((report) => report.histories) === histories,
      package: "coordination",
    },
    {
      what: "longest time that two tentative holders in reach of one relay overlapped",
      figure: Math.max(...parts.map(({ overlapMs }) => overlapMs)),
      unit: "ms",
      baseline: { what: "two message delays at most", figure: 2 * latencyMsMax },
      package: "coordination",
    },
  ];
};
