/** Work on whole documents, which would hold up the event loop. The composition root may do it in a worker; the result is plain bytes. */

import * as Y from "yjs";

export interface Compacted {
  /** The same content as one update. */
  readonly base: Uint8Array;
}

export interface BulkWork {
  /** True when Yjs can decode the update. */
  isSound(update: Uint8Array): Promise<boolean>;
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
  isSound: async (update) => isDecodable(update),
  compact: async (updates) => compactUpdates(updates),
};
