/** Random histories against the oracle: many writers, stale reads, an unreliable network, queued writes, restarts, new incarnations. */

import { describe, expect, it } from "vitest";
import { World } from "./support/world.ts";

const seeds = Array.from({ length: 60 }, (_, at) => at + 1);
const steps = 150;

describe("random histories", () => {
  it.each(seeds)("[CTX-4a] [CTX-5a] [DOC-4] shows what the oracle shows, seed %i", (seed) => {
    const world = new World(seed);
    for (let step = 0; step < steps; step++) world.step();
    world.heal();
  });

  it("[CTX-4b] [DOC-12] writes nothing while taking in, over 20 histories", () => {
    let conflicts = 0;
    for (let seed = 1_000; seed < 1_020; seed++) {
      const world = new World(seed);
      for (let step = 0; step < steps; step++) world.step();
      world.heal();
      expect(world.mergeWrites).toBe(0);
      conflicts += world.conflictsSeen;
    }
    expect(conflicts).toBeGreaterThan(500);
  });
});
