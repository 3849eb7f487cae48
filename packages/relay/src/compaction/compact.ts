/** Replaces a room's base and tail by one merged base, after making sure that nothing differs. The log is not touched. */

import type { StoredRoom } from "@context-mesh/ports";
import { KnownState, scanUpdate, storeBounds } from "@context-mesh/protocol";
import type { RelayContext } from "../context.ts";

export type Compaction =
  | { readonly kind: "done"; readonly upToSeq: number; readonly known: KnownState }
  /** Nothing to merge. */
  | { readonly kind: "needless" }
  /** The merged form does not equal what it was made of; everything stays as it is. */
  | { readonly kind: "refused"; readonly why: string; readonly upToSeq: number };

/** What headers say about a list of updates; undefined when one of them cannot be read or has a gap. */
export const knownOf = (updates: readonly Uint8Array[]): KnownState | undefined => {
  const known = new KnownState();
  for (const update of updates) {
    const scan = scanUpdate(update, storeBounds);
    if (!scan.ok) return undefined;
    known.absorb(scan.value);
  }
  return known;
};

const updatesOf = (stored: StoredRoom): readonly Uint8Array[] => [
  ...(stored.base === undefined ? [] : [stored.base.bytes]),
  ...stored.tail.map(({ bytes }) => bytes),
];

const vectorsEqual = (a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): boolean =>
  a.size === b.size && [...a].every(([client, clock]) => b.get(client) === clock);

/** Why the base may not take the place of what it was made of. Deletions may grow: what lies inside a deleted parent is deleted too. */
const differenceOf = (before: KnownState | undefined, after: KnownState | undefined): string | undefined => {
  if (before === undefined || after === undefined) return "unreadable";
  if (!vectorsEqual(before.vector, after.vector)) return "state vectors differ";
  if (!before.deletes.subtract(after.deletes).isEmpty) return "deletions are missing";
  return undefined;
};

export const compactRoom = async (context: RelayContext, room: string): Promise<Compaction> => {
  const { store, bulk } = context;
  const stored = await store.load(room);
  const upToSeq = stored.lastSeq;
  if (stored.tail.length === 0) return { kind: "needless" };
  const updates = updatesOf(stored);
  const compacted = await bulk.compact(updates);
  if (compacted === undefined) return { kind: "refused", why: "pending or not equal when read back", upToSeq };
  const known = knownOf([compacted.base]);
  const why = differenceOf(knownOf(updates), known);
  if (why !== undefined || known === undefined) return { kind: "refused", why: why ?? "unreadable", upToSeq };
  await store.compact(room, compacted.base, upToSeq);
  return { kind: "done", upToSeq, known };
};
