/**
 * The fingerprint of a replica: sha256 over the state vector and the deleted ranges of a Y.Doc. Equal fingerprints mean equal
 * knowledge; only then may digests be compared.
 */

import { sha256, toHex } from "@context-mesh/common";
import * as encoding from "lib0/encoding";
import type * as Y from "yjs";

type Structs = readonly (Y.Item | Y.GC)[];

/** Deleted clock ranges of one client, ascending, neighbours joined. */
const deletedRanges = (structs: Structs): [from: number, length: number][] => {
  const ranges: [number, number][] = [];
  for (const struct of structs) {
    if (!struct.deleted) continue;
    const last = ranges[ranges.length - 1];
    if (last !== undefined && last[0] + last[1] === struct.id.clock) last[1] += struct.length;
    else ranges.push([struct.id.clock, struct.length]);
  }
  return ranges;
};

/** Vector, then deleted ranges; the highest client first, as Yjs writes both. A relay that knows the same hashes the same bytes. */
export const fingerprintOf = (doc: Y.Doc): string => {
  const clients = [...(doc.store.clients as ReadonlyMap<number, Structs>)].filter(([, structs]) => structs.length > 0);
  clients.sort(([a], [b]) => b - a);
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, clients.length);
  for (const [client, structs] of clients) {
    const last = structs[structs.length - 1];
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, last === undefined ? 0 : last.id.clock + last.length);
  }
  const deleted = clients.map(([client, structs]) => ({ client, ranges: deletedRanges(structs) }));
  const withDeletions = deleted.filter(({ ranges }) => ranges.length > 0);
  encoding.writeVarUint(encoder, withDeletions.length);
  for (const { client, ranges } of withDeletions) {
    for (const number of [client, ranges.length, ...ranges.flat()]) encoding.writeVarUint(encoder, number);
  }
  return toHex(sha256(encoding.toUint8Array(encoder)));
};
