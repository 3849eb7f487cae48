/** Hundreds of kills and power cuts: what was acknowledged is there, every time. */

import { describe, expect, it } from "vitest";
import { underFire } from "../integration/support/under-fire.ts";

describe("durability", () => {
  it("[REL-1] 200 kills of relay and agents at random instants lose nothing acknowledged", async () => {
    const { killed } = await underFire("--kills", "200", "--seed", "1");
    expect(killed?.lost).toEqual([]);
    expect(killed).toMatchObject({ kills: 200, unsentAtLeave: 0 });
    expect(killed?.acknowledged).toBeGreaterThan(10_000);
  });

  it("[REL-2] 500 power cuts at write boundaries, compaction included, lose nothing promised", async () => {
    const { cut } = await underFire("--cuts", "500", "--seed", "2");
    expect(cut?.failures).toEqual([]);
    expect(cut).toMatchObject({ cuts: 500, doubts: 0 });
  });
});
