/** Whole meshes under a virtual clock: seeds 101 to 200. Two files, so that two cores share the work. */

import { describe, expect, it } from "vitest";
import { range, runMany, violationsOf } from "../src/many.ts";

describe("simulation", () => {
  it("[CTX-4a] [SYNC-8c] seeds 101–200: siblings equal the causal oracle, digests are equal after healing, nothing acknowledged is missing", async () => {
    const report = await runMany(range(101, 100));
    expect(violationsOf(report)).toEqual([]);
    // The run is worth something only if much happened in it.
    expect(report.stats.writes).toBeGreaterThan(4_000);
    expect(report.stats.acknowledged).toBeGreaterThan(1_000);
    expect(report.stats.conflictsSeen).toBeGreaterThan(100);
    expect([...report.states.values()].filter((count) => count > 0).length).toBeGreaterThanOrEqual(40);
  });
});
