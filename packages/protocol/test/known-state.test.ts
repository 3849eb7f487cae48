/** What is known, against a Y.Doc that is fed nothing but what was cut out. */

import { pick, type Random, seededRandom } from "@context-mesh/common";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import {
  type Classification,
  DeleteRanges,
  fingerprintOf,
  KnownState,
  scanUpdate,
  type UpdateScan,
} from "../src/index.ts";
import { contentOf, docOf, emptyDoc, hasPending, randomHistory } from "./support/random-doc.ts";

const scanned = (update: Uint8Array): UpdateScan => {
  const scan = scanUpdate(update);
  if (!scan.ok) throw new Error(scan.reason);
  return scan.value;
};

/** A room as a relay sees it, with the document that its clients would have. */
class Room {
  readonly known = new KnownState();
  readonly doc = emptyDoc();

  /** Takes in what can be taken in and says what it was. */
  offer(update: Uint8Array): { found: Classification; cut: Uint8Array; held: Uint8Array | undefined } {
    const scan = scanned(update);
    const found = this.known.classify(scan);
    const cut = this.known.cut(update, scan);
    const held = this.known.held(update, scan);
    this.known.absorb(scan);
    Y.applyUpdate(this.doc, cut);
    return { found, cut, held };
  }

  kind(update: Uint8Array): Classification["kind"] {
    return this.known.classify(scanned(update)).kind;
  }
}

const deletesOf = (doc: Y.Doc): DeleteRanges => {
  const deletes = new DeleteRanges();
  for (const [client, items] of Y.snapshot(doc).ds.clients) {
    for (const { clock, len } of items) deletes.add(client, clock, clock + len);
  }
  return deletes;
};

const vectorOf = (doc: Y.Doc): Map<number, number> => Y.decodeStateVector(Y.encodeStateVector(doc));

/** Single updates, merged ones with holes, states and differences, some twice, in any order. */
const deliveries = (random: Random, plain: boolean): { docs: readonly Y.Doc[]; updates: Uint8Array[] } => {
  const { docs, updates } = randomHistory(random, { replicas: 1 + random.int(4), steps: 24, plain });
  const merged = [2, 3, 4].map((n) => Y.mergeUpdates(updates.filter(() => random.int(n) > 0)));
  const differences = docs.map((doc) => Y.encodeStateAsUpdate(doc, Y.encodeStateVector(pick(random, docs))));
  const states = docs.map((doc) => Y.encodeStateAsUpdate(doc));
  const all = [...updates, ...updates.filter(() => random.int(3) === 0), ...merged, ...differences, ...states];
  // Mostly in order, so that not everything is a gap.
  const ranked = all.map((update, i) => ({ update, rank: i + random.int(random.int(2) === 0 ? 3 : 40) }));
  return { docs, updates: ranked.sort((a, b) => a.rank - b.rank).map(({ update }) => update) };
};

const kindsSeen = { known: 0, new: 0, gap: 0 };

const offerAll = (seed: number, plain: boolean): void => {
  const { docs, updates } = deliveries(seededRandom(seed), plain);
  const room = new Room();
  let waiting: Uint8Array[] = [];
  for (const update of updates) {
    const before = docOf(Y.encodeStateAsUpdate(room.doc));
    const whole = docOf(Y.encodeStateAsUpdate(room.doc), update);
    const { found, held } = room.offer(update);
    kindsSeen[found.kind] += 1;
    // A gap is what Yjs would park, exactly; and nothing that was cut out is ever parked.
    expect(hasPending(whole), `seed ${seed}`).toBe(found.kind === "gap");
    expect(hasPending(room.doc)).toBe(false);
    expect(held !== undefined).toBe(found.kind === "gap");
    expect(vectorOf(room.doc)).toEqual(room.known.vector);
    expect(Y.equalSnapshots(Y.snapshot(room.doc), Y.snapshot(whole))).toBe(true);
    expect(contentOf(room.doc)).toEqual(contentOf(whole));
    const isUnchanged = Y.equalSnapshots(Y.snapshot(before), Y.snapshot(whole));
    if (!found.hasNew) expect(isUnchanged).toBe(true);
    else if (plain) expect(isUnchanged).toBe(false);
    if (held !== undefined) waiting.push(held);
    waiting = waiting.filter((rest) => room.offer(rest).found.kind === "gap");
  }
  const all = docOf(...docs.map((doc) => Y.encodeStateAsUpdate(doc)));
  expect(waiting).toEqual([]);
  expect(contentOf(room.doc)).toEqual(contentOf(all));
  expect(room.known.vector).toEqual(vectorOf(all));
  if (plain) expect(room.known.fingerprint()).toBe(fingerprintOf(vectorOf(all), deletesOf(all)));
  for (const update of updates) expect(room.kind(update)).toBe("known");
};

describe("known state", () => {
  it("[WIRE-11] [WIRE-12] finds the new, the known and the gaps of plain documents as Yjs does", () => {
    for (let seed = 1; seed <= 25; seed++) offerAll(seed, true);
    expect(Math.min(...Object.values(kindsSeen))).toBeGreaterThan(40);
  });

  it("[WIRE-11] [WIRE-12] finds them in documents of every kind of content", () => {
    for (let seed = 101; seed <= 120; seed++) offerAll(seed, false);
  });

  it("[WIRE-17] has one fingerprint for equal vectors and deletes, and another for others", () => {
    const { docs } = randomHistory(seededRandom(17), { replicas: 2, steps: 20, plain: true });
    const [a, b] = [new Room(), new Room()];
    for (const doc of docs) a.offer(Y.encodeStateAsUpdate(doc));
    for (const doc of [...docs].reverse()) b.offer(Y.encodeStateAsUpdate(doc));
    expect(a.known.fingerprint()).toBe(b.known.fingerprint());
    expect(a.known.clone().fingerprint()).toBe(a.known.fingerprint());
    const before = a.known.fingerprint();
    const [client] = [...a.known.vector.keys()] as [number];
    const oneDelete = Uint8Array.of(0, ...encodedDelete(client, 0, a.known.clock(client)));
    a.offer(oneDelete);
    expect(a.known.fingerprint()).not.toBe(before);
  });

  it("[WIRE-11] tells what either side lacks of structs", () => {
    const known = new KnownState(new Map([[1, 5], [2, 3]])); // biome-ignore format: one line
    const peer = new Map([[1, 7], [2, 1], [3, 4]]); // biome-ignore format: one line
    expect(known.missingFrom(peer)).toEqual(new Map([[2, 1]]));
    expect(known.missingHere(peer)).toEqual(new Map([[1, 5], [3, 0]])); // biome-ignore format: one line
  });
});

const encodedDelete = (client: number, from: number, to: number): Uint8Array => {
  const deletes = new DeleteRanges();
  deletes.add(client, from, to);
  return deletes.encode();
};

const docWith = (clientId: number, items: number): Y.Doc => {
  const doc = new Y.Doc();
  doc.clientID = clientId;
  for (let i = 0; i < items; i++) doc.getArray("a").push([i]);
  return doc;
};

describe("schedules", () => {
  it("[SCH-15] [WIRE-13] an update that only deletes is new once, then known; the whole delete set again is known", () => {
    const doc = docWith(7, 10);
    const room = new Room();
    room.offer(Y.encodeStateAsUpdate(doc));
    let deletion: Uint8Array = new Uint8Array(0);
    doc.on("update", (update: Uint8Array) => {
      deletion = update;
    });
    doc.getArray("a").delete(3, 2);
    const vector = room.known.vector;
    expect(scanned(deletion).structs).toBe(0);
    expect(room.kind(deletion)).toBe("new");
    const { cut } = room.offer(deletion);
    expect(cut).toEqual(deletion);
    expect(room.known.vector).toEqual(vector);
    expect(room.known.deletes.ranges(7)).toEqual([{ from: 3, to: 5 }]);
    expect(room.kind(deletion)).toBe("known");
    expect(room.kind(Y.encodeStateAsUpdate(doc, Y.encodeStateVector(doc)))).toBe("known");
    expect(room.doc.getArray("a").toArray()).toEqual(doc.getArray("a").toArray());
  });

  it("[SCH-15] [WIRE-13] a ring of relays that pass on what is new comes to rest", () => {
    const ring = [new Room(), new Room(), new Room()];
    const { docs, updates } = randomHistory(seededRandom(15), { replicas: 3, steps: 60 });
    let passed = 0;
    const pass = (at: number, update: Uint8Array): void => {
      const room = ring[at] as Room;
      const { found, cut } = room.offer(update);
      if (!found.hasNew) return;
      passed += 1;
      for (const next of [(at + 1) % 3, (at + 2) % 3]) pass(next, cut);
    };
    for (const [i, update] of updates.entries()) pass(i % 3, update);
    for (const doc of docs) for (const at of [0, 1, 2]) pass(at, Y.encodeStateAsUpdate(doc));
    const settled = passed;
    for (const doc of docs) for (const at of [0, 1, 2]) pass(at, Y.encodeStateAsUpdate(doc));
    expect(passed).toBe(settled);
    expect(passed).toBeLessThanOrEqual(3 * (updates.length + 3 * docs.length));
    expect(new Set(ring.map((room) => room.known.fingerprint())).size).toBe(1);
  });

  it("[SCH-16] 20,000 honest writes are one update of a few bytes with one long run, and are taken in", () => {
    const doc = docWith(2 ** 40, 20_000);
    doc.getArray("a").delete(0, 19_999);
    const update = Y.encodeStateAsUpdate(doc);
    expect(update.length).toBeLessThanOrEqual(62);
    expect(scanned(update).clients[0]).toMatchObject({ from: 0, to: 20_000 });
    const room = new Room();
    expect(room.kind(update)).toBe("new");
    room.offer(update);
    expect(room.doc.getArray("a").toArray()).toEqual([19_999]);
  });

  it("[SCH-16] a skip is a gap, and what comes before it is taken in", () => {
    const doc = new Y.Doc();
    doc.clientID = 4;
    const updates: Uint8Array[] = [];
    doc.on("update", (update: Uint8Array) => updates.push(update));
    for (const value of [1, 2, 3]) doc.getArray("a").push([value]);
    const [first, second, third] = updates as [Uint8Array, Uint8Array, Uint8Array];
    const holed = Y.mergeUpdates([first, third]);
    const room = new Room();
    const { found, held } = room.offer(holed);
    expect(found).toMatchObject({ kind: "gap", hasNew: true, missing: new Map([[4, 1]]) });
    expect(room.doc.getArray("a").toArray()).toEqual([1]);
    room.offer(second);
    expect(room.kind(held as Uint8Array)).toBe("new");
    room.offer(held as Uint8Array);
    expect(room.doc.getArray("a").toArray()).toEqual([1, 2, 3]);
    expect(room.kind(holed)).toBe("known");
  });

  it("[SCH-17] [WIRE-14] a 12-byte delete set over all clocks of an unseen client is a gap, and destroys nothing", () => {
    const victim = 2 ** 20;
    const poison = Uint8Array.of(0, ...encodedDelete(victim, 0, 2 ** 31));
    expect(poison.length).toBe(12);
    const room = new Room();
    const { found, held } = room.offer(poison);
    expect(found).toMatchObject({ kind: "gap", hasNew: false, missing: new Map([[victim, 2 ** 31 - 1]]) });
    expect(held).toEqual(poison);
    expect(room.known.deletes.isEmpty).toBe(true);
    const work = Y.encodeStateAsUpdate(docWith(victim, 3));
    expect(room.kind(work)).toBe("new");
    room.offer(work);
    expect(room.doc.getArray("a").toArray()).toEqual([0, 1, 2]);
    expect(hasPending(room.doc)).toBe(false);
  });

  it("[SCH-17] [WIRE-14] a first push at clock 0 whose origin is not there is a gap, not known", () => {
    const theirs = docWith(1, 3);
    const mine = docOf(Y.encodeStateAsUpdate(theirs));
    mine.clientID = 9;
    const before = Y.encodeStateVector(mine);
    mine.getArray("a").push(["after theirs"]);
    const push = Y.encodeStateAsUpdate(mine, before);
    const room = new Room();
    expect(room.offer(push).found).toMatchObject({ kind: "gap", hasNew: false, missing: new Map([[1, 2]]) });
    expect(room.known.clock(9)).toBe(0);
    room.offer(Y.encodeStateAsUpdate(theirs));
    expect(room.kind(push)).toBe("new");
  });

  it("[SCH-17] somebody else's clocks under a client's id show as clocks that it lacks itself", () => {
    const room = new Room();
    room.offer(Y.encodeStateAsUpdate(docWith(77, 5)));
    const victim = new KnownState();
    expect(victim.missingHere(room.known.vector).get(77)).toBe(0);
  });

  it("[WIRE-14] what an update brings itself is there for its other parts; what waits for itself in a circle is not", () => {
    const gc = 0;
    // Client 1: one deleted item behind clock `origin` of client 2; client 2: one behind `back` of client 1.
    const circle = (origin: number, back: number): Uint8Array =>
      Uint8Array.of(2, 1, 2, 0, 0x81, 1, back, 1, 2, 1, 0, gc, 1, 0x81, 2, origin, 1, 0);
    const room = new Room();
    expect(room.kind(circle(0, 0))).toBe("new");
    const waiting = room.known.classify(scanned(circle(0, 1)));
    expect(waiting).toMatchObject({ kind: "gap", hasNew: true });
    const { cut } = room.offer(circle(0, 1));
    expect(scanned(cut).clients.map(({ client, to }) => [client, to])).toEqual([[1, 1]]);
    expect(hasPending(room.doc)).toBe(false);
    expect(hasPending(docOf(circle(0, 1)))).toBe(true);
  });
});
