/** Alerts that stand: each is raised once when its finding appears and cleared once when it is gone. Pure, time as argument. */

import type { Finding } from "./health.ts";

export interface Alert extends Finding {
  /** Wall clock when it was raised. */
  readonly since: number;
}

export interface AlertChange {
  readonly alerts: readonly Alert[];
  readonly raised: readonly Alert[];
  readonly cleared: readonly Alert[];
}

export const updateAlerts = (standing: readonly Alert[], findings: readonly Finding[], nowMs: number): AlertChange => {
  const sinceByCode = new Map(standing.map((alert) => [alert.code, alert.since]));
  const alerts = findings.map((finding) => ({ ...finding, since: sinceByCode.get(finding.code) ?? nowMs }));
  const codes = new Set(findings.map((finding) => finding.code));
  return {
    alerts,
    raised: alerts.filter((alert) => !sinceByCode.has(alert.code)),
    cleared: standing.filter((alert) => !codes.has(alert.code)),
  };
};
