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
});
