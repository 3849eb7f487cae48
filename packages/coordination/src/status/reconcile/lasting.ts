/** Discrepancies over time: since when each stands, and which have stood long enough for an alert. Pure. */

import type { Finding } from "../../monitoring/health.ts";
import { agentKey } from "./validate.ts";
import type { Discrepancy, Verdict } from "./verdict.ts";

export interface LastingDiscrepancy extends Discrepancy {
  readonly agent: string;
  readonly sinceMs: number;
}

const keyOf = (agent: string, { code, source }: Discrepancy): string => `${agentKey(agent)} ${code} ${source}`;

/** One that goes and comes back begins anew. */
export const trackDiscrepancies = (
  before: readonly LastingDiscrepancy[],
  verdicts: readonly Verdict[],
  nowMs: number,
): readonly LastingDiscrepancy[] => {
  const since = new Map(before.map((found) => [keyOf(found.agent, found), found.sinceMs]));
  return verdicts.flatMap(({ agent, discrepancies }) =>
    discrepancies.map((found) => ({ ...found, agent, sinceMs: since.get(keyOf(agent, found)) ?? nowMs })),
  );
};

/** For `updateAlerts`, which raises each once and clears it once. */
export const lastingFindings = (
  tracked: readonly LastingDiscrepancy[],
  nowMs: number,
  alertMs: number,
): readonly Finding[] =>
  tracked
    .filter(({ sinceMs }) => nowMs - sinceMs >= alertMs)
    .map((found) => ({
      code: `status ${keyOf(found.agent, found)}`,
      severity: "warning",
      message: `${found.agent}: ${found.detail}`,
      hint: "See docs/runbook-status.md: find out who is right, then run `context-mesh reconcile FILE --apply`.",
    }));

/** When the next one becomes an alert, if any waits. */
export const nextAlertMs = (
  tracked: readonly LastingDiscrepancy[],
  nowMs: number,
  alertMs: number,
): number | undefined => {
  const due = tracked.map(({ sinceMs }) => sinceMs + alertMs).filter((ms) => ms > nowMs);
  return due.length === 0 ? undefined : Math.min(...due);
};
