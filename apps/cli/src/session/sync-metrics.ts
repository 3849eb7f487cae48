/** Sync figures in the form of the synchronization protocol: durations and sizes as texts with their unit. */

/** What the status row holds of them; see `SyncMetricsView` of the library. */
export interface MetricsRow {
  readonly totalToday: number;
  readonly failuresToday: number;
  readonly averageMs?: number;
  readonly fastestMs?: number;
  readonly slowestMs?: number;
  readonly p95Ms?: number;
  readonly contextBytes: number;
  readonly compressionRatio?: number;
  readonly byLevel: Readonly<Record<string, number>>;
}

/** `45ms`, `1.2s`; nothing was measured: null. */
export const durationText = (ms: number | undefined): string | null => {
  if (ms === undefined) return null;
  return ms < 1_000 ? `${Math.round(ms)}ms` : `${(ms / 1_000).toFixed(1)}s`;
};

export const sizeText = (bytes: number): string => {
  if (bytes < 1_000) return `${bytes}B`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)}KB` : `${(bytes / 1_000_000).toFixed(1)}MB`;
};

export const protocolMetrics = (metrics: MetricsRow) => ({
  total_syncs_today: metrics.totalToday,
  average_sync_time: durationText(metrics.averageMs),
  sync_failures: metrics.failuresToday,
  context_size: sizeText(metrics.contextBytes),
  compression_ratio: metrics.compressionRatio ?? null,
  by_level: metrics.byLevel,
  performance: {
    fastest_sync: durationText(metrics.fastestMs),
    slowest_sync: durationText(metrics.slowestMs),
    p95_sync_time: durationText(metrics.p95Ms),
  },
});
