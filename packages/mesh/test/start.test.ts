/** How a node starts: at once or in turn, and never waiting for the network. */

import { describe, expect, it } from "vitest";
import { World } from "./world.ts";

describe("start of a node", () => {
  it.each(["parallel", "serial"] as const)(
    "[COO-93] reaches every relay, %s, without keeping start waiting",
    async (startMode) => {
      const world = new World();
      for (const name of ["r1", "r2", "r3"]) await world.relay(name);
      world.relays[1]?.kill();
      const node = await world.node("a", { startMode });
      const dialled = () => node.core.links.filter((link) => link.state.name !== "idle").length;
      expect(dialled()).toBe(startMode === "parallel" ? 3 : 1);
      await world.clock.advanceUntil(() => node.core.links.filter((link) => link.isLive).length === 2, 60_000);
      expect(node.core.links.map((link) => link.isLive)).toEqual([true, false, true]);
      await world.leave(node);
      expect(node.core.links.map((link) => link.state.name)).toEqual(["stopped", "stopped", "stopped"]);
    },
  );
});
