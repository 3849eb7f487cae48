/** The schedules that break a naive node: copies, restores, crashes between two steps, processes that take turns. */

import type { AgentDisk } from "@context-mesh/memory";
import { describe, expect, it } from "vitest";
import type { MeshNode } from "../src/index.ts";
import { World } from "./world.ts";

const phasePath = "project_state.current_phase";
const phasesAt = (node: MeshNode): readonly unknown[] =>
  node
    .get(phasePath)
    .candidates.map((candidate) => candidate.value)
    .sort();

const worldWithRelay = async (): Promise<World> => {
  const world = new World();
  await world.relay();
  return world;
};

/** What a second agent sees of the field, once everything has come to rest. */
const settledPhases = async (world: World, node: MeshNode): Promise<readonly unknown[]> => {
  await world.settle();
  return phasesAt(node);
};

describe("basis", () => {
  it("[SCH-1] keeps a value that arrived after the author's last read, and siblings it was not shown", async () => {
    const world = await worldWithRelay();
    const [a, b] = [await world.node("a"), await world.node("b")];
    a.phase("v0");
    await world.settle();
    expect(b.get(phasePath).value).toBe("v0");
    a.phase("v1");
    await world.settle();
    const [answer] = b.push({ changes: [{ path: phasePath, to: "mine" }] });
    expect(answer).toMatchObject({ answer: "conflict", other: { value: "v1", agent: "a" } });
    expect(answer?.receipt?.conflicts).toEqual([phasePath]);
    expect(await settledPhases(world, a)).toEqual(["mine", "v1"]);
    expect(b.conflicts.list()).toMatchObject([{ path: phasePath, candidates: [{}, {}] }]);
  });

  it("[SCH-1] takes the basis across processes of one agent: what the last command showed", async () => {
    const world = await worldWithRelay();
    const a = await world.node("a");
    const disk = world.disk();
    a.phase("v0");
    const first = await world.node("b", { disk });
    await world.settle();
    first.get(phasePath);
    await world.leave(first);
    const second = await world.node("b", { disk });
    expect(second.push({ changes: [{ path: phasePath, to: "v1" }] })[0]?.answer).toBe("applied");
    expect(await settledPhases(world, a)).toEqual(["v1"]);
    await world.leave(second);
    const third = await world.node("b", { disk });
    a.phase("v2");
    await world.settle();
    expect(third.push({ changes: [{ path: phasePath, to: "v3" }] })[0]?.answer).toBe("conflict");
  });

  it("writes a sibling when the author was never shown anything", async () => {
    const world = await worldWithRelay();
    const [a, b] = [await world.node("a"), await world.node("b")];
    a.phase("known");
    await world.settle();
    expect(b.push({ changes: [{ path: phasePath, to: "blind" }] })[0]?.answer).toBe("conflict");
    expect(await settledPhases(world, a)).toEqual(["blind", "known"]);
  });
});

describe("incarnations", () => {
  const written = async (): Promise<{ world: World; disk: AgentDisk; reader: MeshNode }> => {
    const world = await worldWithRelay();
    const reader = await world.node("reader");
    const disk = world.disk();
    const a = await world.node("a", { disk });
    await world.settle();
    await world.clock.waitFor(a.phase("first").reached("durable"));
    await world.leave(a);
    return { world, disk, reader };
  };

  it("[SCH-4] gives two copies of a store two writers, and keeps both their values", async () => {
    const { world, disk, reader } = await written();
    const copy = disk.clone();
    const one = await world.node("a", { disk, relays: [] });
    const two = await world.node("a2", { disk: copy, relays: [], agent: { id: "a" } });
    one.phase("of the original");
    two.phase("of the copy");
    expect(one.core.replicas.identity.writer).not.toBe(two.core.replicas.identity.writer);
    expect(two.core.replicas.identity.incarnation).toBe(2);
    for (const node of [one, two]) await world.leave(node);
    await world.node("a", { disk });
    await world.node("a2", { disk: copy, agent: { id: "a" } });
    expect(await settledPhases(world, reader)).toEqual(["of the copy", "of the original"]);
  });

  it.each([true, false])(
    "[SCH-4] a store restored from a backup reuses no number (mark kept: %s)",
    async (keepsHighWater) => {
      const { world, disk, reader } = await written();
      const backup = disk.backup();
      const later = await world.node("a", { disk });
      await world.settle();
      await world.clock.waitFor(later.phase("after the backup").reached("durable"));
      await world.leave(later);
      disk.restore(backup, { keepsHighWater });
      const restored = await world.node("a", { disk });
      restored.push({ changes: [{ path: phasePath, from: "first", to: "after the restore" }] });
      expect(await settledPhases(world, reader)).toEqual(["after the backup", "after the restore"]);
      expect(restored.core.replicas.identity.incarnation).toBe(2);
    },
  );

  it("[SCH-4] a plain restart goes on with the same writer and the next number", async () => {
    const { world, disk, reader } = await written();
    const again = await world.node("a", { disk });
    again.phase("second");
    expect(again.core.replicas.identity.incarnation).toBe(1);
    expect(await settledPhases(world, reader)).toEqual(["second"]);
  });

  it("[SCH-29] stamps a queued write anew without covering a value that its author never saw", async () => {
    const world = await worldWithRelay();
    const reader = await world.node("reader");
    const disk = world.disk();
    const empty = await world.node("a", { disk, relays: [] });
    await world.leave(empty);
    const backup = disk.backup();
    const a = await world.node("a", { disk });
    await world.clock.waitFor(a.phase("v0").reached("durable"));
    await world.leave(a);
    disk.restore(backup, { keepsHighWater: false });
    const restored = await world.node("a", { disk });
    const receipt = restored.phase("v1");
    await world.clock.waitFor(receipt.reached("durable"));
    expect(await settledPhases(world, reader)).toEqual(["v0", "v1"]);
  });

  it("[SCH-29] the same in place, with a second relay that lags behind the first", async () => {
    const world = new World();
    const ahead = await world.relay("ahead");
    const lagging = await world.relay("lagging");
    const disk = world.disk();
    const reader = await world.node("reader");
    const a = await world.node("a", { disk, relays: [ahead.url] });
    await world.clock.waitFor(a.phase("v0").reached("durable"));
    const backup = disk.backup();
    await world.clock.waitFor(a.phase("v1").reached("durable"));
    await world.leave(a);
    disk.restore(backup, { keepsHighWater: true });
    const restored = await world.node("a", { disk, relays: [lagging.url, ahead.url] });
    restored.push({ changes: [{ path: phasePath, from: "v0", to: "v2" }] });
    expect(await settledPhases(world, reader)).toEqual(["v1", "v2"]);
  });

  it("[SCH-11] hundreds of commands of one agent share one client id", async () => {
    const world = await worldWithRelay();
    const disk = world.disk();
    for (let n = 0; n < 120; n += 1) {
      const command = await world.node("cli", { disk });
      command.phase(`command ${n}`);
      await world.leave(command);
    }
    const reader = await world.node("reader");
    await world.settle();
    expect(reader.get(phasePath).value).toBe("command 119");
    expect(reader.core.replicas.replica.vector().size).toBe(1);
    expect(reader.core.replicas.replica.encode().length).toBeLessThan(2_000);
  });
});

describe("outbox", () => {
  it("[SCH-5] a queued write flushed after a newer one to the same key does not bring the older value back", async () => {
    const world = await worldWithRelay();
    const a = await world.node("a", { mode: "levels" });
    const b = await world.node("b");
    b.phase("what both replace");
    await world.settle();
    expect(a.get(phasePath).value).toBe("what both replace");
    const queued = a.phase("queued", { level: "periodic" });
    const critical = a.phase("critical", { level: "critical", basis: { "p/p": {} } });
    expect(queued.state).toBe("superseded");
    await world.clock.waitFor(critical.reached("durable"));
    await world.clock.waitFor(a.sync());
    expect(await settledPhases(world, b)).toEqual(["critical"]);
  });

  it.each(["crash-before", "crash-after"] as const)(
    "[SCH-5] [SCH-30] a crash between publishing and clearing publishes once (%s the commit)",
    async (outcome) => {
      const world = await worldWithRelay();
      const reader = await world.node("reader");
      const disk = world.disk();
      const a = await world.node("a", { disk });
      await world.settle();
      a.notes.add("before");
      await world.settle();
      disk.faults.commit = () => outcome;
      a.notes.add("in the crash");
      world.crash(a, disk);
      disk.faults.commit = undefined;
      await world.clock.advance(5_000);
      expect(reader.notes.list()).toEqual(["before"]);
      const again = await world.node("a", { disk });
      await world.settle();
      const survived = outcome === "crash-after";
      expect(again.notes.list()).toEqual(survived ? ["before", "in the crash"] : ["before"]);
      again.notes.add("after");
      await world.settle();
      const expected = survived ? ["before", "in the crash", "after"] : ["before", "after"];
      expect(reader.notes.list()).toEqual(expected);
      expect(again.core.replicas.identity.incarnation).toBe(1);
      expect(new Set(world.digests()).size).toBe(1);
    },
  );

  it("[SYNC-8a] [SYNC-8c] writes queued offline survive a crash and are sent in order, once", async () => {
    const world = await worldWithRelay();
    const disk = world.disk();
    const offline = await world.node("a", { disk, relays: [] });
    for (let n = 0; n < 100; n += 1) offline.notes.add(`note ${n}`);
    world.crash(offline, disk);
    const reader = await world.node("reader");
    const a = await world.node("a", { disk });
    await world.settle();
    const expected = Array.from({ length: 100 }, (_, n) => `note ${n}`);
    expect(reader.notes.list()).toEqual(expected);
    expect(a.queue()).toEqual([]);
  });

  it("[SCH-9] delivers an entry that was flushed late to a reader whose cursor had passed its number", async () => {
    const world = await worldWithRelay();
    const a = await world.node("a", { mode: "levels" });
    const b = await world.node("b");
    await world.settle();
    a.notes.add("early, but waits");
    a.phase("overtakes", { level: "critical" });
    await world.clock.advance(1_000);
    const first = b.pull();
    expect(first.changes.map((change) => change.path)).toEqual([phasePath]);
    await world.clock.waitFor(a.sync());
    await world.settle();
    const second = b.pull();
    expect(second.changes.map((change) => change.value)).toEqual(["early, but waits"]);
    expect(b.pull().changes).toEqual([]);
  });

  it("refuses a write that the disk refuses, and has changed nothing", async () => {
    const world = await worldWithRelay();
    const disk = world.disk();
    const a = await world.node("a", { disk });
    await world.settle();
    a.phase("kept");
    disk.faults.commit = () => "ENOSPC";
    const receipt = a.phase("lost");
    expect(receipt).toMatchObject({ ok: false, state: "refused", reason: "store_full" });
    expect(a.get(phasePath).value).toBe("kept");
    disk.faults.commit = undefined;
    expect(a.phase("again").ok).toBe(true);
    const b = await world.node("b");
    expect(await settledPhases(world, b)).toEqual(["again"]);
  });
});

describe("a full disk", () => {
  it.each(["live", "levels"] as const)("holds the outbox back only as long as it is full (%s)", async (mode) => {
    const world = await worldWithRelay();
    const disk = world.disk();
    const a = await world.node("a", { disk, mode });
    const b = await world.node("b");
    await world.settle();
    const heal = world.network.partition(() => true);
    for (const link of world.network.links()) link.halfOpen("dialer");
    await world.clock.advance(100);
    const receipt = a.phase("waits", { level: "critical" });
    expect(a.queue()).toHaveLength(1);
    disk.faults.commit = () => "ENOSPC";
    heal();
    await world.clock.advance(60_000);
    expect(a.status().relays[0]?.state).toBe("live");
    expect(receipt.state).toBe("queued");
    disk.faults.commit = undefined;
    await world.clock.advance(2_000);
    expect(receipt.state).toBe("durable");
    expect(b.get(phasePath).value).toBe("waits");
  });
});

describe("leaving with a full disk", () => {
  it("lets go of everything, says what could not be sent, and throws nothing", async () => {
    const world = await worldWithRelay();
    const disk = world.disk();
    const a = await world.node("a", { disk });
    await world.settle();
    a.tasks.add({ id: "t1", title: "held" });
    await world.clock.waitFor(a.tasks.claim("t1"));
    a.inbox.open();
    a.get(phasePath);
    a.pull();
    disk.faults.commit = () => "ENOSPC";
    expect((await world.clock.waitFor(a.leave({ flushMs: 1_000 }))).unsent).toBe(0);
    await world.clock.advance(100);
    expect(world.network.links(({ from }) => from === "a")).toEqual([]);
    disk.faults.commit = undefined;
    const again = await world.node("a", { disk });
    expect(again.tasks.get("t1")?.title).toBe("held");
  });
});

describe("processes of one agent", () => {
  it("[SCH-28] share one counter: the newer write wins, whichever process wrote it", async () => {
    const world = await worldWithRelay();
    const disk = world.disk();
    const one = await world.node("a", { disk });
    const two = await world.node("a", { disk });
    const reader = await world.node("reader");
    await world.settle();
    // The one that wrote less has the last word: counted by itself its number would be the lower one.
    for (let n = 0; n < 22; n += 1) {
      (n % 3 === 0 ? one : two).phase(`write ${n}`);
      await world.clock.advance(world.random.int(20));
    }
    expect(await settledPhases(world, reader)).toEqual(["write 21"]);
    expect(one.get(phasePath).value).toBe("write 21");
    expect(two.get(phasePath).value).toBe("write 21");
    expect([one, two].map((node) => node.core.replicas.identity.incarnation)).toEqual([1, 1]);
    expect(reader.core.replicas.replica.vector().size).toBe(1);
  });

  it("see each other's writes at once, and the running one sends what the other queued", async () => {
    const world = await worldWithRelay();
    const disk = world.disk();
    const running = await world.node("a", { disk });
    const reader = await world.node("reader");
    await world.settle();
    const command = await world.node("a", { disk, relays: [] });
    const receipt = command.tasks.add({ id: "t1", title: "from a command" });
    expect(running.tasks.get("t1")?.title).toBe("from a command");
    await world.clock.advance(1_000);
    expect(reader.tasks.get("t1")?.title).toBe("from a command");
    expect(command.queue()).toEqual([]);
    expect(receipt.state).toBe("queued");
    expect(running.status().queued.count).toBe(0);
  });

  it("[SYNC-5b] are told of others' changes once, although both receive them", async () => {
    const world = await worldWithRelay();
    const disk = world.disk();
    const [one] = [await world.node("a", { disk }), await world.node("a", { disk })];
    const other = await world.node("other");
    await world.settle();
    const seen: unknown[] = [];
    for (let n = 0; n < 25; n += 1) {
      other.notes.add(`note ${n}`);
      await world.clock.advance(world.random.int(40));
      seen.push(...one.pull().changes.map((change) => change.value));
    }
    await world.settle();
    await world.clock.advance(1_000);
    seen.push(...one.pull().changes.map((change) => change.value));
    expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => `note ${n}`));
  });

  it("keep their writer when one is greeted with what the other has just published", async () => {
    const world = await worldWithRelay();
    const disk = world.disk();
    const one = await world.node("a", { disk });
    await world.settle();
    for (let n = 0; n < 10; n += 1) {
      const two = await world.node("a", { disk });
      for (let step = 0; step < 12; step += 1) {
        one.notes.add(`note ${n} ${step}`);
        await world.clock.advance(1);
      }
      await world.settle();
      expect(two.core.replicas.identity.incarnation).toBe(1);
      await world.leave(two);
    }
    expect(one.core.replicas.identity.incarnation).toBe(1);
  });

  it("receive what comes back over the relay before they have noticed each other's commit", async () => {
    const world = await worldWithRelay();
    const disk = world.disk();
    const [one, two] = [await world.node("a", { disk }), await world.node("a", { disk })];
    await world.settle();
    for (let n = 0; n < 30; n += 1) {
      one.notes.add(`one ${n}`);
      two.notes.add(`two ${n}`);
      await world.clock.advance(1);
    }
    await world.settle();
    const arrivals = one.core.options.store.view((view) => view.arrivalsSince(0, 1_000));
    expect(new Set(arrivals.map((arrival) => arrival.key)).size).toBe(arrivals.length);
    expect(one.notes.list().length).toBe(60);
    expect(one.core.replicas.identity.incarnation).toBe(1);
    expect(two.core.replicas.identity.incarnation).toBe(1);
  });
});
