/** Going back: to any earlier point, a section or everything, while others edit; verified; and back again. */

import { describe, expect, it } from "vitest";
import { World } from "./world.ts";

const pair = async () => {
  const world = new World();
  await world.relay();
  const [a, b] = [await world.node("a"), await world.node("b")];
  await world.settle();
  return { world, a, b };
};

const step = async (world: World): Promise<number> => {
  await world.settle();
  await world.clock.advance(1_000);
  return world.clock.wallMs();
};

describe("rollback", () => {
  it("[COORD-8a] to a time restores everything as new, attributed writes of this agent, with a snapshot before, verified", async () => {
    const { world, a, b } = await pair();
    b.tasks.add({ id: "t1", title: "First" });
    b.phase("design");
    const before = a.export();
    const then = await step(world);
    const former = a.export();
    b.phase("build");
    b.tasks.done("t1");
    b.tasks.add({ id: "t2", title: "Second" });
    await step(world);
    const present = a.export();
    const report = a.rollback({ to: then, reason: "the build broke" });
    expect(report).toMatchObject({ ok: true, verified: true, differences: [] });
    await world.settle();
    expect(b.export()).toEqual(former);
    expect(b.export()).not.toEqual(before);
    const [newest] = b.history({ last: 1, path: "project_state.current_phase" });
    expect(newest).toMatchObject({ agent: "a", value: "design", previous: "build" });
    // Restoring the restore.
    const back = a.rollback({ to: { snapshot: report.snapshot?.id ?? "" } });
    expect(back).toMatchObject({ ok: true, verified: true });
    await world.settle();
    expect(b.export()).toEqual(present);
    expect(new Set(world.digests()).size).toBe(1);
  });

  it("[COORD-8b] restoring the restore returns the former state, of one section too, and leaves the others alone", async () => {
    const { world, a, b } = await pair();
    a.phase("design");
    a.decisions.add({ id: "d1", decision: "Use SQLite" });
    const then = await step(world);
    a.phase("build");
    a.decisions.add({ id: "d2", decision: "Use Redis" });
    a.notes.add("remember");
    await step(world);
    const present = b.export();
    const report = b.rollback({ to: then, sections: ["decisions_log.recent"] });
    expect(report).toMatchObject({ ok: true, verified: true });
    await world.settle();
    expect(a.export().decisions_log?.recent?.map(({ id }) => id)).toEqual(["d1"]);
    expect(a.export().project_state).toEqual(present.project_state);
    expect(a.notes.list()).toEqual(["remember"]);
    expect(b.rollback({ to: { snapshot: report.snapshot?.id ?? "" } }).verified).toBe(true);
    await world.settle();
    expect(a.export()).toEqual(present);
    expect(b.rollback({ to: then, sections: ["project_state.current_phase"] }).written).toBe(1);
  });

  it("[COORD-8a] keeps what others write at the same moment", async () => {
    const { world, a, b } = await pair();
    a.tasks.add({ id: "t1", title: "First", priority: "low" });
    const then = await step(world);
    a.tasks.update("t1", { title: "Renamed" });
    await step(world);
    // b has not heard of the rollback, and a not of b's edits.
    const report = a.rollback({ to: then });
    b.tasks.update("t1", { title: "Better", priority: "high" });
    b.tasks.add({ id: "t2", title: "Meanwhile" });
    b.phase("build");
    await world.settle();
    expect(report.verified).toBe(true);
    for (const node of [a, b]) {
      expect(node.tasks.get("t2")?.title).toBe("Meanwhile");
      expect(node.tasks.get("t1")?.fields.priority).toBe("high");
      expect(node.export().project_state?.current_phase).toBe("build");
      const [conflict] = node.conflicts.list();
      expect(conflict?.candidates.map(({ value }) => value).sort()).toEqual(["Better", "First"]);
    }
  });

  it("refuses a point that is not there and a section that does not exist, and changes nothing", async () => {
    const { world, a } = await pair();
    a.phase("design");
    await step(world);
    const before = a.export();
    expect(a.rollback({ to: { snapshot: "nope" } })).toMatchObject({ ok: false, receipt: { reason: "not_found" } });
    expect(a.rollback({ to: 0, sections: ["no_such"] })).toMatchObject({
      ok: false,
      receipt: { reason: "unknown_path" },
    });
    expect(a.rollback({ to: "other.1.1" })).toMatchObject({ ok: false, receipt: { reason: "not_found" } });
    expect(a.export()).toEqual(before);
    expect(a.snapshots()).toEqual([]);
  });

  it("goes back to a cursor, and to the very beginning", async () => {
    const { world, a } = await pair();
    a.phase("design");
    await step(world);
    const { cursor } = a.pull();
    a.phase("build");
    await step(world);
    expect(a.rollback({ to: cursor })).toMatchObject({ verified: true, written: 1 });
    expect(a.export().project_state?.current_phase).toBe("design");
    expect(a.rollback({ to: 1 })).toMatchObject({ verified: true, removed: 1 });
    expect(a.export().project_state?.current_phase).toBeUndefined();
  });
});

describe("a trial", () => {
  it("[COORD-8a] is rolled back when its gate fails, when the gate throws, and when the work does", async () => {
    const { world, a } = await pair();
    a.phase("design");
    await step(world);
    const before = a.export();
    const work = () => void a.phase("build");
    const failures = [
      await a.trial({ work, gate: () => false }),
      await a.trial({ work, gate: async () => ({ ok: false, detail: "3 tests failed" }) }),
      await a.trial({ work, gate: () => Promise.reject(new Error("no runner")) }),
      await a.trial({
        work: () => {
          work();
          throw new Error("half done");
        },
        gate: () => true,
      }),
    ];
    expect(failures.map(({ passed, detail }) => [passed, detail])).toEqual([
      [false, ""],
      [false, "3 tests failed"],
      [false, "no runner"],
      [false, "half done"],
    ]);
    for (const { rollback } of failures) expect(rollback).toMatchObject({ ok: true, verified: true });
    expect(a.export()).toEqual(before);
    const passed = await a.trial({ work, gate: () => true });
    expect(passed).toMatchObject({ passed: true, rollback: undefined });
    expect(a.export().project_state?.current_phase).toBe("build");
    expect(a.rollback({ to: { snapshot: passed.snapshot.id } }).verified).toBe(true);
    expect(a.export()).toEqual(before);
  });

  it("[COORD-8a] takes back what this agent wrote, and nothing that others wrote meanwhile", async () => {
    const { world, a, b } = await pair();
    a.tasks.add({ id: "t1", title: "First", priority: "low" });
    a.phase("design");
    await step(world);
    const { rollback } = await a.trial({
      work: async () => {
        a.phase("build");
        a.tasks.add({ id: "mine", title: "Only for the trial" });
        await world.settle();
        // On top of the trial's value, beside it, and elsewhere.
        b.phase("test");
        b.tasks.add({ id: "theirs", title: "Meanwhile" });
        b.tasks.update("t1", { title: "Better" });
        await world.settle();
        a.tasks.update("t1", { priority: "high" });
        b.tasks.update("t1", { priority: "critical" });
      },
      gate: async () => {
        await world.settle();
        return false;
      },
    });
    expect(rollback?.ok).toBe(true);
    await world.settle();
    for (const node of [a, b]) {
      expect(node.export().project_state?.current_phase).toBe("test");
      expect(node.tasks.get("theirs")?.title).toBe("Meanwhile");
      expect(node.tasks.get("t1")?.title).toBe("Better");
      expect(node.tasks.get("mine")).toBeUndefined();
      const [conflict] = node.conflicts.list();
      expect(conflict?.candidates.map(({ value }) => value).sort()).toEqual(["critical", "low"]);
    }
    expect(new Set(world.digests()).size).toBe(1);
  });
});
