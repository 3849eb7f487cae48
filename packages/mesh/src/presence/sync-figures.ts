/**
 * Sync figures as presence carries them, so that whoever hosts a relay can show them: a short list of whole numbers, since
 * it goes out with every renewal. Order: syncs today, failures today, average, fastest, slowest, p95 (ms, -1 without a
 * sync), bytes of the context, compression ratio in per mille (-1 unknown), then critical, checkpoint, periodic, session.
 */

import { isJsonObject, type JsonValue } from "@context-mesh/common";
import type { SyncMetricsView } from "../api/types.ts";

export const syncFiguresField = "sync";

const unknown = -1;
const count = 12;

const whole = (value: number | undefined, factor = 1): number =>
  value === undefined ? unknown : Math.round(value * factor);

export const packSyncFigures = (metrics: SyncMetricsView): readonly number[] => {
  const { byLevel } = metrics;
  return [
    metrics.totalToday,
    metrics.failuresToday,
    whole(metrics.averageMs),
    whole(metrics.fastestMs),
    whole(metrics.slowestMs),
    whole(metrics.p95Ms),
    metrics.contextBytes,
    whole(metrics.compressionRatio, 1_000),
    byLevel.critical,
    byLevel.checkpoint,
    byLevel.periodic,
    byLevel.session,
  ];
};

const known = (value: number, divisor = 1): number | undefined => (value < 0 ? undefined : value / divisor);

/** The figures in one presence state; undefined where it has none, or not in this form. */
export const readSyncFigures = (
  state: JsonValue,
): { readonly agent: string; readonly metrics: SyncMetricsView } | undefined => {
  if (!isJsonObject(state) || typeof state.agent !== "string") return undefined;
  const list = state[syncFiguresField];
  if (!Array.isArray(list) || list.length < count || !list.every((item) => Number.isSafeInteger(item)))
    return undefined;
  const at = (position: number): number => (list as readonly number[])[position] ?? unknown;
  const metrics: SyncMetricsView = {
    totalToday: at(0),
    failuresToday: at(1),
    averageMs: known(at(2)),
    fastestMs: known(at(3)),
    slowestMs: known(at(4)),
    p95Ms: known(at(5)),
    contextBytes: at(6),
    compressionRatio: known(at(7), 1_000),
    byLevel: { critical: at(8), checkpoint: at(9), periodic: at(10), session: at(11) },
  };
  return { agent: state.agent, metrics };
};
