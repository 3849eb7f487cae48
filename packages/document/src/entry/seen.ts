/** `seen`: for one key, the highest seq per writer. Bytes for the store, unions, and the bounds that foreign input must keep. */

import { limits } from "@context-mesh/common";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { Basis } from "./types.ts";
import { clientOfWriter } from "./writers.ts";

const isCounter = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 1 && value < limits.counterMax;

/** Raises `target[writer]` to `seq`. */
export const raise = (target: Map<string, number>, writer: string, seq: number): void => {
  if (seq > (target.get(writer) ?? 0)) target.set(writer, seq);
};

/** Adds a basis as it came from a caller; what names no writer or no possible seq is left out. */
export const raiseByBasis = (target: Map<string, number>, basis: Basis): void => {
  for (const [writer, seq] of Object.entries(basis)) {
    if (isCounter(seq) && clientOfWriter(writer) !== undefined) raise(target, writer, seq);
  }
};

export const encodeSeen = (seen: ReadonlyMap<string, number>): Uint8Array => {
  if (seen.size === 0) return Uint8Array.of(0);
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, seen.size);
  for (const writer of [...seen.keys()].sort()) {
    encoding.writeVarString(encoder, writer);
    encoding.writeVarUint(encoder, seen.get(writer) ?? 0);
  }
  return encoding.toUint8Array(encoder);
};

/** Of bytes that `encodeSeen` made. */
export const decodeSeen = (bytes: Uint8Array | undefined): Map<string, number> => {
  const seen = new Map<string, number>();
  if (bytes === undefined) return seen;
  const decoder = decoding.createDecoder(bytes);
  for (let left = decoding.readVarUint(decoder); left > 0; left--) {
    seen.set(decoding.readVarString(decoder), decoding.readVarUint(decoder));
  }
  return seen;
};
