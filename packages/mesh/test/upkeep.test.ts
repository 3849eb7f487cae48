/** What a node does beside its agent's work: log, metrics, health, integrity, archive, compaction, status row. */

import { limits } from "@context-mesh/common";
import { defaultHealthThresholds } from "@context-mesh/coordination";
import { describe, expect, it } from "vitest";
import type { MeshNode, NodeOptions } from "../src/index.ts";
import { World, type WorldRelay } from "./world.ts";

const phasePath = "project_state.current_phase";
const dayMs = 86_400_000;

const pair = async (options: Partial<NodeOptions> = {}): Promise<{ world: World; a: MeshNode; b: MeshNode }> => {
  const world = new World();
  await world.relay();
  const [a, b] = [await world.node("a", options), await world.node("b")];
  await world.settle();
  return { world, a, b };
};

describe("sync log", () => {
  it("[SYNC-9a] tells who, when, level, bytes, duration and result, also after a restart", async () => {
    const world = new World();
    await world.relay();
    const disk = world.disk();
    const a = await world.node("a", { disk });
    await world.settle();
    await world.clock.waitFor(a.phase("one", { level: "critical" }).reached("durable"));
    await world.clock.waitFor(a.sync({ level: "checkpoint" }));
    await world.leave(a);
    const again = await world.node("a", { disk });
    const log = again.syncLog(10);
    expect(log.map((entry) => entry.operation)).toEqual(["sync", "push", "join"]);
    expect(log.every((entry) => entry.agent === "a" && entry.result === "ok" && entry.durationMs >= 0)).toBe(true);
    expect(log[1]).toMatchObject({ level: "critical", detail: "durable at ws://relay:7420" });
    expect(log[1]?.bytes).toBeGreaterThan(10);
    expect(log[0]?.at).toBeGreaterThanOrEqual(log[2]?.at as number);
  });

  it("[SYNC-9b] shows the last N, newest first", async () => {
    const { world, a } = await pair();
    for (let n = 0; n < 12; n += 1) await world.clock.waitFor(a.sync());
    expect(a.syncLog(5).length).toBe(5);
    expect(a.syncLog(100).filter((entry) => entry.operation === "sync").length).toBe(12);
    const times = a.syncLog(100).map((entry) => entry.at);
    expect(times).toEqual([...times].sort((x, y) => y - x));
  });
});

describe("metrics and health", () => {
  it("[SYNC-13] counts syncs by level, times, failures, size and compression", async () => {
    const { world, a } = await pair({ compress: (bytes) => bytes.slice(0, Math.ceil(bytes.length / 2)) });
    await world.clock.waitFor(a.phase("x", { level: "critical" }).reached("durable"));
    await world.clock.waitFor(a.sync({ level: "checkpoint" }));
    const metrics = a.metrics();
    expect(metrics.byLevel).toMatchObject({ critical: 1, checkpoint: 1, session: 1 });
    expect(metrics).toMatchObject({ totalToday: 3, failuresToday: 0, compressionRatio: expect.closeTo(0.5, 1) });
    expect(metrics.contextBytes).toBeGreaterThan(100);
    expect(a.status().metrics.totalToday).toBe(3);
  });

  it("[SYNC-14a] checks integrity every hour, and storage, conflicts and performance every minute", async () => {
    const { world, a } = await pair({
      health: { ...defaultHealthThresholds, contextBytes: 50_000, conflictsPerHour: 1 },
    });
    const alerts: string[] = [];
    a.on("alert", ({ code }) => alerts.push(code));
    let checks = 0;
    const verify = a.core.verify.bind(a.core);
    a.core.verify = () => {
      checks += 1;
      return verify();
    };
    a.notes.add("x".repeat(60_000));
    a.phase("one");
    await world.clock.advance(61_000);
    expect(alerts).toEqual(["context_large"]);
    world.network.partition((x, y) => x === "a" && y !== "a");
    a.phase("a");
    world.nodes[1]?.phase("b");
    await world.clock.advance(10_000);
    world.network.heal();
    await world.settle();
    await world.clock.advance(61_000);
    expect(alerts).toContain("conflicts_frequent");
    await world.clock.advance(2 * 3_600_000);
    expect(checks).toBe(2);
    expect(alerts.filter((code) => code === "context_large").length).toBe(1);
    expect(a.status().alerts.map((alert) => alert.code)).toContain("context_large");
  });

  it("[SYNC-7c] [SYNC-10a] compares digests with peers of the same knowledge, and notices one that shows something else", async () => {
    const { world, a, b } = await pair();
    a.phase("same");
    await world.settle();
    a.presence.set({});
    b.presence.set({});
    await world.clock.advance(6_000);
    expect((await world.clock.waitFor(a.sync({ full: true }))).digestsEqual).toBe(true);
    const problems: string[] = [];
    a.on("integrity", ({ kind }) => problems.push(kind));
    b.core.digests.proof = () => ({ fingerprint: b.core.replicas.replica.fingerprint(), digest: "something else" });
    b.presence.set({});
    await world.clock.advance(20_000);
    expect((await world.clock.waitFor(a.sync())).digestsEqual).toBe(false);
    expect(problems).toContain("digest_mismatch");
    expect(a.status().alerts.map((alert) => alert.code)).toContain("integrity");
  });

  it("[SYNC-10b] [SYNC-10d] finds its store's content corrupt by a peer's digest, fetches the whole state, and says so", async () => {
    const { world, a, b } = await pair();
    a.phase("the right word");
    await world.settle();
    const told: string[] = [];
    for (const node of [a, b]) node.on("integrity", ({ kind }) => told.push(`${node.agent.id} ${kind}`));
    const state = a.core.replicas.replica.encode();
    const at = new TextDecoder("latin1").decode(state).indexOf("right");
    state.set(new TextEncoder().encode("wrong"), at);
    a.core.replicas.replaceBy(state);
    expect(a.get(phasePath).value).toBe("the wrong word");
    await world.clock.advance(60_000);
    expect(a.get(phasePath).value).toBe("the right word");
    expect(told).toEqual(expect.arrayContaining(["a digest_mismatch", "a digest_mended", "b digest_ours_is_right"]));
    expect(a.verify().ok).toBe(true);
    a.phase("and on");
    await world.settle();
    expect(b.get(phasePath).value).toBe("and on");
    expect(new Set(world.digests()).size).toBe(1);
  });

  it("finds the replica in memory damaged, and loads it again from the store", async () => {
    const { a } = await pair();
    a.phase("right");
    expect(a.verify()).toMatchObject({ ok: true, problems: [] });
    a.core.replicas.replica.ydoc.getArray(`a/${a.core.replicas.identity.writer}/0`).delete(0, 1);
    const found = a.verify();
    expect(found.ok).toBe(false);
    expect(found.problems.join()).toMatch(/loaded again/);
    expect(a.get(phasePath).value).toBe("right");
    expect(a.verify().ok).toBe(true);
  });

  it("keeps its status in the store, and says there that it has left", async () => {
    const { world, a } = await pair();
    const { store } = a.core.options;
    a.phase("x");
    await world.clock.advance(5_000);
    expect(store.view((view) => view.getValue("status"))).toMatchObject({
      v: 1,
      running: true,
      connected: true,
      context: { phase: "x" },
    });
    await world.leave(a);
    expect(store.view((view) => view.getValue("status"))).toMatchObject({ running: false, connected: false });
  });
});

describe("upkeep", () => {
  it("deletes own entries once every connected relay has their successor, and compacts the log", async () => {
    const { world, a, b } = await pair();
    a.phase("mine");
    await world.settle();
    b.push({ changes: [{ path: phasePath, from: "mine", to: "theirs" }] });
    await world.settle();
    const present = (): number => a.core.replicas.replica.present("p/p").length;
    expect(present()).toBe(2);
    await world.clock.advance(20_000);
    expect(present()).toBe(1);
    await world.settle();
    expect(b.get(phasePath)).toMatchObject({ value: "theirs", conflict: false });
    const { store } = a.core.options;
    for (let n = 0; n < limits.agentLogRecordsMax; n += 1)
      a.core.replicas.transact((turn) => turn.logOwn(Uint8Array.of(0, 0)));
    a.notes.add("last");
    await world.clock.advance(20_000);
    expect(store.view((view) => view.logBase()?.n)).toBeGreaterThan(limits.agentLogRecordsMax);
    expect(a.verify().ok).toBe(true);
    expect(new Set(world.digests()).size).toBe(1);
  });
});

describe("archive", () => {
  const withArchive = async () => {
    const world = new World();
    await world.relay();
    const archives = new Map<string, ReturnType<World["disk"]>>();
    const join = (id: string, options: Parameters<World["node"]>[1] = {}) => {
      const disk = archives.get(id) ?? world.disk();
      archives.set(id, disk);
      return world.node(id, { archiveStore: () => disk.open(), ...options });
    };
    const a = await join("a");
    const b = await join("b");
    await world.settle();
    return { world, a, b, join };
  };

  it("[SYNC-11b] moves what is old once its copy is on a relay's disk; it is found, read and opened again anywhere", async () => {
    const { world, a, b } = await withArchive();
    for (let n = 0; n < 6; n += 1) {
      a.tasks.add({ id: `t${n}`, title: `login ${["alpha", "bravo", "charlie", "delta", "echo", "foxtrot"][n]}` });
      if (n < 4) a.tasks.done(`t${n}`, { summary: `done ${n}` });
    }
    a.decisions.add({ id: "d1", decision: "old decision" });
    await world.settle();
    world.clock.jumpWall(40 * dayMs);
    const report = await world.clock.waitFor(a.archive.run());
    expect(report).toMatchObject({ tasks: 4, decisions: 1, complete: true });
    await world.settle();
    expect(b.tasks.list().map((task) => task.id)).toEqual(["t4", "t5"]);
    expect(b.status().context.archived).toBe(5);
    expect(b.archive.isOpen).toBe(false);
    expect((await world.clock.waitFor(b.archive.get("t1")))?.fields).toMatchObject({
      title: "login bravo",
      summary: "done 1",
    });
    expect((await world.clock.waitFor(b.archive.search("CHARLIE login"))).map((item) => item.id)).toEqual(["t2"]);
    const off = { signal: AbortSignal.abort("enough") };
    for (const waiting of [b.archive.get("t1", off), b.archive.search("?", off), b.archive.reopen("t1", off)]) {
      await expect(waiting).rejects.toBe("enough");
    }
    expect((await world.clock.waitFor(b.archive.reopen("t1"))).ok).toBe(true);
    await world.settle();
    expect(a.tasks.get("t1")).toMatchObject({ list: "active", title: "login bravo" });
  });

  it("[SYNC-11b] archives when the live context outgrows its bound, and splits what is still large", async () => {
    const { world, a, b } = await withArchive();
    const frames: number[] = [];
    a.core.publisher.on("published", ({ update }) => frames.push(update.length));
    const long = "x".repeat(6_000);
    a.import({
      project_state: {
        completed_tasks: Array.from({ length: 400 }, (_, n) => ({ id: `t${n}`, title: `task ${n}`, summary: long })),
      },
    });
    expect(Math.max(...frames)).toBeLessThan(limits.frameBytesMax);
    await world.settle();
    const before = a.status().context.bytes;
    expect(before).toBeGreaterThan(limits.liveBytesMax);
    await world.clock.advance(120_000);
    await world.settle();
    expect(a.status().context.bytes).toBeLessThan(limits.liveBytesMax);
    expect(b.tasks.list().length).toBeLessThan(400);
    expect((await world.clock.waitFor(b.archive.get("t0")))?.fields.summary).toBe(long);
    expect(new Set(world.digests()).size).toBe(1);
  });

  it("leaves everything where it is while no relay has the copies on disk", async () => {
    const { world, a } = await withArchive();
    a.tasks.add({ id: "t1", title: "old" });
    a.tasks.done("t1");
    await world.settle();
    world.clock.jumpWall(40 * dayMs);
    world.relays[0]?.kill();
    const report = await world.clock.waitFor(a.archive.run());
    expect(report).toMatchObject({ tasks: 0, complete: false });
    expect(a.tasks.get("t1")).toMatchObject({ title: "old", list: "completed" });
    await world.clock.waitFor((world.relays[0] as WorldRelay).start());
    // The archive has a link of its own, which comes back when its backoff is over.
    await world.clock.advance(10_000);
    expect(await world.clock.waitFor(a.archive.run())).toMatchObject({ tasks: 1, complete: true });
  });

  it("[SYNC-16a] lets updates that arrive during the run wait, and applies them after it", async () => {
    const { world, a, b } = await withArchive();
    for (const id of ["t1", "t2"]) {
      a.tasks.add({ id, title: id });
      a.tasks.done(id);
    }
    await world.settle();
    world.clock.jumpWall(40 * dayMs);
    const running = a.archive.run();
    const order: string[] = [];
    a.on("change", ({ keys }) => order.push(...keys.filter((key) => key === "t/t1/m" || key === "t/t1/z")));
    b.tasks.update("t1", { summary: "edited meanwhile" });
    b.phase("of no concern");
    const report = await world.clock.waitFor(running);
    expect(report.tasks).toBe(2);
    expect(order[0]).toBe("t/t1/z");
    await world.settle();
    expect(order).toContain("t/t1/m");
    expect(a.core.replicas.replica.held.count).toBe(0);
    expect((await world.clock.waitFor(b.archive.get("t1")))?.fields).toMatchObject({ title: "t1" });
    expect((await world.clock.waitFor(a.archive.get("t1")))?.fields.summary).toBe("edited meanwhile");
    expect(a.get(phasePath).value).toBe("of no concern");
    expect(new Set(world.digests()).size).toBe(1);
  });

  it("[SYNC-16b] serves sections from a cache that is never out of date", async () => {
    const { world, a, b } = await pair();
    a.tasks.add({ id: "t1", title: "one" });
    await world.settle();
    const cached = b.core.replicas.view.context();
    expect(b.core.replicas.view.context()).toBe(cached);
    for (let n = 0; n < 50; n += 1) {
      (n % 2 === 0 ? a : b).tasks.update("t1", { title: `title ${n}` });
      await world.settle();
      expect(b.get("project_state.active_tasks").value).toMatchObject([{ title: `title ${n}` }]);
      expect(b.export().project_state?.active_tasks).toMatchObject([{ title: `title ${n}` }]);
    }
  });

  it("[SYNC-16c] loads none of the archive at a restart until somebody asks", async () => {
    const { world, a, join } = await withArchive();
    for (let n = 0; n < 200; n += 1) a.decisions.add({ id: `d${n}`, decision: `decision ${n}` });
    await world.settle();
    world.clock.jumpWall(40 * dayMs);
    expect((await world.clock.waitFor(a.archive.run())).decisions).toBe(200);
    await world.settle();
    let opened = 0;
    const archive = world.disk();
    const fresh = await join("fresh", {
      archiveStore: () => {
        opened += 1;
        return archive.open();
      },
    });
    await world.settle();
    fresh.pull();
    fresh.briefing();
    fresh.status();
    fresh.export();
    expect(opened).toBe(0);
    expect(fresh.decisions.list()).toEqual([]);
    expect((await world.clock.waitFor(fresh.archive.get("d7")))?.fields.decision).toBe("decision 7");
    expect(opened).toBe(1);
  });

  it("archives by itself, within the hour", async () => {
    const { world, a } = await withArchive();
    a.tasks.add({ id: "t1", title: "old" });
    a.tasks.done("t1");
    await world.settle();
    world.clock.jumpWall(31 * dayMs);
    await world.clock.advance(2 * 3_600_000);
    expect(a.tasks.list()).toEqual([]);
    expect(a.status().context.archived).toBe(1);
  });
});
