/** Hundreds of kills, and a power cut at every write boundary: what was acknowledged is there, every time. */

import { describe, expect, it } from "vitest";
import { underFire } from "../integration/support/under-fire.ts";

describe("durability", () => {
  it("[REL-1] 200 kills of relays and agents at random instants lose nothing acknowledged", async () => {
    const { killed } = await underFire(["--kills", "200"], process.stderr);
    expect(killed?.lost).toEqual([]);
    expect(killed).toMatchObject({ kills: 200, unsentAtLeave: 0 });
    expect(killed?.acknowledged).toBeGreaterThan(5_000);
    expect(killed?.bulkAcknowledged).toBeGreaterThan(20_000);
    expect(killed?.compactions).toBeGreaterThan(5);
  });

  it("[REL-2] a power cut at every write boundary, compaction included, loses nothing promised", async () => {
    const { cut } = await underFire(["--cuts", "4000"], process.stderr);
    expect(cut?.failures).toEqual([]);
    expect(cut).toMatchObject({ cuts: 4_000, doubts: 0 });
    expect(cut?.boundaries).toBeLessThan(4_000);
  });
});
