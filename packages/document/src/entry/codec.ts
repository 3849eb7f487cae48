/** Entries as the elements of a Y.Array, `[key, value, stamp]` or `[key, value, stamp, meta]`, and as bytes for the outbox. */

import { isJsonObject, type JsonObject, type JsonValue, limits, MeshError, messageOf } from "@context-mesh/common";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { packMeta, unpackMeta } from "./meta.ts";
import { decodeSeen, encodeSeen } from "./seen.ts";
import { checkStamp, encodeStamp, type NumberedSeen, type StampFacts } from "./stamp.ts";
import type { Entry } from "./types.ts";
import { isBoundedJson, isPacked, packValue, unpackValue } from "./value.ts";

export type RawEntry = readonly [key: string, value: JsonValue, stamp: string, meta?: JsonObject];

export const packEntry = (entry: Entry, seen: NumberedSeen): RawEntry => {
  const stamp = encodeStamp(entry.hlc, entry.seq, seen);
  const meta = packMeta(entry.meta);
  const value = packValue(entry.value);
  return meta === undefined ? [entry.key, value, stamp] : [entry.key, value, stamp, meta];
};

export const isKey = (key: unknown): key is string =>
  typeof key === "string" && key.length > 0 && key.length <= limits.keyLengthMax;

/** The last one that passed. Passing froze it with all that is in it, so it passes for ever. */
let lastMeta: unknown;

/** Entries that were written together share one. */
const isMeta = (meta: unknown): boolean => {
  if (meta === lastMeta) return meta !== undefined;
  if (!isBoundedJson(meta) || !isJsonObject(meta)) return false;
  lastMeta = meta;
  return true;
};

/** The facts of the stamp, or undefined when the element is no entry within the bounds. */
export const checkRaw = (raw: unknown): StampFacts | undefined => {
  if (!Array.isArray(raw) || raw.length < 3 || raw.length > 4) return undefined;
  const [key, value, stamp, meta] = raw as readonly unknown[];
  if (!isKey(key) || typeof stamp !== "string" || !isPacked(value)) return undefined;
  if (raw.length === 4 && !isMeta(meta)) return undefined;
  return checkStamp(stamp);
};

const formatVersion = 1;

/** An entry for the own store. */
export const encodeEntry = (entry: Entry): Uint8Array => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, formatVersion);
  encoding.writeVarString(encoder, entry.key);
  encoding.writeAny(encoder, packValue(entry.value) as never);
  encoding.writeVarUint(encoder, entry.hlc);
  encoding.writeVarString(encoder, entry.writer);
  encoding.writeVarUint(encoder, entry.seq);
  encoding.writeVarUint8Array(encoder, encodeSeen(entry.seen));
  encoding.writeAny(encoder, (packMeta(entry.meta) ?? null) as never);
  return encoding.toUint8Array(encoder);
};

/** Throws `entry_corrupt` for bytes that `encodeEntry` did not make. */
export const decodeEntry = (bytes: Uint8Array): Entry => {
  try {
    const decoder = decoding.createDecoder(bytes);
    const version = decoding.readVarUint(decoder);
    if (version !== formatVersion) throw new Error(`format ${version}`);
    const key = decoding.readVarString(decoder);
    const value = unpackValue(decoding.readAny(decoder) as JsonValue);
    const hlc = decoding.readVarUint(decoder);
    const writer = decoding.readVarString(decoder);
    const seq = decoding.readVarUint(decoder);
    const seen = decodeSeen(decoding.readVarUint8Array(decoder));
    const meta = unpackMeta(decoding.readAny(decoder) as JsonValue);
    return { key, value, hlc, writer, seq, seen, ...(meta === undefined ? {} : { meta }) };
  } catch (cause) {
    throw new MeshError("entry_corrupt", `a queued entry cannot be read: ${messageOf(cause)}`, {
      hint: "run `context-mesh verify`; the store restores its last intact state",
      cause,
    });
  }
};
