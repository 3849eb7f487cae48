/** Rooms come and go: unloaded when idle, a bad one kept apart, everything drained at the end. */

import { DocDisk } from "@context-mesh/memory";
import type { AppendRequest, Connection, DocStore } from "@context-mesh/ports";
import { scanUpdate } from "@context-mesh/protocol";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { deletion, nestedTypes } from "../../../test/fuzz/src/hostile-bytes.ts";
import { type BulkWork, inProcessBulkWork } from "../src/index.ts";
import { World } from "./support/world.ts";
import type { YClient } from "./support/y-client.ts";

/** All structs of the updates, with an empty delete set. */
const withoutDeletions = (updates: readonly Uint8Array[]): Uint8Array => {
  const merged = Y.mergeUpdates([...updates]);
  const scan = scanUpdate(merged);
  if (!scan.ok) throw new Error(scan.reason);
  return Uint8Array.of(...merged.subarray(0, scan.value.deletesAt), 0);
};

describe("rooms", () => {
  it("[REL-8a] are freed after the last client, at once where nothing was written, and leave no timers behind", async () => {
    const world = new World();
    const relay = await world.relay("relay");
    const timers = world.clock.pending;
    const clients: YClient[] = [];
    for (let n = 0; n < 30; n++) clients.push(await world.client(relay, `room-${n}`));
    await world.until(() => clients.every(({ synced }) => synced), "all are synced");
    clients[0]?.add("something");
    clients[1]?.present(1, 1);
    await world.pass(1_500);
    expect(relay.relay.metrics()).toMatchObject({ rooms_loaded: 30, sessions: 30, presence_clients: 1 });
    for (const client of clients) client.connection.close(1000, "");
    await world.pass(2_500);
    expect(relay.relay.metrics()).toMatchObject({ rooms_loaded: 1, sessions: 0 });
    await world.pass(40_000);
    expect(relay.relay.metrics()).toMatchObject({ rooms_loaded: 0, rooms_unloaded: 30, presence_clients: 0 });
    expect(world.clock.pending).toBe(timers);
    const back = await world.client(relay, "room-0");
    await world.until(() => back.synced, "the room is back");
    expect(back.items).toEqual(["something"]);
  });

  it("stay while a commit runs, however long it takes: who comes back finds what was sent", async () => {
    const world = new World();
    const relay = await world.relay("relay", { limits: { roomIdleMs: 1_000 } });
    const first = await world.client(relay);
    await world.until(() => first.synced, "it is synced");
    relay.disk.faults.commitDelayMs = () => 20_000;
    first.add("on its way to the disk");
    await world.pass(10);
    first.connection.close(1000, "");
    await world.pass(10_000);
    expect(relay.relay.metrics()).toMatchObject({ rooms_loaded: 1, rooms_unloaded: 0 });
    const back = await world.client(relay);
    await world.until(() => back.items.length === 1, "it found what the first one sent", 30_000);
    expect(back.items).toEqual(["on its way to the disk"]);
    back.connection.close(1000, "");
    await world.pass(5_000);
    expect(relay.relay.metrics()).toMatchObject({ rooms_loaded: 0, rooms_unloaded: 1 });
  });

  it("are compacted before they are unloaded when their tail is long", async () => {
    const world = new World();
    const relay = await world.relay("relay", { limits: { compactIdleUpdates: 20 } });
    const client = await world.client(relay);
    for (let n = 0; n < 40; n++) {
      client.add(n);
      await world.pass(5);
    }
    client.connection.close(1000, "");
    await world.pass(60_000);
    expect(relay.relay.metrics()).toMatchObject({ compactions: 1, rooms_loaded: 0 });
    const store = relay.disk.open();
    const stored = await world.clock.waitFor(store.load("room"));
    expect([stored.base?.seq, stored.tail.length]).toEqual([40, 0]);
    expect((await world.clock.waitFor(store.since("room", 0, 1_000))).length).toBe(40);
  });

  it("are not compacted again and again in the midst of writes, and are once these pause", async () => {
    const world = new World();
    const relay = await world.relay("relay", { limits: { compactUpdates: 20 } });
    const client = await world.client(relay);
    for (let n = 0; n < 70; n++) {
      client.add(n);
      await world.pass(50);
    }
    expect(relay.relay.metrics().compactions).toBe(0);
    await world.pass(3_000);
    expect(relay.relay.metrics().compactions).toBe(1);
  });

  it("[SCH-23] keep their log when they are compacted: what somebody deleted can still be read from it", async () => {
    const world = new World();
    const relay = await world.relay("relay", { limits: { compactUpdates: 10 } });
    const client = await world.client(relay, "room", { node: "author" });
    await world.until(() => client.synced, "it is synced");
    for (let n = 0; n < 12; n++) {
      client.add(`value ${n}`);
      await world.pass(5);
    }
    client.doc.getArray("items").delete(0, 12);
    await world.pass(5_000);
    const store = relay.disk.open();
    const log = await world.clock.waitFor(store.since("room", 0, 1_000));
    const text = log.map(({ bytes }) => Buffer.from(bytes).toString("latin1")).join();
    expect(relay.relay.metrics().compactions).toBeGreaterThan(0);
    expect(text).toContain("value 3");
    expect(log.every(({ agent, session, at }) => agent === "author" && session !== "" && at > 0)).toBe(true);
  });

  it.each([
    ["lacks a client", (updates: readonly Uint8Array[]) => updates[0] as Uint8Array],
    ["lacks deletions", (updates: readonly Uint8Array[]) => withoutDeletions(updates)],
    ["cannot be read", () => Uint8Array.of(9, 9, 9)],
  ])("[SCH-23] keep base and tail when the merged form %s", async (_name, damage) => {
    const world = new World();
    const bulk: BulkWork = { ...inProcessBulkWork, compact: async (updates) => ({ base: damage(updates) }) };
    const relay = await world.relay("relay", { bulk, limits: { compactUpdates: 4 } });
    const [a, b] = [await world.client(relay), await world.client(relay)];
    a.add("a");
    await world.pass(50);
    b.add("b", "c");
    await world.pass(50);
    b.doc.getArray("items").delete(0, 1);
    a.add("d");
    await world.pass(10_000);
    expect(relay.relay.metrics()).toMatchObject({ compactions: 0, compactions_refused: 1 });
    const joiner = await world.client(relay);
    await world.until(() => joiner.synced, "the joiner is synced");
    expect(joiner.items).toEqual(a.items);
  });

  it("[SCH-23] stay as they are, and are not tried again and again, when merging throws", async () => {
    const world = new World();
    const relay = await world.relay("relay", { limits: { compactUpdates: 150 } });
    const writer = await world.client(relay);
    // No single one of these is too deep; all of them are too deep for Yjs to delete.
    for (let from = 0; from < 51_200; from += 256) writer.send(nestedTypes(256, from));
    writer.send(deletion(1, 0, 1));
    await world.pass(10_000);
    expect(relay.relay.metrics()).toMatchObject({ compactions: 0, compactions_failed: 1, parts_set_aside: 0 });
    const other = await world.client(relay, "other");
    other.add("goes on");
    await world.pass(100);
    expect(relay.relay.metrics().updates_committed).toBe(202);
  });

  it("do not go further than the bound: the longest idle one makes place, else the newcomer is told to come later", async () => {
    const world = new World();
    const relay = await world.relay("relay", { limits: { roomsLoadedMax: 2 } });
    const a = await world.client(relay, "a");
    a.add(1);
    await world.pass(100);
    const b = await world.client(relay, "b");
    await world.pass(100);
    a.connection.close(1000, "");
    await world.pass(100);
    const c = await world.client(relay, "c");
    await world.until(() => c.synced, "c is let in");
    const d = await world.client(relay, "d");
    await world.until(() => d.closedWith !== undefined, "d is turned away");
    expect([b.closedWith, c.closedWith, d.closedWith]).toEqual([undefined, undefined, 4503]);
  });

  it("[REL-9a] go on when one of them is corrupt: that one is never served empty", async () => {
    const world = new World();
    const first = await world.relay("relay");
    for (const room of ["good", "bad"]) {
      const client = await world.client(first, room);
      client.add(room);
      await world.pass(100);
    }
    await first.stop();
    first.disk.corrupt("bad");
    const relay = await world.relay("relay", { disk: first.disk });
    const bad = await world.client(relay, "bad");
    const good = await world.client(relay, "good");
    await world.until(() => good.synced && bad.closedWith !== undefined, "one is served, one is refused");
    expect([good.items, bad.closedWith, bad.heard, bad.synced]).toEqual([["good"], 4503, [], false]);
    const readiness = await world.clock.waitFor(relay.relay.ready());
    expect([readiness.ok, readiness.reasons.join()]).toEqual([true, expect.stringContaining('"bad" is corrupt')]);
    first.disk.corrupt("bad", false);
    await world.pass(5_000);
    const mended = await world.client(relay, "bad");
    await world.until(() => mended.synced, "it is served once mended");
    expect(mended.items).toEqual(["bad"]);
  });

  it("[REL-9a] are refused, not emptied, while they cannot be read", async () => {
    const world = new World();
    const relay = await world.relay("relay");
    const writer = await world.client(relay);
    writer.add("kept");
    await world.pass(100);
    writer.connection.close(1000, "");
    await world.pass(60_000);
    relay.disk.faults.failLoad = () => true;
    const refused = await world.client(relay);
    refused.add("new");
    await world.until(() => refused.closedWith !== undefined, "it is refused");
    relay.disk.faults.failLoad = undefined;
    await world.pass(5_000);
    const reader = await world.client(relay);
    await world.until(() => reader.synced, "it is served");
    expect([refused.closedWith, refused.synced, reader.items]).toEqual([4503, false, ["kept"]]);
  });

  it.each([
    ["given twice", -1],
    ["left out", 1],
  ])("are loaded anew when the store's numbers have one %s, and then hold what is on disk", async (_what, step) => {
    const world = new World();
    const disk = new DocDisk({ clock: world.clock });
    const store = disk.open();
    let isWrong = false;
    const odd: DocStore = new Proxy(store, {
      get: (target, name) => {
        const value = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        if (name !== "append") return value.bind(target);
        return async (batch: readonly AppendRequest[]) => {
          const [foreign] = batch;
          // As if somebody else had written to the room, or the store had gone back.
          if (isWrong && step > 0 && foreign !== undefined) await target.append([foreign]);
          const seqs = await target.append(batch);
          const told = isWrong && step < 0 ? seqs.map((seq) => seq + step) : seqs;
          isWrong = false;
          return told;
        };
      },
    });
    const relay = await world.relay("relay", { disk, store: odd });
    const [writer, other] = [await world.client(relay), await world.client(relay)];
    await world.until(() => writer.synced && other.synced, "both are synced");
    writer.add(1);
    await world.pass(100);
    disk.faults.commitDelayMs = () => 20;
    isWrong = true;
    writer.add(2);
    await world.pass(10);
    other.add(3);
    writer.add(4);
    await world.until(() => writer.closedWith !== undefined, "the room is closed");
    const back = await world.client(relay, "room", { doc: writer.doc });
    back.add(5);
    await world.until(() => back.synced, "it is served again");
    await world.pass(200);
    const reader = await world.client(relay);
    await world.until(() => reader.synced, "a reader is synced");
    expect(reader.items.filter((item) => item !== 3)).toEqual([1, 2, 4, 5]);
    expect(relay.relay.metrics().commit_backlog_bytes).toBe(0);
  });

  it("are drained at the end: what was taken in is on disk and acknowledged, then everybody hears 1012", async () => {
    const world = new World();
    const relay = await world.relay("relay");
    relay.disk.faults.commitDelayMs = () => 50;
    const node = await world.client(relay, "room", { node: "n" });
    await world.until(() => node.synced, "it is synced");
    for (let n = 0; n < 20; n++) node.add(n);
    await world.pass(10);
    await relay.stop();
    await world.until(() => node.closedWith !== undefined, "it is closed");
    expect([node.closedWith, node.acked?.count]).toEqual([1012, node.sent]);
    const again = await world.relay("relay", { disk: relay.disk });
    const late = await world.client(relay);
    await world.until(() => late.closedWith === undefined && late.synced, "the new process serves it");
    expect(late.items.length).toBe(20);
    expect(again.relay.id).toBe(relay.relay.id);
  });

  it("do not keep the relay from stopping when the disk hangs: nothing unsaved was acknowledged", async () => {
    const world = new World();
    const relay = await world.relay("relay");
    const node = await world.client(relay, "room", { node: "n" });
    await world.until(() => node.synced && node.acked?.count === node.sent, "it is synced");
    const { acked } = node;
    relay.disk.faults.commitDelayMs = () => 1_000_000;
    node.add("never saved");
    await world.pass(10);
    const startedMs = world.clock.monotonicMs();
    await relay.stop();
    expect(world.clock.monotonicMs() - startedMs).toBeLessThanOrEqual(5_000);
    await world.pass(10);
    expect([node.closedWith, node.acked]).toEqual([1012, acked]);
  });

  it("let go of the base when nobody joined for a while, and load it again for the next", async () => {
    const world = new World();
    const relay = await world.relay("relay", { limits: { compactUpdates: 5, recentBytesMax: 50 } });
    const first = await world.client(relay);
    for (let n = 0; n < 12; n++) {
      first.add(n);
      await world.pass(1_000);
    }
    let loads = 0;
    relay.disk.faults.failLoad = () => {
      loads += 1;
      return false;
    };
    await world.pass(60_000);
    for (const expected of [1, 1]) {
      const joiner = await world.client(relay);
      await world.until(() => joiner.synced, "it is synced");
      expect([joiner.items.length, loads]).toEqual([12, expected]);
    }
    await world.pass(60_000);
    const late = await world.client(relay);
    await world.until(() => late.synced, "it is synced");
    expect([late.items.length, loads]).toEqual([12, 2]);
  });

  it("are not opened without end by one address", async () => {
    const world = new World();
    const relay = await world.relay("relay", { limits: { roomsPerMinuteMax: 5 } });
    const codes: (number | undefined)[] = [];
    for (let n = 0; n < 8; n++) {
      const dial = world.network.dialer("crowd").dial(`${relay.url}/r${n}`, { subprotocols: [], timeoutMs: 5_000 });
      const connection = await world.clock.waitFor(dial);
      connection.handle({ onMessage: () => {}, onClose: (code) => codes.push(code) });
    }
    await world.pass(100);
    expect(codes).toEqual([4529, 4529, 4529]);
    expect((await world.client(relay)).closedWith).toBeUndefined();
  });

  it("[REL-8a] of 10,000 that one client opens most are refused, and the others go when it does", async () => {
    const world = new World();
    const relay = await world.relay("relay");
    const timers = world.clock.pending;
    const dialer = world.network.dialer("greedy");
    const codes = new Map<number, number>();
    const connections: Connection[] = [];
    for (let n = 0; n < 10_000; n += 500) {
      const dials = Array.from({ length: 500 }, (_, k) =>
        dialer.dial(`${relay.url}/r${n + k}`, { subprotocols: [], timeoutMs: 5_000 }),
      );
      for (const connection of await world.clock.waitFor(Promise.all(dials))) {
        connection.handle({ onMessage: () => {}, onClose: (code) => codes.set(code, (codes.get(code) ?? 0) + 1) });
        connections.push(connection);
      }
    }
    await world.pass(2_000);
    const refused = codes.get(4529) ?? 0;
    expect([codes.size, refused > 8_000, relay.relay.metrics().rooms_loaded]).toEqual([1, true, 10_000 - refused]);
    const other = await world.client(relay, "other");
    await world.until(() => other.synced, "another visitor is served");
    other.connection.close(1000, "");
    for (const connection of connections) connection.close(1000, "");
    await world.pass(60_000);
    expect([relay.relay.metrics().rooms_loaded, relay.relay.metrics().sessions, world.clock.pending]).toEqual([
      0,
      0,
      timers,
    ]);
  });

  it("send something to everybody at least every 25 s, since stock clients hang up after 30 s of silence", async () => {
    const world = new World();
    const relay = await world.relay("relay");
    const client = await world.client(relay);
    await world.until(() => client.synced, "it is synced");
    for (let n = 0; n < 5; n++) {
      const heard = client.heard.length;
      await world.pass(25_000);
      expect(client.heard.length).toBeGreaterThan(heard);
    }
  });
});
