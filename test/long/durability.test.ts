/** Hundreds of kills and power cuts: what was acknowledged is there, every time. Two meshes at once: strikes mostly wait. */

import { describe, expect, it } from "vitest";
import { underFire } from "../integration/support/under-fire.ts";

const seeds = ["1", "2"];

describe("durability", () => {
  it("[REL-1] 200 kills of relay and agents at random instants lose nothing acknowledged", async () => {
    const fires = await Promise.all(seeds.map((seed) => underFire("--kills", "100", "--seed", seed)));
    for (const { killed } of fires) {
      expect(killed?.lost).toEqual([]);
      expect(killed).toMatchObject({ kills: 100, unsentAtLeave: 0 });
      expect(killed?.acknowledged).toBeGreaterThan(5_000);
    }
  });

  it("[REL-2] 500 power cuts at write boundaries, compaction included, lose nothing promised", async () => {
    const fires = await Promise.all(seeds.map((seed) => underFire("--cuts", "250", "--seed", seed)));
    for (const { cut } of fires) {
      expect(cut?.failures).toEqual([]);
      expect(cut).toMatchObject({ cuts: 250, doubts: 0 });
    }
  });
});
