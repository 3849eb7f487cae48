/** A seed is a run: the same one gives the same run, and those that once failed stay with us. */

import { describe, expect, it } from "vitest";
import { runMany, violationsOf } from "../src/many.ts";
import { pinnedSeeds } from "../src/pinned.ts";
import { runSeed } from "../src/run.ts";

describe("replay", () => {
  it("[REL-5b] gives the same run for the same seed, and another one for another seed", async () => {
    const [once, again, other] = [await runSeed(7), await runSeed(7), await runSeed(8)];
    expect({ ...again, realMs: 0 }).toEqual({ ...once, realMs: 0 });
    expect(other.stats).not.toEqual(once.stats);
  });

  it("[REL-5b] passes every pinned seed", async () => {
    const report = await runMany(pinnedSeeds.map(([seed]) => seed));
    expect(violationsOf(report)).toEqual([]);
  });
});
