/** A crowd at the door: let in by batches, in order, and nobody is forgotten. */

import { VirtualClock } from "@context-mesh/testkit";
import { describe, expect, it } from "vitest";
import { Lobby } from "../src/lobby.ts";
import { World } from "./support/world.ts";
import { YClient } from "./support/y-client.ts";

describe("the lobby", () => {
  it("[REL-7a] lets a batch in at once and the rest in batches, in order", async () => {
    const clock = new VirtualClock();
    const waiting: number[] = [];
    const limits = { admissionBatch: 20, admissionPauseMs: 20, admissionQueueMax: 1_000 };
    const lobby = new Lobby({ clock, limits, onWaiting: (count) => waiting.push(count) });
    const letIn: number[] = [];
    for (let n = 0; n < 1_000; n++) lobby.enter(() => letIn.push(n));
    expect([letIn.length, waiting.at(-1), lobby.isFull]).toEqual([20, 980, false]);
    await clock.advance(20);
    expect(letIn.length).toBe(40);
    await clock.advance(1_000);
    expect(letIn).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
    lobby.enter(() => letIn.push(-1));
    expect([letIn.at(-1), waiting.at(-1)]).toEqual([-1, 0]);
  });

  it("[REL-7a] takes 300 that come in one instant, serves each, and turns away what is too much", async () => {
    const world = new World();
    const relay = await world.relay("relay", { limits: { admissionQueueMax: 250 } });
    const dialer = world.network.dialer("crowd");
    const dials = Array.from({ length: 300 }, () =>
      dialer.dial(`${relay.url}/room`, { subprotocols: [], timeoutMs: 5_000 }),
    );
    const clients = (await world.clock.waitFor(Promise.all(dials))).map((connection) => new YClient(connection));
    await world.pass(2_000);
    const turnedAway = clients.filter((client) => client.closedWith !== undefined);
    expect([clients.filter((client) => client.synced).length, turnedAway.length]).toEqual([270, 30]);
    expect(turnedAway.every((client) => client.closedWith === 4529)).toBe(true);
    expect(relay.relay.metrics()).toMatchObject({ sessions: 270, connections_waiting: 0, connections_refused: 30 });
  });

  it("[REL-4b] closes one who was greeted and goes on for 30 s without an answer, and nobody else", async () => {
    const world = new World();
    const relay = await world.relay("relay");
    const node = await world.client(relay, "room", { node: "n" });
    const stock = await world.client(relay);
    const rude = await world.client(relay, "room", { node: "rude", isRude: true });
    await world.pass(29_000);
    expect(rude.closedWith).toBeUndefined();
    await world.pass(3_000);
    expect([rude.closedWith, node.closedWith, stock.closedWith]).toEqual([4408, undefined, undefined]);
    expect(relay.relay.refusals().find(({ reason }) => reason === "hello_timeout")?.count).toBe(1);
  });

  it("gives no place in line to who has no token", async () => {
    const world = new World();
    const relay = await world.relay("relay", {
      authorize: (_token, room) => (room === "closed" ? "refuse" : "write"),
      limits: { admissionBatch: 1, admissionPauseMs: 10_000 },
    });
    const dialer = world.network.dialer("crowd");
    const dials = Array.from({ length: 20 }, () =>
      dialer.dial(`${relay.url}/closed`, { subprotocols: [], timeoutMs: 5_000 }),
    );
    const crowd = (await world.clock.waitFor(Promise.all(dials))).map((connection) => new YClient(connection));
    const honest = await world.client(relay);
    await world.pass(1_000);
    expect(crowd.map(({ closedWith }) => closedWith)).toEqual(crowd.map(() => 4401));
    expect(honest.synced).toBe(true);
    expect(relay.relay.metrics()).toMatchObject({ sessions: 1, connections_refused: 20 });
  });

  it("turns away who was refused while it waited", async () => {
    const world = new World();
    let isRevoked = false;
    const relay = await world.relay("relay", {
      limits: { admissionBatch: 1, admissionPauseMs: 100 },
      authorize: () => (isRevoked ? "refuse" : "write"),
    });
    const first = await world.client(relay);
    const second = await world.client(relay);
    isRevoked = true;
    await world.pass(1_000);
    expect([first.closedWith, second.closedWith, second.heard]).toEqual([undefined, 4401, []]);
  });

  it("[REL-9b] tells writers of a full disk by its own code", async () => {
    const world = new World();
    const relay = await world.relay("relay");
    const client = await world.client(relay);
    await world.until(() => client.synced, "it is synced");
    relay.disk.faults.commit = () => "ENOSPC";
    client.add("x");
    await world.until(() => client.closedWith !== undefined, "it is told");
    const readiness = await world.clock.waitFor(relay.relay.ready());
    expect([client.closedWith, readiness.ok, readiness.reasons[0]]).toEqual([
      4507,
      false,
      "store_full: no space left for the store",
    ]);
    relay.disk.faults.commit = undefined;
    const again = await world.client(relay, "room", { node: "n", doc: client.doc });
    await world.until(() => again.acked?.count === again.sent, "what was refused is taken in");
    expect((await world.clock.waitFor(relay.relay.ready())).ok).toBe(true);
  });
});
