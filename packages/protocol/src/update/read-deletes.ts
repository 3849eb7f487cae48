/** Reads the delete set of a V1 update. */

import { err, ok, type Result } from "@context-mesh/common";
import { ByteReader } from "../reader.ts";
import { DeleteRanges } from "./delete-ranges.ts";
import { type FlatRanges, sortRanges } from "./flat-ranges.ts";
import { type AdmissionRefusal, type ScanBounds, storeBounds } from "./types.ts";

/** Yjs writes sorted ranges. Others are put in order, but sorting millions would stall whoever scans. */
const unsortedRangesMax = 2 ** 16;

const readRanges = (reader: ByteReader<AdmissionRefusal>, count: number, clockMax: number): FlatRanges => {
  const ranges: FlatRanges = [];
  let isSorted = true;
  let last = -1;
  for (let i = 0; i < count && reader.refusal === undefined; i++) {
    const from = reader.varUint();
    const to = from + reader.varUint();
    if (to > clockMax) reader.refuse("clock_too_high");
    // Yjs throws on an empty range that it has to keep for later.
    if (from === to) reader.refuse("bad_delete_set");
    if (from < last) isSorted = false;
    if (!isSorted && i >= unsortedRangesMax) reader.refuse("bad_delete_set");
    if (from === last) ranges[ranges.length - 1] = to;
    else ranges.push(from, to);
    last = to;
  }
  return isSorted ? ranges : sortRanges(ranges);
};

export const readDeletes = (reader: ByteReader<AdmissionRefusal>, bounds: ScanBounds): DeleteRanges => {
  const deletes = new DeleteRanges();
  const clients = reader.varUint();
  if (clients > bounds.clientsMax) reader.refuse("too_many_clients");
  for (let i = 0; i < clients && reader.refusal === undefined; i++) {
    const client = reader.varUint();
    const count = reader.varUint();
    // A range is two bytes at least.
    if (count * 2 > reader.remaining) reader.refuse("truncated");
    if (deletes.has(client)) reader.refuse("duplicate_client");
    deletes.put(client, readRanges(reader, count, bounds.clockMax));
  }
  return deletes;
};

/** A delete set on its own, as `DeleteRanges.encode` writes it. Never throws. */
export const decodeDeleteRanges = (
  bytes: Uint8Array,
  bounds: ScanBounds = storeBounds,
): Result<DeleteRanges, AdmissionRefusal> => {
  const reader = new ByteReader<AdmissionRefusal>(bytes);
  const deletes = readDeletes(reader, bounds);
  if (reader.refusal === undefined && reader.remaining > 0) reader.refuse("trailing_bytes");
  return reader.refusal === undefined ? ok(deletes) : err(reader.refusal);
};
