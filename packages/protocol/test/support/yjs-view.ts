/** What Yjs itself finds in an update, to compare with what the scan says of it. */

import { expect } from "vitest";
import * as Y from "yjs";
import { type ClientScan, scanUpdate, type UpdateScan } from "../../src/index.ts";

export const scanned = (update: Uint8Array): UpdateScan => {
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

export const findIn = (update: Uint8Array): { clients: Found[]; roots: Set<string>; structs: Struct[] } => {
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

/** Ranges, holes, references, roots and deletions. */
export const expectSame = (update: Uint8Array): void => {
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
