/** The scan against Yjs itself: what it says of an update is what `Y.decodeUpdate` finds in it. */

import { type Random, seededRandom } from "@context-mesh/common";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { scanUpdate } from "../src/index.ts";
import { randomHistory } from "./support/random-doc.ts";
import { expectSame, findIn, scanned } from "./support/yjs-view.ts";

/** Updates as they travel: single ones, merged with and without holes, states, differences. */
const variantsOf = (random: Random): Uint8Array[] => {
  const { docs, updates } = randomHistory(random, { replicas: 1 + random.int(4), steps: 30 });
  const vectors = docs.map((doc) => Y.encodeStateVector(doc));
  const states = docs.map((doc) => Y.encodeStateAsUpdate(doc));
  return [
    ...updates,
    ...states,
    Y.mergeUpdates([...updates]),
    Y.mergeUpdates(updates.filter(() => random.int(3) > 0)),
    Y.mergeUpdates(updates.filter(() => random.int(3) === 0)),
    ...states.flatMap((state) => vectors.map((vector) => Y.diffUpdate(state, vector))),
    ...docs.flatMap((doc) => vectors.map((vector) => Y.encodeStateAsUpdate(doc, vector))),
  ];
};

describe("scan", () => {
  it("[WIRE-8] says of random documents what Yjs finds in them", () => {
    let withSkips = 0;
    for (let seed = 1; seed <= 30; seed++) {
      for (const update of variantsOf(seededRandom(seed))) {
        expectSame(update);
        if (scanned(update).clients.some(({ skips }) => skips.length > 0)) withSkips += 1;
      }
    }
    expect(withSkips).toBeGreaterThan(25);
  });

  it("[WIRE-8] knows every kind of content", () => {
    const kinds = new Set<string>();
    for (let seed = 1; seed <= 60; seed++) {
      const { docs, updates } = randomHistory(seededRandom(seed), { replicas: 3, steps: 30 });
      for (const update of [...updates, ...docs.map((doc) => Y.encodeStateAsUpdate(doc))]) {
        for (const struct of findIn(update).structs) {
          kinds.add(struct instanceof Y.Item ? struct.content.constructor.name : struct.constructor.name);
        }
      }
    }
    const expected = ["Any", "Binary", "Deleted", "Doc", "Embed", "Format", "String", "Type"].map((k) => `Content${k}`);
    expect([...expected, "GC"].filter((kind) => !kinds.has(kind))).toEqual([]);
  });

  it("[WIRE-8] reads content as JSON texts, which only old versions wrote", () => {
    const update = listOfJson(["1", '{"a":[true]}', "undefined", '"ü"']);
    expectSame(update);
    expect(scanned(update).clients[0]).toMatchObject({ from: 0, to: 4 });
    expect(scanUpdate(listOfJson(["undefine"]))).toMatchObject({ reason: "invalid_json" });
  });

  it("[WIRE-9] measures text in UTF-16 units", () => {
    const doc = new Y.Doc();
    doc.getText("t").insert(0, "a😀é語");
    expect(scanned(Y.encodeStateAsUpdate(doc)).clients[0]?.to).toBe("a😀é語".length);
    doc.getText("t").delete(2, 1);
    expectSame(Y.encodeStateAsUpdate(doc));
  });

  it("[WIRE-8] the empty update says nothing", () => {
    const scan = scanned(Y.encodeStateAsUpdate(new Y.Doc()));
    expect(scan).toMatchObject({ bytes: 2, clients: [], structs: 0 });
    expect(scan.deletes.isEmpty).toBe(true);
  });
});

/** One item of client 5 in the root list `l`. */
const listOfJson = (texts: readonly string[]): Uint8Array => {
  const encoded = texts.map((text) => new TextEncoder().encode(text));
  return Uint8Array.of(
    ...[1, 1, 5, 0, 2, 1, 1, 0x6c, encoded.length],
    ...encoded.flatMap((bytes) => [bytes.length, ...bytes]),
    0,
  );
};
