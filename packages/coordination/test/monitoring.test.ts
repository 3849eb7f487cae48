/** Metrics from the sync log, health from a sample, alerts that are raised and cleared once. */

import { syncMetricsSchema } from "@context-mesh/schema";
import { describe, expect, it } from "vitest";
import {
  defaultHealthThresholds,
  evaluateHealth,
  type HealthSample,
  healthChecks,
  metricsBlock,
  syncMetrics,
  updateAlerts,
} from "../src/index.ts";

const noon = Date.UTC(2026, 2, 3, 12);
const record = (at: number, level: string, durationMs: number, result = "ok") => ({
  at,
  agent: "a",
  operation: "push",
  level,
  bytes: 10,
  durationMs,
  result,
  detail: "",
});

const well: HealthSample = {
  oldestQueuedMs: 0,
  queuedBytes: 0,
  unreachableMs: 0,
  storeBytes: 1_000,
  storeProblems: [],
  contextBytes: 1_000,
  conflictsLastHour: 0,
  conflictsOpen: 0,
  p95SyncMs: 20,
  failureShare: 0,
  integrityEvents: 0,
};

describe("metrics", () => {
  it("[SYNC-13] counts today's syncs, times, failures and levels", () => {
    const records = [
      record(noon - 86_400_000, "critical", 9_999),
      ...Array.from({ length: 19 }, (_, at) => record(noon - at, "periodic", 10 + at)),
      record(noon - 100, "critical", 400),
      record(noon - 200, "session", 5, "relay_unreachable"),
    ];
    const metrics = syncMetrics({ records, nowMs: noon, contextBytes: 2_300_000, compressionRatio: 0.654 });
    expect(metrics).toMatchObject({ totalToday: 21, failuresToday: 1, fastestMs: 10, slowestMs: 400, p95Ms: 28 });
    expect(metrics.byLevel).toEqual({ critical: 1, checkpoint: 0, periodic: 19, session: 1 });
    const block = metricsBlock(metrics);
    expect(syncMetricsSchema.parse(block)).toMatchObject({
      total_syncs_today: 21,
      sync_failures: 1,
      context_size: "2.3MB",
      compression_ratio: 0.65,
      performance: { fastest_sync: "10ms", slowest_sync: "400ms", p95_sync_time: "28ms" },
    });
  });

  it("has a form for a day without syncs", () => {
    const block = metricsBlock(
      syncMetrics({ records: [], nowMs: noon, contextBytes: 12, compressionRatio: undefined }),
    );
    expect(syncMetricsSchema.parse(block)).toMatchObject({ average_sync_time: "-", context_size: "12B" });
  });
});

describe("health", () => {
  it("finds nothing while all is well", () => {
    expect(evaluateHealth(well, defaultHealthThresholds)).toEqual([]);
  });

  const cases: readonly [string, Partial<HealthSample>][] = [
    ["persistent_failure", { unreachableMs: 300_000 }],
    ["outbox_old", { oldestQueuedMs: 3_600_000 }],
    ["outbox_large", { queuedBytes: 2 ** 25 }],
    ["storage_large", { storeBytes: 2 ** 31 }],
    ["context_large", { contextBytes: 3 * 2 ** 20 }],
    ["conflicts_frequent", { conflictsLastHour: 20 }],
    ["sync_slow", { p95SyncMs: 6_000 }],
    ["sync_failing", { failureShare: 0.5 }],
    ["integrity", { integrityEvents: 1 }],
    ["integrity", { storeProblems: ["record 7 fails its checksum"] }],
  ];
  it.each(cases)("[SYNC-14] reports %s for %o", (code, part) => {
    const findings = evaluateHealth({ ...well, ...part }, defaultHealthThresholds);
    expect(findings.map((finding) => finding.code)).toEqual([code]);
    expect(findings[0]?.hint.length).toBeGreaterThan(10);
    expect(cases.map(([name]) => name)).toEqual(expect.arrayContaining(healthChecks.map((check) => check.code)));
  });

  it("[SYNC-14] raises an alert once, and clears it once", () => {
    const finding = evaluateHealth({ ...well, unreachableMs: 400_000 }, defaultHealthThresholds);
    const first = updateAlerts([], finding, 10);
    expect(first.raised).toMatchObject([{ code: "persistent_failure", since: 10 }]);
    const second = updateAlerts(first.alerts, finding, 20);
    expect(second.raised).toEqual([]);
    expect(second.alerts[0]?.since).toBe(10);
    const third = updateAlerts(second.alerts, [], 30);
    expect(third).toMatchObject({ alerts: [], raised: [], cleared: [{ code: "persistent_failure" }] });
  });
});
