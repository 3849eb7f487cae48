/** Presence on the wire: batched, announced, removed, and never multiplied by those who pass it on. */

import { decodeAwareness, encodeAwareness, encodeAwarenessStates } from "@context-mesh/protocol";
import { describe, expect, it } from "vitest";
import { World } from "./support/world.ts";
import type { YClient } from "./support/y-client.ts";

interface Told {
  readonly client: number;
  readonly clock: number;
  readonly isHere: boolean;
}

const toldTo = (client: YClient): readonly Told[] =>
  client.heard.flatMap((message) => {
    const entries = message.type === "awareness" ? decodeAwareness(message.update) : undefined;
    return entries?.ok === true
      ? entries.value.map(({ client: id, clock, state }) => ({ client: id, clock, isHere: state !== null }))
      : [];
  });

const setUp = async () => {
  const world = new World();
  const relay = await world.relay("relay");
  const [a, b] = [await world.client(relay), await world.client(relay)];
  await world.until(() => a.synced && b.synced, "both are synced");
  return { world, relay, a, b };
};

describe("presence through a relay", () => {
  it("goes out at most every 50 ms, the latest state of each client once", async () => {
    const { world, a, b } = await setUp();
    for (let clock = 1; clock <= 10; clock++) a.present(1, clock);
    await world.pass(60);
    expect(toldTo(b)).toEqual([{ client: 1, clock: 10, isHere: true }]);
  });

  it("[REL-8b] is gone 50 ms after a clean close, and 35 s after a silent death", async () => {
    const { world, relay, a, b } = await setUp();
    const c = await world.client(relay);
    a.present(1, 1);
    c.present(2, 1);
    await world.pass(100);
    a.connection.close(1000, "");
    world.network.links(({ from }) => from === "client-3")[0]?.freeze("dialer");
    await world.pass(100);
    expect(toldTo(b).at(-1)).toEqual({ client: 1, clock: 1, isHere: false });
    await world.pass(31_500);
    expect(toldTo(b).at(-1)).toEqual({ client: 2, clock: 1, isHere: false });
  });

  it("is announced to a joiner after its answer, and to who asks", async () => {
    const { world, relay, a } = await setUp();
    a.present(1, 1);
    await world.pass(100);
    const joiner = await world.client(relay);
    await world.until(() => toldTo(joiner).length === 1, "it is announced");
    expect(joiner.types.indexOf("awareness")).toBeGreaterThan(joiner.types.indexOf("sync-step-2"));
    joiner.connection.send(Uint8Array.of(3));
    await world.until(() => toldTo(joiner).length === 2, "it is told again");
  });

  it("[SCH-19] is not multiplied by a stock client between two relays, which repeats at one what it hears at the other", async () => {
    const world = new World();
    const one = await world.relay("one");
    const two = await world.relay("two", { peers: [one.url] });
    const a = await world.client(one);
    const [left, right] = [await world.client(one), await world.client(two)];
    await world.until(() => a.synced && left.synced && right.synced, "all are synced");
    left.present(7, 1);
    right.present(7, 1);
    await world.pass(200);
    let passedOn = [0, 0];
    const repeat = (): void => {
      const [heardLeft, heardRight] = [toldTo(left), toldTo(right)];
      for (const { client, clock, isHere } of heardLeft.slice(passedOn[0]))
        right.present(client, clock, isHere ? {} : null);
      for (const { client, clock, isHere } of heardRight.slice(passedOn[1]))
        left.present(client, clock, isHere ? {} : null);
      passedOn = [heardLeft.length, heardRight.length];
    };
    for (let clock = 1; clock <= 100; clock++) {
      a.present(1, clock);
      for (let n = 0; n < 6; n++) {
        await world.pass(10);
        repeat();
      }
    }
    expect(toldTo(a).filter(({ client }) => client === 1).length).toBeLessThanOrEqual(101);
    expect(toldTo(right).filter(({ client }) => client === 1).length).toBeLessThanOrEqual(101);
    left.connection.close(1000, "");
    await world.pass(200);
    const watcher = await world.client(two);
    await world.pass(200);
    expect(toldTo(watcher).find(({ client }) => client === 1)?.isHere).toBe(true);
  });

  it("[SCH-19] stays with one that reconnects before its old socket is known dead", async () => {
    const { world, relay, a, b } = await setUp();
    a.present(1, 4);
    await world.pass(100);
    world.network.links(({ from }) => from === "client-1")[0]?.halfOpen("dialer");
    const back = await world.client(relay);
    back.present(1, 4);
    await world.pass(100);
    back.present(1, 5);
    await world.pass(100);
    expect(toldTo(b).at(-1)).toEqual({ client: 1, clock: 5, isHere: true });
    expect(toldTo(b).every(({ isHere }) => isHere)).toBe(true);
  });

  it("[REL-4b] of more than a message may hold is ignored and counted, and its connection goes on", async () => {
    const { world, relay, a, b } = await setUp();
    const states = Array.from({ length: 30 }, (_, client) => ({
      client,
      clock: 1,
      state: { text: "x".repeat(10_000) },
    }));
    a.connection.send(encodeAwareness(encodeAwarenessStates(states)));
    a.present(1, 1);
    await world.pass(200);
    expect([a.closedWith, toldTo(b)]).toEqual([undefined, [{ client: 1, clock: 1, isHere: true }]]);
    const counted = relay.relay.refusals().find(({ place, reason }) => place === "presence" && reason === "too_large");
    expect(counted?.count).toBe(1);
  });

  it("[REL-4b] cannot be forged for an id that its own session owns, nor flooded with ghosts", async () => {
    const { world, relay, a, b } = await setUp();
    a.present(1, 1);
    b.present(2, 1);
    await world.pass(100);
    b.present(1, 2 ** 31 - 1, null);
    for (let ghost = 100; ghost < 600; ghost++) b.present(ghost, 1);
    await world.pass(100);
    a.present(1, 2);
    await world.pass(100);
    expect(toldTo(b).filter(({ client }) => client === 1)).toEqual([
      { client: 1, clock: 1, isHere: true },
      { client: 1, clock: 2, isHere: true },
    ]);
    expect(relay.relay.metrics().presence_ignored).toBeGreaterThan(480);
    await world.pass(1_000);
    expect(relay.relay.metrics().presence_clients).toBeLessThanOrEqual(17);
  });
});
