/** Parts of updates: applied, they give what the whole gives. */

import { pick, type Random, seededRandom } from "@context-mesh/common";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { diffUpdate, KnownState, scanUpdate, selectClients, splitUpdate, type UpdateScan } from "../src/index.ts";
import { contentOf, docOf, emptyDoc, hasPending, randomHistory } from "./support/random-doc.ts";

const scanned = (update: Uint8Array): UpdateScan => {
  const scan = scanUpdate(update);
  if (!scan.ok) throw new Error(scan.reason);
  return scan.value;
};

const expectSameDocs = (a: Y.Doc, b: Y.Doc): void => {
  expect(hasPending(a)).toBe(hasPending(b));
  expect(Y.equalSnapshots(Y.snapshot(a), Y.snapshot(b))).toBe(true);
  expect(contentOf(a)).toEqual(contentOf(b));
};

/** Structs and deletes as plain values. */
const decoded = (update: Uint8Array): unknown => {
  const { structs, ds } = Y.decodeUpdate(update);
  const plain = structs.map((struct) =>
    struct instanceof Y.Item
      ? [
          struct.id,
          struct.length,
          struct.origin,
          struct.rightOrigin,
          struct.parent,
          struct.parentSub,
          contentIn(struct),
        ]
      : [struct.id, struct.length, struct.constructor.name],
  );
  return { plain, ds: [...ds.clients] };
};

const contentIn = (item: Y.Item): unknown => {
  const { content } = item;
  if (content instanceof Y.ContentType) return ["type", content.type.constructor.name];
  if (content.constructor.name === "ContentDoc") return ["doc", (content.getContent()[0] as Y.Doc).guid];
  return [content.constructor.name, { ...content }];
};

/** Any clock of each client, also inside structs and inside surrogate pairs, or none. */
const randomVector = (random: Random, scan: UpdateScan): Map<number, number> => {
  const vector = new Map<number, number>();
  for (const { client, to } of scan.clients) if (random.int(4) > 0) vector.set(client, random.int(to + 2));
  return vector;
};

const encoded = (vector: ReadonlyMap<number, number>): Uint8Array => {
  const bytes = [vector.size];
  for (const [client, clock] of vector) {
    for (let rest of [client, clock]) {
      for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
      bytes.push(rest);
    }
  }
  return Uint8Array.from(bytes);
};

const someUpdates = (random: Random): Uint8Array[] => {
  const { docs, updates } = randomHistory(random, { replicas: 1 + random.int(4), steps: 30 });
  const holed = Y.mergeUpdates(updates.filter(() => random.int(4) > 0));
  return [...docs.map((doc) => Y.encodeStateAsUpdate(doc)), holed, pick(random, updates)];
};

describe("diffUpdate", () => {
  it("[WIRE-16] leaves of any update what Y.diffUpdate leaves, at any vector", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = seededRandom(seed);
      for (const update of someUpdates(random)) {
        const vector = randomVector(random, scanned(update));
        expect(decoded(diffUpdate(update, vector))).toEqual(decoded(Y.diffUpdate(update, encoded(vector))));
      }
    }
  });

  it("[WIRE-16] inside a surrogate pair the rest begins with a replacement character, as in Yjs", () => {
    const doc = new Y.Doc();
    doc.clientID = 1;
    doc.getText("text").insert(0, "ab😀cd");
    const update = Y.encodeStateAsUpdate(doc);
    for (let clock = 0; clock <= 6; clock++) {
      const vector = new Map([[1, clock]]);
      expect(diffUpdate(update, vector)).toEqual(Y.diffUpdate(update, encoded(vector)));
    }
    expect(scanned(diffUpdate(update, new Map([[1, 3]]))).clients[0]).toMatchObject({ from: 3, to: 6 });
  });

  it("[WIRE-16] finds a vector near the end of a large list", () => {
    const doc = new Y.Doc();
    doc.clientID = 1;
    doc.getArray("list").insert(
      0,
      Array.from({ length: 100_000 }, (_, i) => i),
    );
    const update = Y.encodeStateAsUpdate(doc);
    const rest = diffUpdate(update, new Map([[1, 99_999]]));
    expect(rest.length).toBeLessThan(40);
    expectSameDocs(docOf(Y.encodeStateAsUpdate(doc), rest), doc);
  });
});

describe("splitUpdate", () => {
  it("[WIRE-15] gives chunks of which each needs only those before it, deletes last", () => {
    let chunksSeen = 0;
    for (let seed = 1; seed <= 30; seed++) {
      const random = seededRandom(seed);
      const { docs } = randomHistory(random, { replicas: 1 + random.int(4), steps: 30 });
      const update = Y.encodeStateAsUpdate(pick(random, docs));
      const chunks = splitUpdate(update, 60 + random.int(1_000));
      chunksSeen += chunks.length;
      const doc = emptyDoc();
      const known = new KnownState();
      for (const chunk of chunks) {
        expect(known.classify(scanned(chunk)).kind, `seed ${seed}`).toBe("new");
        known.absorb(scanned(chunk));
        Y.applyUpdate(doc, chunk);
        expect(hasPending(doc)).toBe(false);
      }
      expectSameDocs(doc, docOf(update));
      expectSameDocs(docOf(...[...chunks].reverse()), docOf(update));
      const firstDelete = chunks.findIndex((chunk) => !scanned(chunk).deletes.isEmpty);
      if (chunks.length > 1 && firstDelete >= 0) {
        for (const chunk of chunks.slice(firstDelete)) expect(scanned(chunk).structs).toBe(0);
      }
    }
    expect(chunksSeen).toBeGreaterThan(150);
  });

  it("[WIRE-15] keeps holes and parts that wait for others", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const random = seededRandom(seed);
      const { updates } = randomHistory(random, { replicas: 3, steps: 30 });
      const holed = Y.mergeUpdates(updates.filter(() => random.int(3) > 0));
      const chunks = splitUpdate(holed, 200);
      const doc = docOf(...chunks);
      expect(hasPending(doc)).toBe(hasPending(docOf(holed)));
      expectSameDocs(docOf(...chunks, ...updates), docOf(...updates));
    }
  });

  it("[WIRE-15] divides long texts and lists, never a character, and keeps to the size", () => {
    const doc = new Y.Doc();
    doc.getText("text").insert(0, "😀é語a".repeat(5_000));
    doc.getArray("list").insert(
      0,
      Array.from({ length: 5_000 }, (_, i) => ({ i, text: "😀".repeat(i % 5) })),
    );
    doc.getText("text").delete(7, 3);
    const update = Y.encodeStateAsUpdate(doc);
    for (const max of [300, 1_000, 10_000]) {
      const chunks = splitUpdate(update, max);
      expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(max);
      expect(chunks.length).toBeLessThan((update.length / max) * 3);
      expectSameDocs(docOf(...chunks), docOf(update));
    }
  });

  it("[WIRE-15] a value that cannot be divided is a chunk of its own", () => {
    const doc = new Y.Doc();
    doc.getArray("list").push(["small", new Uint8Array(5_000), "small"]);
    const update = Y.encodeStateAsUpdate(doc);
    const chunks = splitUpdate(update, 200);
    expect(chunks.filter((chunk) => chunk.length > 200)).toHaveLength(1);
    expectSameDocs(docOf(...chunks), docOf(update));
    expect(splitUpdate(update, update.length)).toEqual([update]);
  });

  it("[WIRE-15] divides large delete sets", () => {
    const doc = new Y.Doc();
    doc.getArray("list").insert(
      0,
      Array.from({ length: 4_000 }, (_, i) => i),
    );
    for (let at = 0; at < 2_000; at++) doc.getArray("list").delete(at);
    const update = Y.encodeStateAsUpdate(doc);
    const chunks = splitUpdate(update, 1_000);
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(1_000);
    expectSameDocs(docOf(...chunks), docOf(update));
  });
});

describe("selectClients", () => {
  it("[WIRE-18] gives two parts that together are the whole", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = seededRandom(seed);
      for (const update of someUpdates(random)) {
        const scan = scanned(update);
        const chosen = new Set(scan.clients.map(({ client }) => client).filter(() => random.int(2) === 0));
        const some = selectClients(update, scan, (client) => chosen.has(client));
        const rest = selectClients(update, scan, (client) => !chosen.has(client));
        const parts = [some, rest].filter((part): part is Uint8Array => part !== undefined);
        expectSameDocs(docOf(...parts), docOf(update));
        if (some !== undefined) for (const { client } of scanned(some).clients) expect(chosen.has(client)).toBe(true);
      }
    }
    const nothing = Y.encodeStateAsUpdate(new Y.Doc());
    expect(selectClients(nothing, scanned(nothing), () => true)).toBeUndefined();
  });
});
