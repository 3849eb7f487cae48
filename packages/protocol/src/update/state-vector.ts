/** State vectors: per client the next clock that is expected from it. */

import { err, limits, ok, type Result } from "@context-mesh/common";
import * as encoding from "lib0/encoding";
import { ByteReader, type ReadRefusal } from "../reader.ts";
import type { StateVector } from "./types.ts";

export type VectorRefusal = ReadRefusal | "trailing_bytes" | "too_many_clients" | "clock_too_high";

/** Highest client first, as Yjs writes it; clients without clocks are left out, so equal vectors are equal bytes. */
export const encodeStateVector = (vector: StateVector): Uint8Array => {
  const entries = [...vector].filter(([, clock]) => clock > 0).sort((a, b) => b[0] - a[0]);
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, entries.length);
  for (const [client, clock] of entries) {
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, clock);
  }
  return encoding.toUint8Array(encoder);
};

/** Never throws. Of a client named twice the last clock counts, as in Yjs. */
export const decodeStateVector = (bytes: Uint8Array): Result<Map<number, number>, VectorRefusal> => {
  const reader = new ByteReader<VectorRefusal>(bytes);
  const count = reader.varUint();
  if (count * 2 > reader.remaining) reader.refuse("truncated");
  if (count > limits.vectorClientsMax) reader.refuse("too_many_clients");
  const vector = new Map<number, number>();
  for (let i = 0; i < count && reader.refusal === undefined; i++) {
    const client = reader.varUint();
    const clock = reader.varUint();
    if (clock > limits.yjsClockMax) reader.refuse("clock_too_high");
    vector.set(client, clock);
  }
  if (reader.refusal === undefined && reader.remaining > 0) reader.refuse("trailing_bytes");
  return reader.refusal === undefined ? ok(vector) : err(reader.refusal);
};

/** True when `a` has everything that `b` has, as far as vectors show. */
export const vectorCovers = (a: StateVector, b: StateVector): boolean => {
  for (const [client, clock] of b) if ((a.get(client) ?? 0) < clock) return false;
  return true;
};
