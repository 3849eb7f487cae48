/** What is taken in, held back, set aside and refused. */

import { limits } from "@context-mesh/common";
import { encodeUpdate, KnownState } from "@context-mesh/protocol";
import * as encoding from "lib0/encoding";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { nestedTypes } from "../../../test/fuzz/src/hostile-bytes.ts";
import { judge } from "../src/admission/judge.ts";
import { World } from "./support/world.ts";

const docOf = (clientID: number): Y.Doc => {
  const doc = new Y.Doc();
  doc.clientID = clientID;
  return doc;
};

const bytes = (write: (encoder: encoding.Encoder) => void): Uint8Array => {
  const encoder = encoding.createEncoder();
  write(encoder);
  return encoding.toUint8Array(encoder);
};

/** An update without structs that deletes [from, from + length) of a client. */
const deletion = (client: number, from: number, length: number): Uint8Array =>
  bytes((encoder) => {
    for (const n of [0, 1, client, 1, from, length]) encoding.writeVarUint(encoder, n);
  });

/** A run of garbage-collected clocks of a client. */
const gcRun = (client: number, clock: number, length: number): Uint8Array =>
  bytes((encoder) => {
    for (const n of [1, 1, client, clock, 0, length, 0]) encoding.writeVarUint(encoder, n);
  });

const updatesOf = (doc: Y.Doc, ...steps: readonly (() => void)[]): readonly Uint8Array[] => {
  const updates: Uint8Array[] = [];
  const keep = (update: Uint8Array): void => {
    updates.push(update);
  };
  doc.on("update", keep);
  for (const step of steps) step();
  doc.off("update", keep);
  return updates;
};

const setUp = async () => {
  const world = new World();
  const relay = await world.relay("relay");
  const node = await world.client(relay, "room", { node: "n1" });
  const honest = await world.client(relay);
  await world.until(() => node.synced && honest.synced, "both are synced");
  return { world, relay, node, honest, metrics: () => relay.relay.metrics() };
};

describe("admission", () => {
  it("[SCH-15] stores and forwards an update that only deletes, and takes it for known the second time", async () => {
    const { world, relay, honest, metrics } = await setUp();
    honest.add("a", "b", "c");
    await world.pass(100);
    const other = await world.client(relay);
    await world.until(() => other.items.length === 3, "the other has all");
    honest.doc.getArray("items").delete(1, 1);
    await world.until(() => other.items.length === 2, "the deletion arrives");
    const committed = metrics().updates_committed as number;
    for (let n = 0; n < 5; n++) {
      other.send(Y.encodeStateAsUpdate(other.doc));
      honest.ask();
      await world.pass(50);
    }
    expect(metrics().updates_committed).toBe(committed);
    const joiner = await world.client(relay);
    await world.until(() => joiner.synced, "the joiner is synced");
    expect(joiner.items).toEqual(["a", "c"]);
  });

  it("[SCH-16] accepts 20,000 writes in one run at first sync", async () => {
    const { world, relay } = await setUp();
    const doc = docOf(5);
    doc.transact(() => {
      doc.getArray("items").push(Array.from({ length: 20_000 }, (_, n) => n));
      doc.getArray("items").delete(0, 19_999);
    });
    const writer = await world.client(relay, "big", { node: "w", doc });
    await world.until(() => writer.acked?.count === writer.sent, "it is acknowledged");
    const reader = await world.client(relay, "big");
    await world.until(() => reader.synced, "the reader is synced");
    expect(reader.items).toEqual([19_999]);
    expect(relay.relay.metrics().updates_refused).toBe(0);
  });

  it("[SCH-16] holds a gap, asks for what is missing, and takes in what stands before the gap", async () => {
    const { world, node, honest, metrics } = await setUp();
    const doc = docOf(6);
    const [one, two, three] = updatesOf(
      doc,
      () => doc.getArray("items").push(["one"]),
      () => doc.getArray("items").push(["two"]),
      () => doc.getArray("items").push(["three"]),
    ) as [Uint8Array, Uint8Array, Uint8Array];
    const questions = () => node.types.filter((type) => type === "sync-step-1").length;
    const asked = questions();
    await world.pass(2_000);
    node.send(Y.mergeUpdates([one, three]));
    await world.pass(50);
    expect([honest.items, questions(), metrics().updates_held]).toEqual([["one"], asked + 1, 1]);
    const { sent } = node;
    await world.pass(1_000);
    expect(node.acked?.count).toBeLessThan(sent);
    node.send(two);
    await world.until(() => node.acked?.count === node.sent, "all is acknowledged once the gap is closed");
    await world.pass(5);
    expect(honest.items).toEqual(["one", "two", "three"]);
  });

  it("[SCH-16] gives a gap up after a while, says whose it was, and keeps its bytes", async () => {
    const { world, relay, node } = await setUp();
    const doc = docOf(6);
    const [, two] = updatesOf(
      doc,
      () => doc.getArray("items").push(["one"]),
      () => doc.getArray("items").push(["two"]),
    ) as [Uint8Array, Uint8Array];
    node.send(two);
    await world.pass(70_000);
    const named = node.heard.flatMap((message) => (message.type === "ack" ? message.setAside : []));
    expect(named).toEqual([{ client: 6, reason: "gap" }]);
    expect(node.acked?.count).toBe(node.sent);
    const store = relay.disk.open();
    expect((await world.clock.waitFor(store.quarantined("room"))).map(({ client }) => client)).toEqual([6]);
  });

  it("[SCH-17] holds a deletion of what nobody has written yet: it does not destroy the work to come", async () => {
    const { world, relay, node, honest } = await setUp();
    node.send(deletion(99, 0, 2 ** 31 - 1));
    await world.pass(200);
    const victim = await world.client(relay, "room", { doc: docOf(99), node: "victim" });
    await world.until(() => victim.synced, "the victim is synced");
    victim.add("mine");
    await world.pass(200);
    const joiner = await world.client(relay);
    await world.until(() => joiner.synced, "the joiner is synced");
    expect([honest.items, joiner.items]).toEqual([["mine"], ["mine"]]);
  });

  it("[SCH-17] does not take for known what would stay pending: a first push that refers to what nobody has", async () => {
    const { world, node, honest, metrics } = await setUp();
    const [a, b] = [docOf(1), docOf(2)];
    a.getArray("items").push(["a"]);
    Y.applyUpdate(b, Y.encodeStateAsUpdate(a));
    const [push] = updatesOf(b, () => b.getArray("items").push(["b after a"])) as [Uint8Array];
    node.send(push);
    await world.pass(100);
    expect([metrics().updates_held, honest.items]).toEqual([1, []]);
    expect(node.acked?.count).toBeLessThan(node.sent);
    node.send(Y.encodeStateAsUpdate(a));
    await world.until(() => honest.items.length === 2, "both arrive");
    expect(honest.items).toEqual(["a", "b after a"]);
  });

  it.each([
    ["a clock jump to 2^50", gcRun(7, 0, 2 ** 50)],
    ["trailing bytes", Uint8Array.of(...Y.encodeStateAsUpdate(docOf(1)), 1, 2, 3)],
    ["a truncated update", Uint8Array.of(1, 5, 7)],
    ["no bytes", Uint8Array.of()],
  ])("[REL-4b] sets %s aside once, names it, and goes on", async (_name, update) => {
    const { world, relay, node, honest, metrics } = await setUp();
    for (let n = 0; n < 10; n++) node.send(update);
    await world.until(() => node.acked?.count === node.sent, "the messages are answered");
    const named = node.heard.flatMap((message) => (message.type === "ack" ? message.setAside : []));
    expect([named.every(({ client }) => client === 0 || client === 7), named.length > 0]).toEqual([true, true]);
    expect(metrics().updates_refused).toBe(10);
    honest.add("goes on");
    await world.until(() => node.items.length === 1, "honest work arrives");
    const store = relay.disk.open();
    expect((await world.clock.waitFor(store.quarantined("room"))).length).toBe(1);
  });

  it("[SCH-18] sets aside only the part of the client that is to blame, once per content, and takes in the rest", async () => {
    const { world, relay, node, honest } = await setUp();
    const good = docOf(3);
    good.getArray("items").push(["honest"]);
    const mixed = Y.mergeUpdates([Y.encodeStateAsUpdate(good), gcRun(7, 0, 2 ** 50), deletion(9, 0, 2 ** 40)]);
    for (let n = 0; n < 5; n++) node.send(mixed);
    await world.until(() => node.acked?.count === node.sent, "the messages are answered");
    await world.pass(10);
    expect(honest.items).toEqual(["honest"]);
    const named = node.heard.flatMap((message) => (message.type === "ack" ? message.setAside : []));
    expect(new Set(named.map(({ client, reason }) => `${client} ${reason}`))).toEqual(
      new Set(["7 clock_too_high", "9 clock_too_high"]),
    );
    const store = relay.disk.open();
    const kept = await world.clock.waitFor(store.quarantined("room"));
    expect(kept.map(({ client }) => client).sort()).toEqual([7, 9]);
  });

  it("[SCH-18] names every client of a gap that is given up", async () => {
    const { world, node } = await setUp();
    const [a, b] = [docOf(21), docOf(22)];
    const later = [a, b].map(
      (doc) =>
        updatesOf(
          doc,
          () => doc.getArray("items").push(["one"]),
          () => doc.getArray("items").push(["two"]),
        )[1] as Uint8Array,
    );
    node.send(Y.mergeUpdates(later));
    await world.pass(70_000);
    const named = node.heard.flatMap((message) => (message.type === "ack" ? message.setAside : []));
    expect([...named].sort((x, y) => x.client - y.client)).toEqual([
      { client: 21, reason: "gap" },
      { client: 22, reason: "gap" },
    ]);
  });

  it("[SCH-18] keeps the same refused bytes once, however often the client returns and the relay restarts", async () => {
    const world = new World();
    const first = await world.relay("relay");
    for (let n = 0; n < 30; n++) {
      const client = await world.client(first);
      client.send(gcRun(7, 0, 2 ** 50));
      await world.pass(50);
      client.connection.close(1000, "");
    }
    await first.stop();
    const again = await world.relay("relay", { disk: first.disk });
    const client = await world.client(again);
    client.send(gcRun(7, 0, 2 ** 50));
    await world.pass(100);
    const store = first.disk.open();
    expect((await world.clock.waitFor(store.quarantined("room"))).length).toBe(1);
  });

  it("[REL-4b] closes a connection that does not speak the protocol, and ignores message types it does not know", async () => {
    const { world, relay, honest, metrics } = await setUp();
    const closes: (number | undefined)[] = [];
    for (const message of [[], [0], [0, 9], [0, 0, 5, 1], [1, 9, 9], [0, 2, 200, 200, 200]]) {
      const client = await world.client(relay);
      client.connection.send(Uint8Array.from(message));
      await world.pass(50);
      closes.push(client.closedWith);
    }
    expect(closes).toEqual(Array(6).fill(4400));
    const odd = await world.client(relay);
    odd.connection.send(Uint8Array.of(100, 1, 2, 3));
    await world.pass(50);
    expect([odd.closedWith, metrics().messages_refused]).toEqual([undefined, 7]);
    honest.add("goes on");
    await world.until(() => odd.items.length === 1, "work arrives");
  });

  it("answers a hello of another version with 4426", async () => {
    const { world, relay } = await setUp();
    const client = await world.client(relay);
    const text = JSON.stringify({ v: 2, id: "later", role: "node", features: [] });
    client.connection.send(
      bytes((encoder) => {
        encoding.writeVarUint(encoder, 67);
        encoding.writeVarString(encoder, text);
      }),
    );
    await world.pass(50);
    expect(client.closedWith).toBe(4426);
  });

  it("[REL-10b] takes nothing from who may only read, and says so", async () => {
    const world = new World();
    const relay = await world.relay("relay", { authorize: (token) => (token === "w" ? "write" : "read") });
    const reader = await world.client(relay, "room", { node: "r" });
    await world.until(() => reader.synced, "the reader is synced");
    reader.add("not allowed");
    await world.until(() => reader.acked?.count === reader.sent, "it is answered");
    expect(reader.heard.flatMap((m) => (m.type === "ack" ? m.setAside : []))).toEqual([
      { client: 0, reason: "read_only" },
    ]);
    expect(relay.relay.metrics()).toMatchObject({ updates_committed: 0, updates_read_only: 1 });
    const grants = reader.heard.flatMap((m) => (m.type === "hello" ? [m.hello.grant] : []));
    expect(grants).toEqual(["read"]);
  });

  it("refuses a token with 4401 and allocates nothing", async () => {
    const world = new World();
    const relay = await world.relay("relay", { authorize: () => "refuse" });
    const client = await world.client(relay);
    await world.until(() => client.closedWith !== undefined, "it is closed");
    expect([client.closedWith, client.heard]).toEqual([4401, []]);
    expect(relay.relay.metrics()).toMatchObject({ rooms_opened: 0, sessions: 0, connections_refused: 1 });
  });

  it("[REL-4b] refuses types in one another deeper than Yjs can delete, and takes in the rest of the update", async () => {
    const { world, relay, node, honest } = await setUp();
    const good = docOf(3);
    good.getArray("items").push(["honest"]);
    node.send(Y.mergeUpdates([Y.encodeStateAsUpdate(good), nestedTypes(4_000)]));
    node.send(nestedTypes(limits.nestedTypesMax + 2));
    await world.until(() => node.acked?.count === node.sent, "the messages are answered");
    await world.pass(10);
    expect(honest.items).toEqual(["honest"]);
    const named = node.heard.flatMap((message) => (message.type === "ack" ? message.setAside : []));
    expect(new Set(named.map(({ client, reason }) => `${client} ${reason}`))).toEqual(new Set(["1 nesting_too_deep"]));
    expect(relay.relay.metrics().parts_set_aside).toBe(2);
  });

  it("refuses what Yjs cannot decode, wherever that was found out", () => {
    const update = Y.encodeStateAsUpdate(docOf(1));
    const doc = docOf(2);
    doc.getArray("items").push([1]);
    const known = new KnownState();
    expect(judge(known, update, false)).toEqual({ kind: "known" });
    expect(judge(known, Y.encodeStateAsUpdate(doc), false)).toEqual({ kind: "refused", reason: "not_decodable" });
    expect(judge(known, Y.encodeStateAsUpdate(doc)).kind).toBe("new");
  });

  it("does not send an update back to where it came from", async () => {
    const { world, node, honest } = await setUp();
    honest.add("x");
    await world.until(() => node.items.length === 1, "it arrives");
    await world.pass(100);
    expect(honest.types).not.toContain("update");
  });

  it("passes a frame on as it came, and only what is new of one that overlaps", async () => {
    const { world, node, honest } = await setUp();
    const doc = docOf(8);
    const [one, two] = updatesOf(
      doc,
      () => doc.getArray("items").push(["one"]),
      () => doc.getArray("items").push(["two"]),
    ) as [Uint8Array, Uint8Array];
    node.send(one);
    await world.pass(50);
    node.send(Y.encodeStateAsUpdate(doc));
    await world.pass(50);
    const updates = honest.heard.flatMap((message) => (message.type === "update" ? [message.update] : []));
    expect(updates.map((update) => [...encodeUpdate(update)])).toEqual(
      [one, two].map((update) => [...encodeUpdate(update)]),
    );
  });
});
