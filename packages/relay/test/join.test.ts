/** Joining: nothing before the load, nothing live before the answer, everything before "synced". */

import { DocDisk } from "@context-mesh/memory";
import type { DocStore } from "@context-mesh/ports";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { World } from "./support/world.ts";

const docWith = (clientID: number, items: readonly unknown[]): Y.Doc => {
  const doc = new Y.Doc();
  doc.clientID = clientID;
  doc.getArray("items").push([...items]);
  return doc;
};

const stored = async (world: World, updates: readonly Uint8Array[]): Promise<DocDisk> => {
  const disk = new DocDisk({ clock: world.clock });
  const store = disk.open();
  await store.append(updates.map((bytes) => ({ room: "room", bytes, at: 0, agent: "", session: "" })));
  await store.close();
  return disk;
};

/** The store, how often each of its calls was made, and a gate that holds its answers back while it is shut. */
const watched = (inner: DocStore) => {
  const calls = new Map<string, number>();
  let gate = Promise.resolve();
  const store = new Proxy(inner, {
    get: (target, name) => {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        calls.set(String(name), (calls.get(String(name)) ?? 0) + 1);
        return gate.then(() => Reflect.apply(value, target, args) as unknown);
      };
    },
  });
  const shut = (): (() => void) => {
    let open = (): void => {};
    gate = new Promise((resolve) => {
      open = resolve;
    });
    return () => open();
  };
  return { store, shut, callsOf: (name: keyof DocStore) => calls.get(name) ?? 0 };
};

/** So many items of 1,000 characters, each an update of its own. */
const longTail = (count: number): readonly Uint8Array[] => {
  const doc = docWith(1, []);
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
  for (let n = 0; n < count; n++) doc.getArray("items").push([`${n} ${"x".repeat(1_000)}`]);
  return updates;
};

describe("joining", () => {
  it("[SCH-22] asks a stock client for what it has, answers its question, and says when it is in sync", async () => {
    const world = new World();
    const relay = await world.relay("relay");
    const a = await world.client(relay, "room", { doc: docWith(1, ["from a"]) });
    await world.until(() => a.synced, "a is synced");
    expect(a.types.slice(0, 1)).toEqual(["sync-step-1"]);
    const b = await world.client(relay);
    await world.until(() => b.synced, "b is synced");
    expect(b.items).toEqual(["from a"]);
    b.add("from b");
    await world.until(() => a.items.length === 2, "b's item reaches a");
    expect(a.items).toEqual(["from a", "from b"]);
  });

  it("says hello first to clients that offered the subprotocol, and only to those", async () => {
    const world = new World();
    const relay = await world.relay("relay");
    const node = await world.client(relay, "room", { node: "n1" });
    const stock = await world.client(relay);
    await world.until(() => node.synced && stock.synced, "both are synced");
    expect(node.types[0]).toBe("hello");
    expect(stock.types.every((type) => type !== "hello" && type !== "ack")).toBe(true);
  });

  it("[REL-3a] says nothing at all about a room before it is loaded", async () => {
    const world = new World();
    const disk = await stored(world, [Y.encodeStateAsUpdate(docWith(1, ["old"]))]);
    let load = (): void => {};
    const isAllowed = new Promise<void>((resolve) => {
      load = resolve;
    });
    const inner = disk.open();
    const slow = new Proxy(inner, {
      get: (target, name) => {
        if (name === "load") return (room: string) => isAllowed.then(() => target.load(room));
        const value = Reflect.get(target, name) as unknown;
        return typeof value === "function" ? value.bind(target) : value;
      },
    }) as DocStore;
    const relay = await world.relay("relay", { disk, store: slow });
    const clients = [await world.client(relay), await world.client(relay), await world.client(relay)];
    clients[0]?.add("new");
    await world.pass(10_000);
    expect(clients.map(({ heard }) => heard)).toEqual([[], [], []]);
    load();
    await world.until(() => clients.every(({ synced, items }) => synced && items.length === 2), "all have both items");
    expect(clients.map(({ items }) => [...items].sort())).toEqual(Array(3).fill(["new", "old"]));
  });

  it("[SCH-31] sends nothing live to a joiner before its base, and every deletion after what it deletes", async () => {
    const world = new World();
    const big = docWith(1, []);
    for (let n = 0; n < 300; n++) big.getArray("items").push([`${n} ${"x".repeat(10_000)}`]);
    const disk = await stored(world, [Y.encodeStateAsUpdate(big)]);
    const relay = await world.relay("relay", { disk });
    const writer = await world.client(relay);
    await world.until(() => writer.synced, "the writer is synced");
    const joiner = await world.client(relay, "room", { asks: false });
    const seen: number[] = [];
    joiner.doc.on("update", () => seen.push(joiner.items.length));
    writer.doc.transact(() => {
      writer.doc.getArray("items").delete(0, 299);
      writer.doc.getArray("items").push(["fresh"]);
    });
    await world.pass(1_000);
    expect(joiner.types).toEqual(["sync-step-1"]);
    joiner.ask();
    writer.add("while it joins");
    await world.until(() => joiner.synced, "the joiner is synced");
    expect(joiner.items).toEqual(writer.items);
    expect(seen.filter((length) => length === 0)).toEqual([]);
    expect(joiner.types.indexOf("sync-step-2")).toBeGreaterThan(joiner.types.indexOf("update"));
  });

  it("[SCH-21] hands a base larger than its queue to a slow joiner, without closing it or buffering more than 1 MB", async () => {
    const world = new World(1, 20);
    const big = docWith(1, []);
    for (let n = 0; n < 800; n++) big.getArray("items").push([`${n} ${"x".repeat(10_000)}`]);
    const disk = await stored(world, [Y.encodeStateAsUpdate(big)]);
    const relay = await world.relay("relay", { disk });
    const writer = await world.client(relay);
    await world.until(() => writer.synced, "the writer is synced");
    const joiner = await world.client(relay);
    const [link] = world.network.links(({ from }) => from === "client-2");
    let most = 0;
    for (let n = 0; n < 4_000 && !joiner.synced; n++) {
      link?.pauseReading("dialer");
      await world.pass(80);
      if (n % 40 === 0) writer.add(`live ${n}`);
      most = Math.max(most, link?.end("listener").bufferedBytes ?? 0);
      link?.resumeReading("dialer");
      await world.pass(20);
    }
    expect([joiner.synced, joiner.closedWith]).toEqual([true, undefined]);
    expect(joiner.items).toEqual(writer.items);
    expect(most).toBeLessThanOrEqual(2 ** 20);
    expect(relay.relay.metrics().join_chunks_sent).toBeGreaterThan(25);
  });

  it("sends one that comes back only what it lacks, and next to nothing when it lacks nothing", async () => {
    const world = new World();
    const base = docWith(1, []);
    for (let n = 0; n < 100; n++) base.getArray("items").push([`${n} ${"x".repeat(10_000)}`]);
    const disk = await stored(world, [Y.encodeStateAsUpdate(base)]);
    const store = disk.open();
    await store.compact("room", Y.encodeStateAsUpdate(base), 1);
    await store.close();
    const relay = await world.relay("relay", { disk });
    const first = await world.client(relay);
    await world.until(() => first.synced, "the first is synced");
    first.connection.close(1000, "");
    const writer = await world.client(relay);
    await world.until(() => writer.synced, "the writer is synced");
    writer.add("missed");
    await world.pass(100);
    const before = relay.relay.metrics().join_chunks_sent as number;
    const back = await world.client(relay, "room", { doc: first.doc });
    await world.until(() => back.synced, "it is back");
    expect(back.items.at(-1)).toBe("missed");
    expect((relay.relay.metrics().join_chunks_sent as number) - before).toBe(1);
    back.ask();
    await world.pass(100);
    expect(
      back.heard.filter(({ type }) => type === "sync-step-2").map((m) => "update" in m && m.update.length),
    ).toEqual([2, 2]);
  });

  it("answers from base and tail whatever was compacted meanwhile", async () => {
    const world = new World();
    const relay = await world.relay("relay", { limits: { compactUpdates: 12, recentBytesMax: 500 } });
    const writer = await world.client(relay);
    for (let n = 0; n < 230; n++) {
      writer.add(n);
      if (n % 7 === 0) writer.doc.getArray("items").delete(0, 1);
      await world.pass(20);
    }
    await world.pass(5_000);
    expect(relay.relay.metrics().compactions).toBeGreaterThan(2);
    const joiner = await world.client(relay);
    await world.until(() => joiner.synced, "the joiner is synced");
    expect(joiner.items).toEqual(writer.items);
    const state = await world.clock.waitFor(relay.relay.roomState("room"));
    const copy = new Y.Doc();
    Y.applyUpdate(copy, state as Uint8Array);
    expect(copy.getArray("items").toArray()).toEqual(writer.items);
  });

  it("reads a long tail from the store once, for joiners that come at once and for those that come later", async () => {
    const world = new World();
    const disk = await stored(world, longTail(1_900));
    const { store, shut, callsOf } = watched(disk.open());
    const relay = await world.relay("relay", { disk, store, limits: { recentBytesMax: 100_000 } });
    const clients = [await world.client(relay)];
    const isDone = () => clients.every(({ synced, items }) => synced && items.length === 1_900);
    const open = shut();
    for (let n = 0; n < 4; n++) clients.push(await world.client(relay));
    open();
    await world.until(isDone, "all have all");
    const reads = callsOf("since");
    expect(reads).toBe(4);
    for (let n = 0; n < 4; n++) clients.push(await world.client(relay));
    await world.until(isDone, "those that came later have all");
    expect([callsOf("load"), callsOf("since")]).toEqual([1, reads]);
  });

  it("keeps no more of all tails together than the relay's bound, and reads again what it let go of", async () => {
    const world = new World();
    const disk = new DocDisk({ clock: world.clock });
    const rooms = ["a", "b", "c"];
    const source = disk.open();
    for (const room of rooms) {
      const updates = longTail(500);
      await source.append(updates.map((bytes) => ({ room, bytes, at: 0, agent: "", session: "" })));
    }
    const { store, callsOf } = watched(disk.open());
    const limits = { recentBytesMax: 10_000, sharedTailsBytesMax: 4_000_000 };
    const relay = await world.relay("relay", { disk, store, limits });
    const reads: number[] = [];
    for (const room of ["a", "b", "b", "c", "b", "a"]) {
      const client = await world.client(relay, room);
      await world.until(() => client.synced && client.items.length === 500, "it has all");
      reads.push(callsOf("since"));
    }
    // Two rooms fit: "c" took the place of "a", which then is read again.
    const [a = 0, b, bAgain, c, bStill, aAgain] = reads;
    expect([b, bAgain, c, bStill, aAgain]).toEqual([2 * a, 2 * a, 3 * a, 3 * a, 4 * a]);
  });

  it("reads a compacted base from the store once for joiners that come at once", async () => {
    const world = new World();
    const disk = await stored(world, longTail(2_500));
    const { store, shut, callsOf } = watched(disk.open());
    const relay = await world.relay("relay", { disk, store });
    const clients = [await world.client(relay)];
    await world.until(() => relay.relay.metrics().compactions === 1, "it is compacted");
    const loads = callsOf("load");
    const open = shut();
    for (let n = 0; n < 10; n++) clients.push(await world.client(relay));
    open();
    await world.until(() => clients.every(({ synced, items }) => synced && items.length === 2_500), "all have all");
    expect(callsOf("load")).toBe(loads + 1);
  });
});
