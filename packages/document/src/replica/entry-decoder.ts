/**
 * Reads updates as Yjs does, except that entries get arrays of their exact size: the plain decoder grows each one to room for
 * 17 elements, which is most of the memory of a large document while it loads.
 */

import * as decoding from "lib0/decoding";
import * as Y from "yjs";
import { readText } from "./read-text.ts";

/** lib0's tags. */
const arrayTag = 117;
const objectTag = 118;
const textTag = 119;

const readObject = (decoder: decoding.Decoder): unknown => {
  const object: Record<string, unknown> = {};
  for (let left = decoding.readVarUint(decoder); left > 0; left--) object[readText(decoder)] = read(decoder);
  return object;
};

const read = (decoder: decoding.Decoder): unknown => {
  const tag = decoder.arr[decoder.pos];
  if (tag !== textTag && tag !== objectTag) return decoding.readAny(decoder);
  decoder.pos += 1;
  return tag === textTag ? readText(decoder) : readObject(decoder);
};

/** The encoding is free of prefixes: where the bytes of a value stand, that value stands. */
const isThere = (bytes: Uint8Array, arr: Uint8Array, pos: number): boolean => {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== arr[pos + i]) return false;
  return true;
};

class EntryDecoder extends Y.UpdateDecoderV1 {
  /** Entries that were written together say the same of themselves. */
  #lastMeta: { readonly bytes: Uint8Array; readonly meta: unknown } | undefined;

  #readMeta(): unknown {
    const decoder = this.restDecoder;
    const { arr, pos } = decoder;
    if (this.#lastMeta !== undefined && isThere(this.#lastMeta.bytes, arr, pos)) {
      decoder.pos += this.#lastMeta.bytes.length;
      return this.#lastMeta.meta;
    }
    const meta = read(decoder);
    this.#lastMeta = { bytes: arr.subarray(pos, decoder.pos), meta };
    return meta;
  }

  override readAny(): unknown {
    const decoder = this.restDecoder;
    const { arr, pos } = decoder;
    const length = arr[pos] === arrayTag ? arr[pos + 1] : undefined;
    if (length !== 3 && length !== 4) return decoding.readAny(decoder);
    decoder.pos += 2;
    return length === 3
      ? [read(decoder), read(decoder), read(decoder)]
      : [read(decoder), read(decoder), read(decoder), this.#readMeta()];
  }
}

/** As `Y.applyUpdate`. */
export const applyUpdate = (doc: Y.Doc, update: Uint8Array, origin: unknown): void =>
  Y.applyUpdateV2(doc, update, origin, EntryDecoder);
