/** Conflicts settled in a mesh: by pattern, checked by the schema, by two agents at once, undone. */

import { describe, expect, it } from "vitest";
import { World } from "./world.ts";

const apart = async () => {
  const world = new World();
  await world.relay();
  const [a, b] = [await world.node("a"), await world.node("b")];
  a.tasks.add({ id: "t1", title: "First", priority: "low" });
  a.phase("design");
  await world.settle();
  return { world, a, b };
};

describe("mesh.conflicts.settle", () => {
  it("[COORD-7a] settles what a pattern fits as a recorded decision that can be undone, and leaves statements to people", async () => {
    const { world, a, b } = await apart();
    a.tasks.update("t1", { priority: "high" });
    b.tasks.update("t1", { priority: "critical" });
    a.phase("build it");
    b.phase("test it");
    await world.settle();
    const settled = await a.conflicts.settle();
    expect(settled.map(({ pattern, code }) => [pattern, code]).sort()).toEqual([
      ["priorities", "resolved"],
      ["statements", "kept_both"],
    ]);
    await world.settle();
    expect(b.tasks.get("t1")?.fields.priority).toBe("critical");
    expect(b.conflicts.list().map(({ path }) => path)).toEqual(["project_state.current_phase"]);
    expect(b.conflicts.records().filter(({ state }) => state === "resolved")).toHaveLength(1);
    expect(b.conflicts.undo("project_state.active_tasks[t1].priority").ok).toBe(true);
    await world.settle();
    expect(a.conflicts.list()).toHaveLength(2);
  });

  it("[COORD-7a] two agents that settle at once decide the same", async () => {
    const { world, a, b } = await apart();
    a.tasks.update("t1", { links: ["x", "y"] });
    b.tasks.update("t1", { links: ["y", "z"] });
    await world.settle();
    const both = await Promise.all([a.conflicts.settle(), b.conflicts.settle()]);
    expect(both[0]).toEqual(both[1]);
    await world.settle();
    for (const node of [a, b]) {
      expect(node.conflicts.list()).toEqual([]);
      expect(node.get("project_state.active_tasks[t1].links").value).toEqual(expect.arrayContaining(["x", "y", "z"]));
    }
    expect(new Set(world.digests()).size).toBe(1);
  });

  it("[COORD-7b] a value that the schema does not take is not written: both stay", async () => {
    const { world, a, b } = await apart();
    a.phase("build");
    b.phase("test");
    await world.settle();
    const [found] = await a.conflicts.settle({
      patterns: [{ name: "phase", strategy: "number", fits: ({ path }) => path.endsWith("current_phase") }],
      strategies: { number: () => ({ kind: "value", value: 7, reason: "why not" }) },
    });
    expect(found).toMatchObject({ code: "invalid_value" });
    expect(a.conflicts.list()).toHaveLength(1);
    expect(await a.conflicts.settle({ path: "technical_context" })).toEqual([]);
  });
});
