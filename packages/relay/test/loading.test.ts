/** A room that takes long to load, or does not load: nobody is told "synced" before everything stored is there. */

import type { DocStore } from "@context-mesh/ports";
import { encodeHello } from "@context-mesh/protocol";
import { describe, expect, it } from "vitest";
import { World } from "./support/world.ts";
import type { YClient } from "./support/y-client.ts";

/** The store, with each load held back until `isReady`, or failing while `isBroken`. */
const slow = (store: DocStore, world: World, state: { delayMs: number; isBroken: boolean }): DocStore =>
  new Proxy(store, {
    get: (target, name) => {
      const value = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      if (name !== "load") return value.bind(target);
      return async (room: string) => {
        await new Promise<void>((resolve) => world.clock.after(state.delayMs, resolve));
        if (state.isBroken) throw new Error("EIO");
        return target.load(room);
      };
    },
  });

const setUp = async () => {
  const world = new World();
  const first = await world.relay("first");
  const writer = await world.client(first, "room", { node: "w" });
  await world.until(() => writer.synced, "it is synced");
  for (let n = 0; n < 300; n++) writer.add(n);
  await world.until(() => writer.acked?.count === writer.sent, "all is on disk");
  await first.stop();
  const state = { delayMs: 5_000, isBroken: false };
  const relay = await world.relay("second", { store: slow(first.disk.open(), world, state) });
  return { world, relay, state };
};

describe("a room that is being loaded", () => {
  it("[REL-3a] tells nobody of a crowd that it is synced before all of it is there", async () => {
    const { world, relay } = await setUp();
    const crowd: YClient[] = [];
    for (let n = 0; n < 8; n++) crowd.push(await world.client(relay, "room", n % 2 === 0 ? { node: `n${n}` } : {}));
    await world.pass(4_500);
    expect(crowd.map((client) => [client.synced, client.items.length])).toEqual(crowd.map(() => [false, 0]));
    for (const client of crowd) client.add("written while it loads");
    let tooEarly = 0;
    await world.until(() => {
      tooEarly += crowd.filter((client) => client.synced && client.items.length < 301).length;
      return crowd.every((client) => client.synced && client.items.length === 308);
    }, "everybody has everything");
    expect([tooEarly, relay.relay.metrics().rooms_opened]).toEqual([0, 1]);
  });

  it("[REL-4b] does not count its loading as silence of who was greeted", async () => {
    const { world, relay, state } = await setUp();
    state.delayMs = 31_000;
    const client = await world.client(relay, "room", { node: "late", isRude: true });
    await world.pass(33_000);
    client.connection.send(encodeHello({ v: 1, id: "late", role: "node", features: ["ack"] }));
    await world.pass(35_000);
    expect([client.closedWith, client.synced]).toEqual([undefined, true]);
  });

  it("[REL-3a] is closed, not served empty, when it cannot be loaded, and served whole once it can", async () => {
    const { world, relay, state } = await setUp();
    state.isBroken = true;
    const early = await world.client(relay);
    early.add("must not become the whole room");
    await world.until(() => early.closedWith !== undefined, "it is closed");
    expect([early.closedWith, early.synced, relay.relay.metrics().updates_committed]).toEqual([4503, false, 0]);
    const { ok, reasons } = await world.clock.waitFor(relay.relay.ready());
    expect([ok, reasons.some((reason) => reason.includes("cannot be loaded"))]).toEqual([true, true]);
    state.isBroken = false;
    await world.pass(3_000);
    const late = await world.client(relay, "room", { doc: early.doc });
    await world.until(() => late.synced, "it is synced");
    expect(late.items.length).toBe(301);
  });
});
