/** A thousand whole meshes of sixty virtual seconds each, and what they have reached. */

import { describe, expect, it } from "vitest";
import { range, runMany, unreachedBy, violationsOf } from "../simulation/src/many.ts";

const seeds = 1_000;

describe("simulation", () => {
  it("[REL-5b] runs a thousand seeds without a violation, and reaches every interesting state ten times and more", async () => {
    const report = await runMany(range(1, seeds));
    process.stdout.write(`${report.seeds} seeds of ${Math.round(report.virtualMs / seeds / 1_000)} virtual seconds\n`);
    expect(violationsOf(report)).toEqual([]);
    expect(unreachedBy(report)).toEqual([]);
    expect(report.seeds).toBe(1_000);
    expect(report.virtualMs).toBeGreaterThanOrEqual(60_000 * seeds);
  });
});
