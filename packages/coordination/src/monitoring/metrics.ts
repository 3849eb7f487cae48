/** Sync metrics in the protocol description's terms, computed from the sync log when asked. */

import type { SyncRecord } from "@context-mesh/ports";
import type { SyncLevel, SyncMetrics as SyncMetricsBlock } from "@context-mesh/schema";
import { levelOr, levelsByRank } from "../levels/table.ts";

export interface SyncMetrics {
  readonly totalToday: number;
  readonly failuresToday: number;
  readonly averageMs: number | undefined;
  readonly fastestMs: number | undefined;
  readonly slowestMs: number | undefined;
  readonly p95Ms: number | undefined;
  readonly contextBytes: number;
  readonly compressionRatio: number | undefined;
  readonly byLevel: Readonly<Record<SyncLevel, number>>;
}

export interface MetricsInput {
  readonly records: readonly SyncRecord[];
  /** Wall clock, ms since 1970. */
  readonly nowMs: number;
  readonly contextBytes: number;
  /** Compressed size / size of the full state, where it was measured. */
  readonly compressionRatio: number | undefined;
}

const dayMs = 86_400_000;

/** Midnight UTC before `nowMs`. */
export const startOfDayMs = (nowMs: number): number => nowMs - (((nowMs % dayMs) + dayMs) % dayMs);

/** The smallest value that at least `share` of the sorted values do not exceed. */
export const percentile = (sorted: readonly number[], share: number): number | undefined =>
  sorted.length === 0 ? undefined : sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];

export const failed = (record: SyncRecord): boolean => record.result !== "ok";

export const syncMetrics = ({ records, nowMs, contextBytes, compressionRatio }: MetricsInput): SyncMetrics => {
  const from = startOfDayMs(nowMs);
  const today = records.filter((record) => record.at >= from && record.at <= nowMs);
  const times = today
    .filter((record) => !failed(record))
    .map((record) => record.durationMs)
    .sort((a, b) => a - b);
  const byLevel = Object.fromEntries(
    levelsByRank.map((level) => [level, today.filter((record) => levelOr(record.level) === level).length]),
  ) as Record<SyncLevel, number>;
  return {
    totalToday: today.length,
    failuresToday: today.filter(failed).length,
    averageMs: times.length === 0 ? undefined : times.reduce((sum, ms) => sum + ms, 0) / times.length,
    fastestMs: times[0],
    slowestMs: times.at(-1),
    p95Ms: percentile(times, 0.95),
    contextBytes,
    compressionRatio,
    byLevel,
  };
};

const duration = (ms: number | undefined): string =>
  ms === undefined ? "-" : ms < 1_000 ? `${Math.round(ms)}ms` : `${(ms / 1_000).toFixed(1)}s`;

const size = (bytes: number): string => {
  if (bytes < 1_000) return `${bytes}B`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)}KB` : `${(bytes / 1_000_000).toFixed(1)}MB`;
};

/** The `sync_metrics` block as the protocol's description prints it. */
export const metricsBlock = (metrics: SyncMetrics): SyncMetricsBlock => ({
  total_syncs_today: metrics.totalToday,
  average_sync_time: duration(metrics.averageMs),
  sync_failures: metrics.failuresToday,
  context_size: size(metrics.contextBytes),
  compression_ratio: Number((metrics.compressionRatio ?? 1).toFixed(2)),
  by_level: metrics.byLevel,
  performance: {
    fastest_sync: duration(metrics.fastestMs),
    slowest_sync: duration(metrics.slowestMs),
    p95_sync_time: duration(metrics.p95Ms),
  },
});
