/** Relays among themselves: what one has the others get, rings come to rest, and rooms are learned. */

import type { Connection, Dialer } from "@context-mesh/ports";
import { encodeStep1, encodeStep2 } from "@context-mesh/protocol";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { type BulkWork, inProcessBulkWork } from "../src/index.ts";
import { type RunningRelay, World } from "./support/world.ts";

const stateOf = async (world: World, relay: RunningRelay, room = "room"): Promise<readonly unknown[]> => {
  const doc = new Y.Doc();
  const state = await world.clock.waitFor(relay.relay.roomState(room));
  if (state !== undefined) Y.applyUpdate(doc, state);
  return doc.getArray("items").toArray();
};

/** A dialer whose connections lose as many sync messages, of either direction, as `state().count` says. */
const lossy = (dialer: Dialer, state: () => { count: number }): Dialer => ({
  dial: async (url, options) => {
    const inner = await dialer.dial(url, options);
    const isLost = (message: Uint8Array): boolean => message[0] === 0 && state().count > 0 && state().count-- > 0;
    return {
      subprotocol: inner.subprotocol,
      get bufferedBytes() {
        return inner.bufferedBytes;
      },
      handle: (handlers) =>
        inner.handle({
          ...handlers,
          onMessage: (message) => {
            if (!isLost(message)) handlers.onMessage(message);
          },
        }),
      send: (message) => {
        if (!isLost(message)) inner.send(message);
      },
      close: (code, reason) => inner.close(code, reason),
      terminate: () => inner.terminate(),
    };
  },
});

describe("peering", () => {
  it("[SCH-24] tells a new relay of rooms that only its peer holds", async () => {
    const world = new World();
    const one = await world.relay("one");
    for (const room of ["a", "b/c"]) {
      const client = await world.client(one, room);
      client.add(room);
      await world.pass(100);
      client.connection.close(1000, "");
    }
    await world.pass(60_000);
    const two = await world.relay("two", { peers: [one.url] });
    await world.pass(3_000);
    expect(await stateOf(world, two, "a")).toEqual(["a"]);
    expect(await stateOf(world, two, "b/c")).toEqual(["b/c"]);
    const later = await world.client(one, "later");
    later.add("later");
    await world.pass(3_000);
    expect(await stateOf(world, two, "later")).toEqual(["later"]);
  });

  it("takes in what is still being looked at when its room could go from memory", async () => {
    const world = new World();
    const slow: BulkWork = {
      ...inProcessBulkWork,
      takeApart: async (update) => {
        await new Promise<void>((resolve) => world.clock.after(45_000, resolve));
        return inProcessBulkWork.takeApart(update);
      },
    };
    // Nothing else is said that would wake the room.
    const quiet = { antiEntropyMs: 600_000, keepAliveMs: 600_000 };
    const one = await world.relay("one", { bulk: slow, limits: { ...quiet, decodeInlineBytesMax: 100 } });
    const two = await world.relay("two", { peers: [one.url], limits: quiet });
    const client = await world.client(two);
    client.add("small");
    await world.pass(10_000);
    client.add("large".repeat(100));
    await world.pass(60_000);
    expect(await stateOf(world, one)).toEqual(client.items);
  });

  it("[SCH-24] works the other way round too: a relay gives its own rooms to a peer that knows nothing of it", async () => {
    const world = new World();
    const one = await world.relay("one");
    const two = await world.relay("two", { peers: [one.url] });
    const client = await world.client(two, "mine");
    client.add("mine");
    await world.pass(3_000);
    expect(await stateOf(world, one, "mine")).toEqual(["mine"]);
  });

  it("[NODE-2b] loses nothing that two relays have when one of them is gone for good", async () => {
    const world = new World();
    const one = await world.relay("one");
    const two = await world.relay("two", { peers: [one.url] });
    const [a, b] = [await world.client(one, "room", { node: "a" }), await world.client(two, "room", { node: "b" })];
    await world.until(() => a.synced && b.synced, "both are synced");
    for (let n = 0; n < 50; n++) {
      a.add(`a${n}`);
      b.add(`b${n}`);
      await world.pass(10);
    }
    await world.until(() => a.items.length === 100 && b.items.length === 100, "both have all");
    one.kill();
    const moved = await world.client(two, "room", { node: "a", doc: a.doc });
    moved.add("after");
    await world.until(() => b.items.length === 101, "work goes on");
    expect(await stateOf(world, two)).toEqual(b.items);
  });

  it("[SCH-15] comes to rest in a ring of three, deletions included, and anti-entropy adds nothing", async () => {
    const world = new World();
    const one = await world.relay("one");
    const two = await world.relay("two", { peers: [one.url] });
    const three = await world.relay("three", { peers: [two.url, one.url] });
    const client = await world.client(one);
    const other = await world.client(three);
    for (let n = 0; n < 20; n++) {
      client.add(n);
      if (n % 3 === 2) client.doc.getArray("items").delete(0, 1);
      await world.pass(50);
    }
    await world.until(() => other.items.length === client.items.length, "it is everywhere");
    await world.pass(5_000);
    const committed = () => [one, two, three].map(({ relay }) => relay.metrics().updates_committed as number);
    const before = committed();
    expect(Math.max(...before)).toBeLessThanOrEqual(26);
    await world.pass(200_000);
    expect(committed()).toEqual(before);
    expect(await stateOf(world, two)).toEqual(client.items);
  });

  it("[SCH-15] repairs by anti-entropy what got lost between peers", async () => {
    const world = new World();
    const one = await world.relay("one");
    const two = await world.relay("two", { peers: [one.url] });
    const [a, b] = [await world.client(one), await world.client(two)];
    a.add(1, 2, 3);
    await world.until(() => b.items.length === 3, "all arrived");
    const [link] = world.network.links(({ from, url }) => from === "two" && url.endsWith("/room"));
    link?.pauseReading("dialer");
    a.doc.getArray("items").delete(1, 1);
    await world.pass(100);
    link?.halfOpen("dialer");
    await world.until(() => b.items.length === 2, "the deletion arrives", 60_000);
    expect(b.items).toEqual([1, 3]);
  });

  it("[SCH-15] repairs it in place where only single messages got lost, within one interval, in either direction", async () => {
    const world = new World();
    const lost = { count: 0 };
    const one = await world.relay("one");
    const two = await world.relay("two", { peers: [one.url], dialer: lossy(world.network.dialer("two"), () => lost) });
    const [a, b] = [await world.client(one), await world.client(two)];
    a.add(1, 2, 3);
    await world.until(() => b.items.length === 3, "all arrived");
    lost.count = 2;
    a.add("lost on the way to two");
    b.doc.getArray("items").delete(0, 1);
    await world.pass(500);
    expect([lost.count, a.items.length, b.items.length]).toEqual([0, 4, 2]);
    await world.pass(31_000);
    expect([a.items, b.items]).toEqual([
      [2, 3, "lost on the way to two"],
      [2, 3, "lost on the way to two"],
    ]);
  });

  it("[SCH-15] repairs a lost deletion although the end that lacks it has no reason to ask", async () => {
    const world = new World();
    const lost = { count: 0 };
    const one = await world.relay("one");
    const two = await world.relay("two", { peers: [one.url], dialer: lossy(world.network.dialer("two"), () => lost) });
    const [a, b] = [await world.client(one), await world.client(two)];
    a.add(1, 2, 3);
    await world.until(() => b.items.length === 3, "all arrived");
    await world.pass(65_000);
    lost.count = 1;
    b.doc.getArray("items").delete(0, 1);
    await world.pass(500);
    expect([lost.count, a.items.length]).toEqual([0, 3]);
    await world.pass(31_000);
    expect(a.items).toEqual([2, 3]);
  });

  it("[SCH-31] tells a peer of deletions only after what took the place of the deleted", async () => {
    const world = new World();
    const heard: number[][] = [];
    let peer: Connection | undefined;
    world.network.listen("ws://odd", (connection) => {
      peer = connection;
      connection.handle({ onMessage: (message) => heard.push([...message.subarray(0, 2)]), onClose: () => {} });
    });
    const relay = await world.relay("relay", { peers: ["ws://odd/room"] });
    const client = await world.client(relay);
    client.add("first");
    client.doc.getArray("items").delete(0, 1);
    client.add("in its place");
    await world.pass(1_000);
    const asked = heard.length;
    peer?.send(encodeStep2(Uint8Array.of(0, 0)));
    await world.pass(1_000);
    expect(heard.slice(asked)).toEqual([]);
    peer?.send(encodeStep1(Uint8Array.of(0)));
    await world.pass(1_000);
    const [last, ...before] = heard.slice(asked).reverse();
    expect(last).toEqual([0, 1]);
    expect(before.some(([type, kind]) => type === 0 && kind === 2)).toBe(true);
  });

  it("[SCH-18] stays up when the other end of a link that we dialled sends what is no message at all", async () => {
    const world = new World();
    const heard: number[] = [];
    const closes: number[] = [];
    world.network.listen("ws://odd", (connection) => {
      connection.handle({
        onMessage: (message) => heard.push(message[0] ?? -1),
        onClose: (code) => closes.push(code),
      });
      for (const garbage of [[0, 0, 1, 0], [], [0], [0, 9], [1, 9, 9], [0, 2, 200, 200], [255]]) {
        connection.send(Uint8Array.from(garbage));
      }
    });
    const relay = await world.relay("relay", { peers: ["ws://odd/room"] });
    const client = await world.client(relay);
    await world.until(() => client.synced, "it is synced");
    const before = heard.length;
    client.add("goes on");
    await world.pass(1_000);
    expect([closes, heard.length > before]).toEqual([[], true]);
    expect(relay.relay.metrics().messages_refused).toBe(6);
  });

  it("[SCH-18] is never ended by content: a refused part stays behind, the link stays up, nothing loops", async () => {
    const world = new World();
    const one = await world.relay("one");
    const two = await world.relay("two", { peers: [one.url] });
    const [a, b] = [await world.client(one, "room", { node: "a" }), await world.client(two)];
    await world.until(() => a.synced && b.synced, "both are synced");
    await world.pass(1_000);
    const links = world.network.links(({ from }) => from === "two").length;
    a.send(Uint8Array.of(1, 1, 7, 0, 0, 255, 255, 255, 255, 127, 0));
    a.add("goes on");
    await world.until(() => b.items.length === 1, "work goes on");
    await world.pass(120_000);
    expect(world.network.links(({ from }) => from === "two").length).toBe(links);
    expect(one.relay.metrics()).toMatchObject({ updates_refused: 1 });
    expect(two.relay.metrics()).toMatchObject({ updates_refused: 0 });
  });

  it("comes back after a partition, with jitter, and both sides agree", async () => {
    const world = new World(3);
    const one = await world.relay("one");
    const two = await world.relay("two", { peers: [one.url] });
    const [a, b] = [await world.client(one), await world.client(two)];
    await world.until(() => a.synced && b.synced, "both are synced");
    const heal = world.network.partition((x, y) => x === "one" && y === "two");
    for (let n = 0; n < 30; n++) {
      a.add(`a${n}`);
      b.add(`b${n}`);
      await world.pass(100);
    }
    heal();
    for (const link of world.network.links(({ from }) => from === "two")) link.drop();
    await world.until(() => a.items.length === 60 && b.items.length === 60, "both have all", 120_000);
    expect(a.items).toEqual(b.items);
  });

  it.each(["dialer", "listener"] as const)(
    "dials again when the other end of every link vanished without a word, also of links at rest (%s told)",
    async (told) => {
      const world = new World(4);
      const one = await world.relay("one", { peers: ["ws://two"] });
      const two = await world.relay("two", { peers: ["ws://one"] });
      const [a, b] = [await world.client(one), await world.client(two)];
      a.add("before");
      await world.until(() => b.items.length === 1, "it arrives");
      const resting = await world.client(one, "resting");
      resting.add(1);
      await world.pass(1_000);
      resting.connection.close(1000, "");
      await world.pass(120_000);
      for (const link of world.network.links(({ from }) => from === "one" || from === "two")) link.halfOpen(told);
      a.add("after");
      const back = await world.client(two, "resting");
      back.add(2);
      await world.until(() => b.items.length === 2, "it arrives on a new link", 80_000);
      await world.pass(80_000);
      expect([...(await stateOf(world, one, "resting"))].sort()).toEqual([1, 2]);
    },
  );

  it("dials again when the other relay died behind a partition, so that nobody was told", async () => {
    const world = new World(5);
    const one = await world.relay("one");
    const two = await world.relay("two", { peers: [one.url] });
    const [a, b] = [await world.client(one), await world.client(two)];
    a.add(1);
    await world.until(() => b.items.length === 1, "it arrives");
    const heal = world.network.partition((x, y) => x === "one" && y === "two");
    one.kill();
    const again = await world.relay("one", { disk: one.disk });
    const back = await world.client(again);
    back.add(2);
    await world.pass(60_000);
    heal();
    await world.until(() => b.items.length === 2, "it arrives on a new link", 40_000);
  });

  it("does not keep rooms loaded, and wakes them for what a peer sends", async () => {
    const world = new World();
    const one = await world.relay("one");
    const two = await world.relay("two", { peers: [one.url] });
    const client = await world.client(one);
    client.add(1);
    await world.pass(1_000);
    client.connection.close(1000, "");
    await world.pass(120_000);
    expect([one.relay.metrics().rooms_loaded, two.relay.metrics().rooms_loaded]).toEqual([0, 0]);
    const back = await world.client(one);
    await world.until(() => back.synced, "it is back");
    back.add(2);
    await world.pass(3_000);
    expect(await stateOf(world, two)).toEqual([1, 2]);
    const other = await world.client(two);
    other.add(3);
    await world.until(() => back.items.length === 3, "both ways");
  });

  it("notices that a peer is the relay itself", async () => {
    const world = new World();
    const relay = await world.relay("one", { peers: ["ws://one"] });
    const client = await world.client(relay);
    client.add(1);
    await world.pass(60_000);
    expect(relay.relay.metrics()).toMatchObject({ peer_links: 0, updates_committed: 1 });
  });

  it("refuses an address that is none", async () => {
    const world = new World();
    await expect(world.relay("one", { peers: ["http://x"] })).rejects.toMatchObject({ code: "bad_peer" });
  });
});
