/** The scan against Yjs itself: what it says of an update is what `Y.decodeUpdate` finds in it. */

import { type Random, seededRandom } from "@context-mesh/common";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { type ClientScan, scanUpdate, type UpdateScan } from "../src/index.ts";
import { randomHistory } from "./support/random-doc.ts";

const scanned = (update: Uint8Array): UpdateScan => {
  const scan = scanUpdate(update);
  if (!scan.ok) throw new Error(`an honest update was refused: ${scan.reason}`);
  return scan.value;
};

type Struct = ReturnType<typeof Y.decodeUpdate>["structs"][number];

const isSkip = (struct: Struct): boolean => struct instanceof Y.Skip;

interface Found {
  readonly client: number;
  from: number;
  to: number;
  readonly skips: number[];
  readonly references: Set<string>;
}

/** Foreign ids a struct refers to, as `first clock of the struct>client/clock`. */
const referencesOf = (struct: Struct): string[] => {
  if (!(struct instanceof Y.Item)) return [];
  const parent = struct.parent as unknown;
  return [struct.origin, struct.rightOrigin, parent instanceof Y.ID ? parent : null]
    .filter((id): id is Y.ID => id !== null && id.client !== struct.id.client)
    .map((id) => `${struct.id.clock}>${id.client}/${id.clock}`);
};

const findIn = (update: Uint8Array): { clients: Found[]; roots: Set<string>; structs: Struct[] } => {
  const { structs } = Y.decodeUpdate(update);
  const foundByClient = new Map<number, Found>();
  const roots = new Set<string>();
  for (const struct of structs.filter((one) => !isSkip(one))) {
    const { client, clock } = struct.id;
    let found = foundByClient.get(client);
    if (found === undefined) {
      found = { client, from: clock, to: clock, skips: [], references: new Set() };
      foundByClient.set(client, found);
    }
    if (clock > found.to) found.skips.push(found.to, clock);
    found.to = clock + struct.length;
    for (const reference of referencesOf(struct)) found.references.add(reference);
    const parent = struct instanceof Y.Item ? (struct.parent as unknown) : null;
    if (typeof parent === "string") roots.add(parent);
  }
  return { clients: [...foundByClient.values()], roots, structs };
};

/** Every reference lies in a row that names it; every row is the reference of a struct at its start. */
const expectSameReferences = (section: ClientScan, found: Found): void => {
  const rows: { from: number; to: number; id: string }[] = [];
  for (let i = 0; i < section.references.length; i += 4) {
    const [from, to, client, clock] = section.references.slice(i, i + 4) as [number, number, number, number];
    expect(from).toBeGreaterThanOrEqual(rows.at(-1)?.from ?? 0);
    rows.push({ from, to, id: `${client}/${clock}` });
    expect(found.references.has(`${from}>${client}/${clock}`)).toBe(true);
  }
  for (const reference of found.references) {
    const [clock, id] = reference.split(">") as [string, string];
    expect(rows.some((row) => row.id === id && row.from <= Number(clock) && Number(clock) < row.to)).toBe(true);
  }
};

const expectSame = (update: Uint8Array): void => {
  const scan = scanned(update);
  const found = findIn(update);
  expect(scan.clients.map(({ client, from, to, skips }) => ({ client, from, to, skips }))).toEqual(
    found.clients.map(({ client, from, to, skips }) => ({ client, from, to, skips })),
  );
  for (const [i, section] of scan.clients.entries()) expectSameReferences(section, found.clients[i] as Found);
  expect(scan.roots).toEqual(found.roots);
  const { ds } = Y.decodeUpdate(update);
  expect([...scan.deletes.clients()].sort()).toEqual([...ds.clients.keys()].sort());
  for (const [client, items] of ds.clients) {
    const merged = Y.mergeDeleteSets([{ clients: new Map([[client, items]]) }]).clients.get(client) ?? [];
    expect(scan.deletes.ranges(client)).toEqual(merged.map(({ clock, len }) => ({ from: clock, to: clock + len })));
  }
};

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
