/** Work on whole documents, which would hold up the event loop. The composition root may do it in a worker; the result is plain bytes. */

import { limits, sha256, toHex } from "@context-mesh/common";
import { scanUpdate, splitUpdate } from "@context-mesh/protocol";
import * as Y from "yjs";
import { type BadPart, salvage } from "./admission/by-client.ts";

export interface Compacted {
  /** The same content as one update. */
  readonly base: Uint8Array;
}

/** A large update, looked at and cut into small ones that together say the same, each in need only of those before it. */
export interface TakenApart {
  readonly parts: readonly Uint8Array[];
  /** What is refused of it. */
  readonly bad: readonly BadPart[];
}

export interface BulkWork {
  /** The update's bytes belong to whoever does the work: afterwards they may be gone. */
  takeApart(update: Uint8Array): Promise<TakenApart>;
  /** Applies all, in order, to one Y.Doc and writes it; undefined when something is missing or the result does not read back equal. */
  compact(updates: readonly Uint8Array[]): Promise<Compacted | undefined>;
}

/** Whether Yjs decodes the update, content included: what it cannot decode would throw at every client. */
export const isDecodable = (update: Uint8Array): boolean => {
  try {
    Y.decodeUpdate(update);
    return true;
  } catch {
    return false;
  }
};

const wholeRefused = (update: Uint8Array, reason: BadPart["reason"]): TakenApart => ({
  parts: [],
  bad: [{ client: 0, update, reason }],
});

const cut = (update: Uint8Array, bad: readonly BadPart[]): TakenApart =>
  isDecodable(update)
    ? { parts: splitUpdate(update, limits.updatePartBytesMax), bad }
    : { parts: [], bad: [...bad, { client: 0, update, reason: "not_decodable" }] };

const divide = (update: Uint8Array): TakenApart => {
  const scan = scanUpdate(update);
  if (scan.ok) return cut(update, []);
  const salvaged = salvage(update);
  if (salvaged === undefined) return wholeRefused(update, scan.reason);
  const { rest, bad } = salvaged;
  if (rest === undefined) return { parts: [], bad };
  const again = scanUpdate(rest);
  return again.ok ? cut(rest, bad) : { parts: [], bad: [...bad, { client: 0, update: rest, reason: again.reason }] };
};

export const takeApart = (update: Uint8Array): TakenApart => {
  const { parts, bad } = divide(update);
  return { parts, bad: bad.map((part) => ({ ...part, hash: toHex(sha256(part.update)) })) };
};

const isWhole = (doc: Y.Doc): boolean => doc.store.pendingStructs === null && doc.store.pendingDs === null;

/** Applies everything in order, as a client would, to a fresh document, writes it, and reads that back into a second one that must write the same. */
export const compactUpdates = (updates: readonly Uint8Array[]): Compacted | undefined => {
  const doc = new Y.Doc();
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, update);
  });
  const base = Y.encodeStateAsUpdate(doc);
  const isComplete = isWhole(doc);
  doc.destroy();
  const copy = new Y.Doc();
  Y.applyUpdate(copy, base);
  const again = Y.encodeStateAsUpdate(copy);
  const isEqual = isWhole(copy) && base.length === again.length && base.every((byte, i) => byte === again[i]);
  copy.destroy();
  return isComplete && isEqual ? { base } : undefined;
};

/** On the spot: for tests, the simulator, and relays without a worker. */
export const inProcessBulkWork: BulkWork = {
  takeApart: async (update) => takeApart(update),
  compact: async (updates) => compactUpdates(updates),
};
