/** A few kills and power cuts; `npm run test:long` does hundreds. */

import { describe, expect, it } from "vitest";
import { underFire } from "./support/under-fire.ts";

describe("kills and power cuts", () => {
  it("[NODE-4a] relay and agents killed with -9 under load have on their disks everything they acknowledged", async () => {
    const { killed } = await underFire(["--kills", "4", "--agents", "2", "--meshes", "1", "--seed", "3"]);
    expect(killed?.lost).toEqual([]);
    expect(killed).toMatchObject({ kills: 4, unsentAtLeave: 0 });
    expect(killed?.acknowledged).toBeGreaterThan(25);
    expect(killed?.bulkAcknowledged).toBeGreaterThan(200);
    expect(Math.min(killed?.relayKills ?? 0, killed?.agentKills ?? 0)).toBeGreaterThan(0);
  }, 120_000);

  it("[NODE-4a] [REL-2] stores that lose their power at a write boundary open again with everything they promised", async () => {
    const { cut } = await underFire(["--cuts", "40"]);
    expect(cut?.failures).toEqual([]);
    expect(cut).toMatchObject({ cuts: 40, doubts: 0 });
    expect(cut?.boundaries).toBeGreaterThan(1_000);
    expect(cut?.promises).toBeGreaterThan(200);
  }, 120_000);
});
