/** Posts through a relay, and presence by groups: who hears what, across rings of relays, whatever a client sends. */

import { limits, seededRandom } from "@context-mesh/common";
import {
  decodeAwareness,
  decodeMulticast,
  encodeAwareness,
  encodeAwarenessStates,
  encodeMulticast,
  encodeMulticastPayload,
  type Multicast,
} from "@context-mesh/protocol";
import { describe, expect, it } from "vitest";
import { type RunningRelay, World } from "./support/world.ts";
import type { YClient } from "./support/y-client.ts";

const say = (client: YClient, multicast: Multicast): void =>
  client.connection.send(encodeMulticast(encodeMulticastPayload(multicast)));
const subscribe = (client: YClient, ...names: string[]): void => say(client, { kind: "subscribe", names });
const post = (client: YClient, names: string[], text: string): void =>
  say(client, { kind: "post", names, body: new TextEncoder().encode(text) });

const postsTo = (client: YClient): readonly string[] =>
  client.heard.flatMap((message) => {
    const multicast = message.type === "multicast" ? decodeMulticast(message.payload) : undefined;
    return multicast?.ok === true && multicast.value.kind === "post"
      ? [new TextDecoder().decode(multicast.value.body)]
      : [];
  });

const presentTo = (client: YClient): readonly number[] =>
  client.heard.flatMap((message) => {
    const entries = message.type === "awareness" ? decodeAwareness(message.update) : undefined;
    return entries?.ok === true ? entries.value.map(({ client: id, state }) => (state === null ? -id : id)) : [];
  });

const isHere = (client: YClient, id: number, clock: number, groups: readonly string[]): void =>
  client.connection.send(
    encodeAwareness(encodeAwarenessStates([{ client: id, clock, state: { groups: [...groups] } }])),
  );

const node = async (world: World, relay: RunningRelay, name: string): Promise<YClient> => {
  const client = await world.client(relay, "room", { node: name });
  await world.until(() => client.synced, `${name} is synced`);
  return client;
};

describe("posts", () => {
  it("[RELAY-70] reach exactly the sessions that subscribed to one of their names, once, and not their sender", async () => {
    const world = new World();
    const relay = await world.relay("relay");
    const [a, b, c] = [await node(world, relay, "a"), await node(world, relay, "b"), await node(world, relay, "c")];
    const stock = await world.client(relay);
    subscribe(a, "x", "y");
    subscribe(b, "x", "y");
    subscribe(c, "y");
    await world.pass(10);
    post(a, ["x", "y"], "both");
    post(a, ["x"], "x only");
    post(a, ["nobody"], "lost");
    await world.pass(10);
    subscribe(b, "z");
    await world.pass(10);
    post(a, ["x"], "too late for b");
    post(c, ["z"], "for b again");
    await world.pass(10);
    expect([a, b, c].map(postsTo)).toEqual([[], ["both", "x only", "for b again"], ["both"]]);
    expect(stock.types).not.toContain("multicast");
  });

  it("[RELAY-70] are subscribed to in the hello as well, and end with the session", async () => {
    const world = new World();
    const relay = await world.relay("relay");
    const a = await node(world, relay, "a");
    const b = await world.client(relay, "room", { node: "b", subscriptions: ["x"] });
    await world.pass(10);
    post(a, ["x"], "one");
    await world.pass(10);
    b.connection.close(1000, "");
    await world.pass(10);
    post(a, ["x"], "two");
    await world.pass(10);
    expect(postsTo(b)).toEqual(["one"]);
    expect(relay.relay.metrics().posts_out).toBe(1);
  });

  it("[RELAY-71] pass a ring of relays once, in order", async () => {
    const world = new World();
    const relays = [
      await world.relay("r1", { peers: ["ws://r2", "ws://r3"] }),
      await world.relay("r2", { peers: ["ws://r3"] }),
      await world.relay("r3"),
    ] as const;
    const all: YClient[] = [];
    for (const [n, relay] of relays.entries()) all.push(await node(world, relay, `c${n}`));
    const [a, b, c] = all as [YClient, YClient, YClient];
    a.add("stored, so that links are opened");
    await world.until(() => [b, c].every((client) => client.items.length === 1), "all have it");
    await world.pass(5_000);
    for (const client of all) subscribe(client, "x");
    await world.pass(50);
    for (let n = 0; n < 20; n++) post(a, ["x"], `a${n}`);
    post(b, ["x"], "b");
    await world.pass(200);
    const fromA = Array.from({ length: 20 }, (_, n) => `a${n}`);
    expect(postsTo(a)).toEqual(["b"]);
    expect(postsTo(b)).toEqual(fromA);
    expect(postsTo(c).filter((text) => text !== "b")).toEqual(fromA);
    expect(postsTo(c).length).toBe(21);
  });

  it("[RELAY-72] to a reader that does not read are dropped and counted, not kept", async () => {
    const world = new World();
    const relay = await world.relay("relay");
    const [a, b] = [await node(world, relay, "a"), await node(world, relay, "b")];
    subscribe(b, "x");
    await world.pass(10);
    world.network.links(({ from }) => from === "client-2")[0]?.pauseReading("dialer");
    const large = "x".repeat(200_000);
    for (let n = 0; n < 50; n++) post(a, ["x"], large);
    await world.pass(1_000);
    const { posts_out = 0, posts_dropped = 0 } = relay.relay.metrics();
    expect(posts_out + posts_dropped).toBe(50);
    expect(posts_out * large.length).toBeLessThanOrEqual(limits.sessionQueueBytesMax + large.length);
  });

  it("[RELAY-73] garbage and forgery neither reach others nor disturb them", async () => {
    const world = new World();
    const relay = await world.relay("relay");
    const random = seededRandom(3);
    const [a, b] = [await node(world, relay, "a"), await node(world, relay, "b")];
    subscribe(b, "x");
    await world.pass(10);
    say(a, { kind: "relayed", origin: "other", n: 1, names: ["x"], body: new Uint8Array(3) });
    await world.pass(10);
    expect(relay.relay.metrics().posts_refused).toBe(1);
    const good = encodeMulticastPayload({ kind: "post", names: ["y"], body: new Uint8Array(50) });
    for (let n = 0; n < 300; n++) {
      const bytes = n % 2 === 0 ? random.bytes(random.int(60)) : Uint8Array.from(good);
      if (n % 2 === 1) bytes[random.int(6)] = random.int(256);
      const hostile = await world.client(relay, "room", { node: `h${n}` });
      await world.pass(5);
      hostile.connection.send(encodeMulticast(bytes));
      await world.pass(5);
      hostile.connection.close(1000, "");
    }
    post(a, ["x"], "still here");
    await world.pass(10);
    expect(postsTo(b).at(-1)).toBe("still here");
    expect([a.closedWith, b.closedWith]).toEqual([undefined, undefined]);
  });

  it("[RELAY-73] of who may only read are refused", async () => {
    const world = new World();
    const relay = await world.relay("relay", { authorize: () => "read" });
    const [a, b] = [await node(world, relay, "a"), await node(world, relay, "b")];
    subscribe(b, "x");
    post(a, ["x"], "no");
    await world.pass(10);
    expect(postsTo(b)).toEqual([]);
  });
});

describe("presence by groups", () => {
  const joined = async (world: World, relay: RunningRelay, name: string, groups?: string[]): Promise<YClient> => {
    const client = await world.client(relay, "room", {
      node: name,
      asks: false,
      ...(groups === undefined ? {} : { groups }),
    });
    await world.until(() => client.types.includes("hello"), `${name} is greeted`);
    client.ask();
    await world.until(() => client.synced, `${name} is synced`);
    return client;
  };

  it("[RELAY-74] is told to who shares a group, to who named none, and to stock clients; of who is in none, to all", async () => {
    const world = new World();
    const relay = await world.relay("relay");
    const a = await joined(world, relay, "a", ["g1"]);
    const b = await joined(world, relay, "b", ["g1", "g2"]);
    const c = await joined(world, relay, "c", ["g2"]);
    const all = await joined(world, relay, "all");
    const stock = await world.client(relay);
    await world.until(() => stock.synced, "the stock client is synced");
    isHere(a, 1, 1, ["g1"]);
    isHere(b, 2, 1, ["g1", "g2"]);
    isHere(c, 3, 1, ["g2"]);
    isHere(all, 4, 1, []);
    await world.pass(100);
    const sorted = (client: YClient): readonly number[] => [...new Set(presentTo(client))].sort((x, y) => x - y);
    expect([a, b, c, all, stock].map(sorted)).toEqual([
      [1, 2, 4],
      [1, 2, 3, 4],
      [2, 3, 4],
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ]);
    const late = await joined(world, relay, "late", ["g2"]);
    await world.pass(100);
    expect(sorted(late)).toEqual([2, 3, 4]);
    c.connection.close(1000, "");
    await world.pass(100);
    expect(presentTo(a)).not.toContain(-3);
    expect(presentTo(b)).toContain(-3);
  });

  it("[RELAY-74] a change of groups is told to those left behind as well", async () => {
    const world = new World();
    const relay = await world.relay("relay");
    const a = await joined(world, relay, "a", ["g1"]);
    const b = await joined(world, relay, "b", ["g1"]);
    const c = await joined(world, relay, "c", ["g2"]);
    isHere(a, 1, 1, ["g1"]);
    await world.pass(100);
    isHere(a, 1, 2, ["g2"]);
    await world.pass(100);
    isHere(a, 1, 3, ["g2"]);
    await world.pass(100);
    expect(presentTo(b).filter((id) => id === 1).length).toBe(2);
    expect(presentTo(c).filter((id) => id === 1).length).toBe(2);
  });
});
