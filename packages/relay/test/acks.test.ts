/** Acknowledged means on disk: what is said only after a commit, and what becomes of a commit that fails. */

import { DocDisk } from "@context-mesh/memory";
import type { DocStore } from "@context-mesh/ports";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { World } from "./support/world.ts";

const slowDisk = (world: World, commitDelayMs: number): DocDisk =>
  new DocDisk({ clock: world.clock, faults: { commitDelayMs: () => commitDelayMs } });

const updateOf = (clientID: number, items: readonly unknown[]): Uint8Array => {
  const doc = new Y.Doc();
  doc.clientID = clientID;
  doc.getArray("items").push([...items]);
  return Y.encodeStateAsUpdate(doc);
};

const itemsOnDisk = async (world: World, disk: DocDisk): Promise<readonly unknown[]> => {
  const store = disk.open();
  const { base, tail } = await world.clock.waitFor(store.load("room"));
  const doc = new Y.Doc();
  for (const bytes of [...(base === undefined ? [] : [base.bytes]), ...tail.map((update) => update.bytes)]) {
    Y.applyUpdate(doc, bytes);
  }
  return doc.getArray("items").toArray();
};

describe("acknowledgements", () => {
  it("[NODE-4b] come, as the fan-out does, after the commit and not before", async () => {
    const world = new World();
    const disk = slowDisk(world, 0);
    const relay = await world.relay("relay", { disk });
    const [node, other] = [await world.client(relay, "room", { node: "n1" }), await world.client(relay)];
    await world.until(() => node.synced && other.synced, "both are synced");
    await world.until(() => node.acked?.count === node.sent, "the join's answer is acknowledged");
    disk.faults.commitDelayMs = () => 200;
    node.add("x");
    await world.pass(190);
    expect([other.items, node.acked?.count]).toEqual([[], 1]);
    await world.pass(20);
    expect([other.items, node.acked]).toEqual([["x"], { count: 2, seq: 1 }]);
    expect(await itemsOnDisk(world, disk)).toEqual(["x"]);
  });

  it("count every update-carrying message of the connection, in order, and name the seq of the last", async () => {
    const world = new World();
    const relay = await world.relay("relay", { disk: slowDisk(world, 7) });
    const node = await world.client(relay, "room", { node: "n1" });
    await world.until(() => node.synced, "it is synced");
    for (let n = 0; n < 50; n++) {
      node.add(n);
      await world.pass(3);
    }
    await world.until(() => node.acked?.count === node.sent, "all is acknowledged");
    expect(node.acked).toEqual({ count: 51, seq: 50 });
    const counts = node.heard.flatMap((message) => (message.type === "ack" ? [message.count] : []));
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(counts.length).toBeLessThan(40);
  });

  it("[SCH-20] of a duplicate wait for the commit that covers it", async () => {
    const world = new World();
    const relay = await world.relay("relay", { disk: slowDisk(world, 100) });
    const [a, b] = [await world.client(relay, "room", { node: "a" }), await world.client(relay, "room", { node: "b" })];
    await world.until(() => a.synced && b.synced, "both are synced");
    await world.pass(1_000);
    const before = [a.acked?.count ?? 0, b.acked?.count ?? 0];
    const update = updateOf(77, ["once"]);
    a.send(update);
    await world.pass(30);
    b.send(update);
    await world.pass(60);
    expect([a.acked?.count ?? 0, b.acked?.count ?? 0]).toEqual(before);
    await world.pass(20);
    expect([a.acked?.count, b.acked?.count]).toEqual(before.map((count) => count + 1));
    expect(relay.relay.metrics()).toMatchObject({ updates_new: 1, updates_committed: 1 });
  });

  it("[SCH-20] stop at a failed commit: sessions are closed with 4507, nothing unsaved counts as known, the resend is stored", async () => {
    const world = new World();
    const disk = slowDisk(world, 10);
    const relay = await world.relay("relay", { disk });
    const a = await world.client(relay, "room", { node: "a" });
    const b = await world.client(relay, "room", { node: "b" });
    a.add("saved");
    await world.until(() => a.acked?.count === a.sent && b.items.length === 1, "the first is saved");
    const acked = a.acked;
    disk.faults.commit = () => "ENOSPC";
    a.add("lost");
    await world.pass(5);
    a.add("waiting behind it");
    await world.until(() => a.closedWith !== undefined && b.closedWith !== undefined, "both are closed");
    expect([a.closedWith, b.closedWith, a.acked, b.items]).toEqual([4507, 4507, acked, ["saved"]]);
    expect((await world.clock.waitFor(relay.relay.ready())).reasons[0]).toContain("store_full");
    disk.faults.commit = undefined;
    const back = await world.client(relay, "room", { node: "a", doc: a.doc });
    await world.until(() => back.synced && back.acked?.count === back.sent, "the resend is acknowledged");
    expect(await itemsOnDisk(world, disk)).toEqual(["saved", "lost", "waiting behind it"]);
    expect(await world.clock.waitFor(relay.relay.ready())).toEqual({ ok: true, reasons: [] });
  });

  it("[REL-9b] never come from a store that fails, which is reported until it works again", async () => {
    const world = new World();
    const disk = slowDisk(world, 1);
    disk.faults.commit = () => "EIO";
    const relay = await world.relay("relay", { disk, relayId: "r" });
    for (let n = 0; n < 20; n++) {
      const node = await world.client(relay, "room", { node: "a" });
      node.add(n);
      await world.until(() => node.closedWith === 1013, "it is closed");
      expect(node.acked).toBeUndefined();
    }
    const other = await world.client(relay, "elsewhere", { node: "b" });
    await world.until(() => other.synced, "reading goes on");
    expect((await world.clock.waitFor(relay.relay.ready())).ok).toBe(false);
    disk.faults.commit = undefined;
    other.add("works");
    await world.until(() => other.acked?.count === other.sent, "it works again");
    expect((await world.clock.waitFor(relay.relay.ready())).ok).toBe(true);
  });

  it("[NODE-4a] hold after the process died in the middle of a stream", async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const world = new World(seed);
      const disk = slowDisk(world, 5);
      const relay = await world.relay("relay", { disk, relayId: "r" });
      const node = await world.client(relay, "room", { node: "a" });
      const diesAt = 20 + world.random.int(150);
      for (let n = 0; n < diesAt; n += 2) {
        node.add(n);
        await world.pass(2);
      }
      relay.kill();
      const acknowledged = Math.max(0, (node.acked?.count ?? 0) - 1);
      const kept = await itemsOnDisk(world, disk);
      expect(kept.length).toBeGreaterThanOrEqual(acknowledged);
      expect(kept).toEqual(node.items.slice(0, kept.length));
      expect(acknowledged).toBeGreaterThan(0);
    }
  });

  it("[SCH-20] that a failed store comes back behind of are noticed and reported", async () => {
    const world = new World();
    const disk = slowDisk(world, 1);
    const inner = disk.open();
    let isShort = false;
    const store = new Proxy(inner, {
      get: (target, name) => {
        if (name === "load" && isShort) return async () => ({ base: undefined, tail: [], lastSeq: 0 });
        const value = Reflect.get(target, name) as unknown;
        return typeof value === "function" ? value.bind(target) : value;
      },
    }) as DocStore;
    const relay = await world.relay("relay", { disk, store });
    const node = await world.client(relay, "room", { node: "a" });
    node.add("acknowledged");
    await world.until(() => node.acked?.count === node.sent, "it is acknowledged");
    disk.faults.commit = () => "EIO";
    node.add("fails");
    await world.until(() => node.closedWith === 1013, "it is closed");
    disk.faults.commit = undefined;
    isShort = true;
    await world.client(relay, "room", { node: "a", doc: node.doc });
    await world.pass(100);
    expect(relay.relay.metrics().durable_positions_lost).toBe(1);
    const readiness = await world.clock.waitFor(relay.relay.ready());
    expect([readiness.ok, readiness.reasons.join()]).toEqual([
      false,
      expect.stringContaining("lost what was acknowledged"),
    ]);
  });

  it("[SCH-20] that a store loses while its rooms are open are noticed at the next commit", async () => {
    const world = new World();
    const disk = slowDisk(world, 1);
    let isShort = false;
    const store = new Proxy(disk.open(), {
      get: (target, name) => {
        if (name === "append" && isShort) return async (batch: readonly unknown[]) => batch.map((_, n) => n + 1);
        if (name === "load" && isShort) return async () => ({ base: undefined, tail: [], lastSeq: 0 });
        const value = Reflect.get(target, name) as unknown;
        return typeof value === "function" ? value.bind(target) : value;
      },
    }) as DocStore;
    const relay = await world.relay("relay", { disk, store });
    const node = await world.client(relay, "room", { node: "a" });
    node.add("acknowledged");
    await world.until(() => node.acked?.count === node.sent, "it is acknowledged");
    const { acked } = node;
    isShort = true;
    node.add("gets a number that was given before");
    await world.until(() => node.closedWith === 1013, "it is closed");
    expect(node.acked).toEqual(acked);
    await world.client(relay, "room", { node: "a", doc: node.doc });
    await world.pass(100);
    expect(relay.relay.metrics().durable_positions_lost).toBe(1);
  });

  it("are withheld while the store lacks commits, until a peer has sent its state", async () => {
    const world = new World();
    const disk = slowDisk(world, 1);
    const first = await world.relay("one", { disk });
    const two = await world.relay("two", { peers: [first.url] });
    const node = await world.client(first, "room", { node: "a" });
    node.add("before");
    await world.until(() => node.acked?.count === node.sent, "it is acknowledged");
    const backup = disk.backup();
    node.add("after the backup");
    await world.pass(2_000);
    first.kill();
    disk.restore(backup);
    const heal = world.network.partition((a, b) => a === "one" && b === "two");
    const again = await world.relay("one", { disk, peers: [two.url] });
    const early = await world.client(again, "room", { node: "b" });
    await world.until(() => early.synced, "it is synced");
    early.add("too early to be sure of");
    await world.pass(5_000);
    expect([early.acked, early.items.length]).toEqual([undefined, 2]);
    heal();
    expect((await world.clock.waitFor(again.relay.ready())).reasons.join()).toContain("lost commits");
    await world.until(() => early.acked?.count === early.sent, "it is acknowledged once the peer was heard", 120_000);
    await world.pass(1_000);
    expect((await world.clock.waitFor(again.relay.ready())).ok).toBe(true);
    expect(await itemsOnDisk(world, disk)).toEqual(early.items);
    expect([...early.items].sort()).toEqual(["after the backup", "before", "too early to be sure of"]);
  });
});
