/** Nodes on a memory network with real relays: writes, merges, receipts. */

import { describe, expect, it } from "vitest";
import { World } from "./world.ts";

describe("nodes", () => {
  it("show each other's writes through a relay", async () => {
    const world = new World();
    await world.relay();
    const a = await world.node("a");
    const b = await world.node("b");
    await world.settle();
    const receipt = a.tasks.add({ id: "t1", title: "write tests" });
    expect(receipt.ok).toBe(true);
    expect(receipt.state).toBe("queued");
    await world.clock.waitFor(receipt.reached("durable"));
    expect(receipt.relays).toEqual(["ws://relay:7420"]);
    await world.settle();
    expect(b.tasks.get("t1")?.title).toBe("write tests");
    expect(new Set(world.digests()).size).toBe(1);
  });

  it("of a store that is one identity only append offline, and are proven once a relay has it", async () => {
    const world = new World();
    const relay = await world.relay();
    const store = Object.assign(world.disk().open(), { isOneOff: true });
    const tab = await world.node("tab", { store });
    await world.settle();
    expect(tab.status().relays.map(({ grant }) => grant)).toEqual(["write"]);
    relay.kill();
    expect(await world.clock.advanceUntil(() => !tab.status().connected, 60_000)).toBe(true);
    const receipt = tab.tasks.add({ id: "t1", title: "written offline" });
    expect([receipt.state, tab.status().queued.count, tab.status().connected]).toEqual(["queued", 0, false]);
    expect(tab.status().unconfirmed).toBeGreaterThan(0);
    await world.clock.waitFor(relay.start());
    await world.clock.waitFor(receipt.reached("durable"));
    expect(tab.status().unconfirmed).toBe(0);
  });
});
