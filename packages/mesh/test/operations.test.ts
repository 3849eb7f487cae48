/** What agents do through the library: push, pull, patch, conflicts, undo, history, snapshots, import. */

import { describe, expect, it } from "vitest";
import type { MeshNode } from "../src/index.ts";
import { World } from "./world.ts";

const phasePath = "project_state.current_phase";

const trio = async (): Promise<{ world: World; a: MeshNode; b: MeshNode }> => {
  const world = new World();
  await world.relay();
  const [a, b] = [await world.node("a"), await world.node("b")];
  await world.settle();
  return { world, a, b };
};

describe("push", () => {
  it("[SYNC-4a] applies a change whose `from` matches", async () => {
    const { world, a, b } = await trio();
    a.tasks.add({ id: "t1", title: "old" });
    await world.settle();
    const path = "project_state.active_tasks[t1].title";
    const [answer] = b.push({ changes: [{ path, from: "old", to: "new" }] });
    expect(answer).toMatchObject({
      path,
      answer: "applied",
      code: undefined,
      receipt: { ok: true, replaced: { [path]: "old" } },
    });
    await world.settle();
    expect(a.get(path)).toMatchObject({ value: "new", conflict: false });
  });

  it("[SYNC-4c] answers with the other value when `from` does not match, and writes nothing", async () => {
    const { world, a, b } = await trio();
    a.phase("testing");
    await world.settle();
    const before = b.core.replicas.replica.digest();
    const [answer] = b.push({ changes: [{ path: phasePath, from: "design", to: "done" }] });
    expect(answer).toMatchObject({ answer: "conflict", other: { value: "testing", agent: "a" }, receipt: undefined });
    expect(b.queue()).toEqual([]);
    expect(b.core.replicas.replica.digest()).toBe(before);
  });

  it("[SYNC-4d] refuses an invalid change with its reason, and goes on with the others", async () => {
    const { a } = await trio();
    const answers = a.push({
      changes: [
        { path: "no.such..path", to: 1 },
        { path: "project_state.active_tasks[missing].title", to: "x" },
        { path: phasePath, to: "y".repeat(2 ** 20 + 1) },
        { path: phasePath, to: "fine" },
      ],
    });
    expect(answers.map((answer) => answer.answer)).toEqual(["refused", "refused", "refused", "applied"]);
    expect(answers.slice(0, 3).map((answer) => answer.code)).toEqual(["path_syntax", "unknown_id", "value_too_large"]);
  });
});

describe("pull", () => {
  it("[SYNC-5a] brings only changed parts of the sections asked for", async () => {
    const { world, a, b } = await trio();
    a.tasks.add({ id: "t1", title: "one" });
    a.notes.add("hello");
    a.decisions.add({ id: "d1", decision: "use tabs" });
    await world.settle();
    const { cursor } = b.pull({ peek: true });
    a.tasks.update("t1", { title: "two" });
    a.notes.add("again");
    await world.settle();
    const pulled = b.pull({ sections: ["project_state", "decisions_log.recent"], since: cursor });
    expect(pulled.changes).toMatchObject([
      { path: "project_state.active_tasks[t1].title", value: "two", agent: "a", own: false },
    ]);
    expect(Object.keys(pulled.sections)).toEqual(["project_state"]);
    expect(pulled.reset).toBe(false);
  });

  it("[SYNC-5b] over a series of pulls nothing is missing and nothing comes twice", async () => {
    const { world, a, b } = await trio();
    const seen: string[] = [];
    for (let n = 0; n < 40; n += 1) {
      a.tasks.add({ id: `t${n}`, title: `task ${n}` });
      await world.clock.advance(world.random.int(30));
      if (world.random.int(3) === 0)
        seen.push(...b.pull({ sections: ["project_state"] }).changes.map((change) => change.path));
    }
    await world.settle();
    seen.push(...b.pull({ sections: ["project_state"] }).changes.map((change) => change.path));
    const titles = seen.filter((path) => path.endsWith(".title"));
    expect(titles.length).toBe(40);
    expect(new Set(titles).size).toBe(40);
    expect(b.pull().changes).toEqual([]);
  });

  it("[SYNC-5a] takes a time for the time of arrival, and starts over with a cursor of another store", async () => {
    const { world, a, b } = await trio();
    a.notes.add("early");
    await world.settle();
    await world.clock.advance(1_000);
    const atMs = world.clock.wallMs();
    a.notes.add("late");
    await world.settle();
    expect(b.pull({ since: atMs }).changes.map((change) => change.value)).toEqual(["late"]);
    expect(b.pull({ since: new Date(atMs).toISOString() }).changes.length).toBe(1);
    const foreign = b.pull({ since: a.pull({ peek: true }).cursor });
    expect(foreign.reset).toBe(true);
    expect(foreign.changes.map((change) => change.value)).toEqual(["early", "late"]);
    expect(() => b.pull({ since: "yesterday" })).toThrow(/cursor/);
  });
});

describe("briefing", () => {
  it("tells what others changed, the most urgent first, within the budget", async () => {
    const { world, a, b } = await trio();
    b.briefing();
    a.tasks.add({ id: "t1", title: "login page" });
    a.notes.add("the client prefers tabs");
    a.questions.ask({ id: "q1", to: "b", question: "Rate limiting?" });
    a.handovers.add({ id: "h1", to: "b", document: "handover.md" });
    a.tasks.block("t1", { reason: "no API", owner: "b" });
    b.notes.add("my own note");
    await world.settle();
    const briefing = b.briefing({ peek: true });
    expect(briefing.items[0]).toMatchObject({ kind: "blocked", level: "critical", agent: "a" });
    expect(briefing.text).toContain('task t1 "login page" (blocked)');
    expect(briefing.text).toContain("a asks: Rate limiting?");
    expect(briefing.text).toContain("hand-over from a");
    expect(briefing.text).not.toContain("my own note");
    const short = b.briefing({ budgetTokens: 30, peek: true });
    expect(short.omitted).toBeGreaterThan(0);
    expect(short.items[0]?.kind).toBe("blocked");
    b.briefing();
    const next = b.briefing();
    expect(next.text).not.toContain("login page");
    expect(next.items.map((item) => item.kind)).toEqual(["question", "handover"]);
  });
});

describe("conflicts", () => {
  const diverged = async () => {
    const { world, a, b } = await trio();
    world.network.partition((x, y) => x === "a" && y !== "a");
    a.phase("from a");
    b.phase("from b");
    await world.clock.advance(5_000);
    world.network.heal();
    await world.settle();
    return { world, a, b };
  };

  it("[CTX-4a] [SYNC-6a] are seen alike everywhere, told once, counted, resolved by a recorded write, and undone", async () => {
    const { world, a, b } = await diverged();
    expect(a.get(phasePath).value).toBe(b.get(phasePath).value);
    expect(a.status().conflicts).toBe(1);
    const [conflict] = b.conflicts.list();
    const told: string[] = [];
    a.on("conflict", ({ path }) => told.push(path));
    const loser = conflict?.candidates[1];
    const receipt = conflict?.resolve(loser?.id as string, "the other one is right");
    expect(receipt?.ok).toBe(true);
    await world.settle();
    expect([a, b].map((node) => node.get(phasePath))).toMatchObject([
      { value: loser?.value, conflict: false },
      { value: loser?.value, conflict: false },
    ]);
    expect(a.conflicts.list()).toEqual([]);
    expect(a.conflicts.undo(phasePath).ok).toBe(true);
    await world.settle();
    expect(b.conflicts.list()).toMatchObject([{ path: phasePath }]);
    expect(told).toEqual([phasePath]);
  });

  it("[SYNC-6b] are exported in the form of the protocol", async () => {
    const { a } = await diverged();
    expect(a.conflicts.records()).toMatchObject([{ type: "concurrent_update", field: phasePath, state: "open" }]);
    expect(Object.keys(a.conflicts.records()[0] ?? {})).toEqual(
      expect.arrayContaining(["detected", "type", "field", "resolution_strategy", "result"]),
    );
  });

  it("[CTX-4b] merging produces no update", async () => {
    const { world, a, b } = await diverged();
    const before = [a, b].map((node) => node.core.replicas.replica.ownClock());
    const c = await world.node("c");
    await world.settle();
    await world.clock.advance(120_000);
    expect([a, b].map((node) => node.core.replicas.replica.ownClock())).toEqual(before);
    expect(c.core.replicas.replica.ownClock()).toBe(0);
    expect(c.conflicts.list().length).toBe(1);
  });

  it("[SYNC-12c] values that differ without conflict are resolved without asking", async () => {
    const { world, a, b } = await trio();
    world.network.partition((x, y) => x === "a" && y !== "a");
    a.phase("the same");
    b.phase("the same");
    a.tasks.add({ id: "t1", title: "one" });
    b.tasks.add({ id: "t2", title: "two" });
    await world.clock.advance(5_000);
    world.network.heal();
    await world.settle();
    expect(a.conflicts.list()).toEqual([]);
    expect(a.tasks.list().map((task) => task.id)).toEqual(b.tasks.list().map((task) => task.id));
  });
});

describe("patch", () => {
  it("[SYNC-7a] takes JSON Patch in: all operations or none", async () => {
    const { world, a, b } = await trio();
    a.tasks.add({ id: "t1", title: "one" });
    await world.settle();
    const good = b.patch([
      { op: "test", path: "/project_state/active_tasks/0/title", value: "one" },
      { op: "replace", path: "/project_state/active_tasks/0/title", value: "two" },
      { op: "add", path: "/communication/notes/-", value: "patched" },
    ]);
    expect(good.map((answer) => answer.answer)).toEqual(["applied", "applied", "applied"]);
    const bad = b.patch([
      { op: "replace", path: "/project_state/active_tasks/0/title", value: "three" },
      { op: "test", path: "/project_state/current_phase", value: "nonsense" },
    ]);
    expect(bad.map((answer) => answer.answer)).toEqual(["refused", "refused"]);
    await world.settle();
    expect(a.tasks.get("t1")?.title).toBe("two");
    expect(a.notes.list()).toEqual(["patched"]);
  });
});

describe("undo, history, snapshots", () => {
  it("takes back the last operations, newest first, and leaves alone what others wrote since", async () => {
    const { world, a, b } = await trio();
    a.phase("one");
    a.phase("two");
    a.tasks.add({ id: "t1", title: "new" });
    expect(a.undo().map((receipt) => receipt.ok)).toEqual([true]);
    expect(a.tasks.get("t1")).toBeUndefined();
    a.undo();
    expect(a.get(phasePath).value).toBe("one");
    await world.settle();
    b.push({ changes: [{ path: phasePath, from: "one", to: "theirs" }] });
    await world.settle();
    expect(a.undo()).toMatchObject([{ ok: false, reason: "overtaken" }]);
    expect(a.get(phasePath).value).toBe("theirs");
  });

  it("tells who wrote what when, and what differs between two moments", async () => {
    const { world, a, b } = await trio();
    a.phase("one");
    await world.settle();
    const { cursor } = b.pull({ peek: true });
    await world.clock.advance(1_000);
    a.phase("two", { level: "critical" });
    b.notes.add("mine");
    await world.settle();
    expect(b.history({ path: phasePath })).toMatchObject([
      { value: "two", previous: "one", agent: "a", level: "critical", own: false },
      { value: "one", previous: undefined, agent: "a" },
    ]);
    expect(b.diff(cursor)).toMatchObject([{ to: "mine" }, { path: phasePath, from: "one", to: "two" }]);
    expect(b.diff(cursor, cursor)).toEqual([]);
  });

  it("brings a snapshot back as new writes", async () => {
    const { world, a, b } = await trio();
    a.tasks.add({ id: "t1", title: "as it was" });
    const snapshot = a.snapshot("before");
    a.tasks.update("t1", { title: "changed" });
    a.tasks.add({ id: "t2", title: "new" });
    await world.settle();
    expect(b.restore("unknown")).toBeUndefined();
    expect(a.restore(snapshot.id)?.receipt.ok).toBe(true);
    await world.settle();
    expect(b.tasks.list().map((task) => [task.id, task.title])).toEqual([["t1", "as it was"]]);
    expect(a.snapshots().map((info) => info.label)).toEqual([`before restoring ${snapshot.id}`, "before"]);
  });
});

describe("import and export", () => {
  it("[COORD-8a] what is missing comes back whole, what a task waits for included; what was changed since stays", async () => {
    const { world, a, b } = await trio();
    a.tasks.add({ id: "first", title: "one" });
    a.tasks.add({ id: "second", title: "two", blocked_by: ["first", "third"] });
    a.tasks.add({ id: "open", title: "three", blocked_by: ["first", "second"] });
    await world.settle();
    const context = a.export();
    const left = (context.project_state?.active_tasks ?? []).filter(({ id }) => id === "open");
    b.import({ ...context, project_state: { ...context.project_state, active_tasks: left } }, { replace: true });
    b.tasks.update("open", { title: "changed", blocked_by: ["second"] });
    await world.settle();
    expect(a.tasks.list().map(({ id }) => id)).toEqual(["open"]);
    a.import(context, { missingOnly: true });
    await world.settle();
    expect(b.tasks.get("second")?.fields.blocked_by).toEqual(["first", "third"]);
    expect(b.tasks.get("open")).toMatchObject({ title: "changed", fields: { blocked_by: ["second"] } });
    expect(b.tasks.list()).toHaveLength(3);
  });

  it("writes only differences, and refuses a schema that is too new by both names", async () => {
    const { a } = await trio();
    a.tasks.add({ id: "t1", title: "one" });
    a.notes.add("kept");
    const context = a.export();
    expect(a.import(context)).toMatchObject({ written: 0, removed: 0 });
    const { receipt } = a.import({ ...context, version: "3.1" });
    expect(receipt).toMatchObject({ ok: false, reason: "version_too_new" });
    expect(receipt.detail).toMatch(/3\.1.*2\.0/);
  });

  it("[SYNC-12b] [SYNC-12a] keeps what a newer schema adds, also through a peer that does not know it", async () => {
    const { world, a, b } = await trio();
    const context = {
      version: "2.7",
      project_state: { current_phase: "x", weather: { sky: "blue" } },
      from_the_future: [1, 2],
    };
    expect(a.import(context).receipt.ok).toBe(true);
    await world.settle();
    b.tasks.add({ id: "t1", title: "by a peer of today" });
    await world.settle();
    expect(a.export()).toMatchObject({
      version: "2.7",
      project_state: { weather: { sky: "blue" } },
      from_the_future: [1, 2],
    });
    expect(b.export()).toEqual(a.export());
  });
});
