/** Sync figures on the wire of presence. */

import { expect, it } from "vitest";
import type { SyncMetricsView } from "../src/api/types.ts";
import { packSyncFigures, readSyncFigures } from "../src/presence/sync-figures.ts";

const metrics: SyncMetricsView = {
  totalToday: 45,
  failuresToday: 2,
  averageMs: 230,
  fastestMs: 45,
  slowestMs: 1_200,
  p95Ms: 450,
  contextBytes: 2_300_000,
  compressionRatio: 0.65,
  byLevel: { critical: 3, checkpoint: 15, periodic: 25, session: 2 },
};

it("come back as they went, also without a sync", () => {
  expect(readSyncFigures({ agent: "a", sync: packSyncFigures(metrics) })).toEqual({ agent: "a", metrics });
  const none = { ...metrics, averageMs: undefined, compressionRatio: undefined };
  expect(readSyncFigures({ agent: "a", sync: packSyncFigures(none) })?.metrics).toEqual(none);
  expect(JSON.stringify(packSyncFigures(metrics)).length).toBeLessThan(60);
});

it("are not read from states that hold something else", () => {
  for (const state of [
    null,
    {},
    { agent: "a" },
    { agent: 1, sync: packSyncFigures(metrics) },
    { agent: "a", sync: [1] },
  ]) {
    expect(readSyncFigures(state)).toBeUndefined();
  }
  expect(readSyncFigures({ agent: "a", sync: Array(12).fill("x") })).toBeUndefined();
});
