/** Whole meshes under a virtual clock: seeds 101 to 200. Two files, so that two cores share the work. */

import { describe, expect, it } from "vitest";
import { range, runRange } from "./seeds-run.ts";

describe("simulation", () => {
  it("[CTX-4a] seeds 101–200: siblings equal the causal oracle, digests are equal after healing, nothing acknowledged is missing", async () => {
    const result = await runRange(range(101, 100));
    expect(result.failures).toEqual([]);
    // The run is worth something only if much happened in it.
    expect(result.writes).toBeGreaterThan(4_000);
    expect(result.acknowledged).toBeGreaterThan(1_000);
    expect(result.conflictsSeen).toBeGreaterThan(100);
  });
});
