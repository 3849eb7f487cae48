/** Sync levels on running nodes: what waits, what sets it off, what it sends. */

import { describe, expect, it } from "vitest";
import type { MeshNode, NodeOptions } from "../src/index.ts";
import { World } from "./world.ts";

const halfHourMs = 30 * 60_000;

/** Two agents on one relay; `a` keeps to the levels, `b` watches. Nothing waits at the start. */
const pair = async (options: Partial<NodeOptions> = {}): Promise<{ world: World; a: MeshNode; b: MeshNode }> => {
  const world = new World();
  await world.relay();
  const a = await world.node("a", { mode: "levels", ...options });
  const b = await world.node("b");
  await world.settle();
  return { world, a, b };
};

/** Own publications of a node since `watch` was called, as bytes on the wire. */
const watchSent = (node: MeshNode) => {
  const sent: { readonly entries: number; readonly bytes: number }[] = [];
  node.core.publisher.on("published", ({ seqs, update }) => sent.push({ entries: seqs.length, bytes: update.length }));
  return sent;
};

const isWaiting = async ({ world, a }: { world: World; a: MeshNode }, write: () => void): Promise<boolean> => {
  const before = a.core.sent.entries;
  write();
  await world.clock.advance(2_000);
  return a.core.sent.entries === before;
};

describe("a sync by hand", () => {
  it("ends with the answer of a relay that has nothing new", async () => {
    const { world, a } = await pair();
    a.notes.add("one");
    await world.clock.waitFor(a.sync());
    expect((await world.clock.waitFor(a.sync())).durationMs).toBeLessThan(500);
    expect((await world.clock.waitFor(a.sync())).ok).toBe(true);
  });
});

describe("levels", () => {
  const criticalWrites: readonly [string, (mesh: MeshNode) => void][] = [
    ["a blocking issue", (mesh) => mesh.tasks.block("t1", { reason: "no API yet" })],
    ["a critical decision", (mesh) => mesh.decisions.add({ id: "d1", type: "critical", decision: "stop the release" })],
    ["a decision said to be critical", (mesh) => mesh.decisions.add({ id: "d2", decision: "stop", level: "critical" })],
    ["a vulnerability", (mesh) => mesh.code.addSignificant([{ file: "a.ts", type: "vulnerability" }])],
    ["a breaking change", (mesh) => mesh.code.addSignificant([{ file: "b.ts", type: "breaking_change" }])],
  ];
  it.each(criticalWrites)("[SYNC-1a] %s goes out at once", async (_what, write) => {
    const { world, a, b } = await pair();
    a.tasks.add({ id: "t1", title: "waits" });
    expect(await isWaiting({ world, a }, () => a.tasks.update("t1", { note: "still waits" }))).toBe(true);
    expect(await isWaiting({ world, a }, () => write(a))).toBe(false);
    await world.clock.advance(1_000);
    expect(b.core.replicas.replica.vector().size).toBeGreaterThan(0);
  });

  const checkpointWrites: readonly [string, (mesh: MeshNode) => void][] = [
    ["a task done", (mesh) => mesh.tasks.done("t1", { summary: "ready" })],
    ["a milestone", (mesh) => mesh.tasks.update("t1", { milestone: true })],
    [
      "an architecture decision",
      (mesh) => mesh.decisions.add({ id: "d1", type: "architecture", decision: "split it" }),
    ],
  ];
  it.each(checkpointWrites)("[SYNC-1b] %s sends what belongs to a checkpoint", async (_what, write) => {
    const { world, a, b } = await pair();
    a.tasks.add({ id: "t1", title: "one" });
    a.decisions.add({ id: "d0", decision: "use tabs" });
    expect(await isWaiting({ world, a }, () => a.notes.add("only a note"))).toBe(true);
    write(a);
    await world.clock.advance(1_000);
    expect(b.decisions.list().map((decision) => decision.id)).toContain("d0");
    expect(b.notes.list()).toEqual([]);
  });

  it("[SYNC-1c] sends the accumulated changes after thirty minutes", async () => {
    const { world, a, b } = await pair();
    a.notes.add("patience");
    await world.clock.advance(halfHourMs - 120_000);
    expect(b.notes.list()).toEqual([]);
    await world.clock.advance(180_000);
    expect(b.notes.list()).toEqual(["patience"]);
  });

  it("[SYNC-1c] sends them after five tasks, and when they grow large", async () => {
    const { world, a, b } = await pair();
    for (const id of ["t1", "t2", "t3", "t4"]) a.tasks.add({ id, title: id });
    await world.clock.advance(5_000);
    expect(b.tasks.list()).toEqual([]);
    a.tasks.add({ id: "t5", title: "t5" });
    await world.clock.advance(1_000);
    expect(b.tasks.list().length).toBe(5);
    a.notes.add("x".repeat(70_000));
    await world.clock.advance(1_000);
    expect(b.notes.list().length).toBe(1);
  });

  it("[SYNC-1d] [SYNC-2c] sends everything at the start, at the end and at a change of phase, with a snapshot", async () => {
    const { world, a, b } = await pair();
    a.notes.add("before the phase");
    a.phase("testing");
    await world.clock.advance(1_000);
    expect(b.notes.list()).toEqual(["before the phase"]);
    a.notes.add("by hand");
    const report = await world.clock.waitFor(a.sync({ level: "session" }));
    expect(report).toMatchObject({ ok: true, reached: "durable", queued: 0, sent: { entries: 1 } });
    expect(report.snapshot?.communication?.notes).toEqual(["before the phase", "by hand"]);
    const disk = world.disk();
    const c = await world.node("c", { mode: "levels", relays: [], disk });
    c.notes.add("at the end");
    await world.clock.waitFor(c.leave());
    world.forget(c);
    const again = await world.node("c", { mode: "levels", disk });
    await world.clock.advance(2_000);
    expect(b.notes.list()).toContain("at the end");
    again.notes.add("and again");
    await world.leave(again);
    await world.clock.advance(1_000);
    expect(b.notes.list()).toContain("and again");
  });

  it("[SYNC-1e] takes its thresholds from the options", async () => {
    const { world, a, b } = await pair({ levels: { periodicTasks: 2, periodicIntervalMs: 10_000 } });
    a.notes.add("soon");
    await world.clock.advance(12_000);
    expect(b.notes.list()).toEqual(["soon"]);
    a.tasks.add({ id: "t1", title: "1" });
    a.tasks.add({ id: "t2", title: "2" });
    await world.clock.advance(1_000);
    expect(b.tasks.list().length).toBe(2);
  });

  it("[SYNC-2a] a critical write with 50 others waiting sends at most 200 bytes", async () => {
    const { world, a, b } = await pair();
    a.tasks.add({ id: "t0", title: "known" });
    await world.clock.waitFor(a.sync());
    for (let n = 0; n < 50; n += 1) a.push({ changes: [{ path: `technical_context.field_${n}`, to: `value ${n}` }] });
    expect(a.queue().length).toBe(50);
    const sent = watchSent(a);
    a.tasks.block("t0", { reason: "waits for the API" });
    await world.clock.advance(1_000);
    expect(sent.length).toBe(1);
    expect(sent[0]?.bytes).toBeLessThanOrEqual(200);
    expect(b.tasks.list({ status: "blocked" }).map((task) => task.id)).toEqual(["t0"]);
    expect(a.queue().length).toBe(50);
  });

  it("[SYNC-2b] 50 writes to one key travel once", async () => {
    const { world, a, b } = await pair();
    const sent = watchSent(a);
    const receipts = Array.from({ length: 50 }, (_, n) => a.phase(`phase ${n}`, { level: "periodic" }));
    expect(a.queue().length).toBe(1);
    await world.clock.waitFor(a.sync());
    await world.clock.advance(1_000);
    expect(sent).toMatchObject([{ entries: 1 }]);
    expect(receipts.slice(0, 49).every((receipt) => receipt.state === "superseded")).toBe(true);
    expect(receipts[49]?.state).toBe("durable");
    expect(b.get("project_state.current_phase")).toMatchObject({ value: "phase 49", conflict: false });
  });

  it("[SYNC-3a] critical is seen while periodic waits, and no effect is seen before its cause", async () => {
    const { world, a, b } = await pair();
    a.tasks.add({ id: "dep", title: "the cause" });
    a.tasks.add({ id: "t1", title: "blocked one", blocked_by: ["dep"] });
    a.tasks.add({ id: "other", title: "has nothing to do with it" });
    const seen: string[] = [];
    b.on("change", () => {
      const task = b.tasks.get("t1");
      if (task !== undefined) seen.push(`${task.title} ${task.status} ${b.tasks.get("dep")?.title}`);
    });
    a.tasks.block("t1", { reason: "waits" });
    await world.clock.advance(1_000);
    expect(new Set(seen)).toEqual(new Set(["blocked one blocked the cause"]));
    expect(b.tasks.get("other")).toBeUndefined();
    expect(a.tasks.get("other")?.title).toBe("has nothing to do with it");
    await world.clock.waitFor(a.sync());
    await world.settle();
    expect(b.tasks.list().length).toBe(3);
  });

  it("sends everything at once in live mode, whatever the level", async () => {
    const { world, a, b } = await pair({ mode: "live" });
    a.notes.add("now");
    await world.clock.advance(500);
    expect(b.notes.list()).toEqual(["now"]);
    expect(a.queue()).toEqual([]);
  });
});
