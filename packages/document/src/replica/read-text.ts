/**
 * Strings of an update. Most are short and plain ASCII, and there are three in every entry: making a view of the bytes and
 * asking a `TextDecoder` takes longer than everything else that is done with them at a load.
 */

import * as decoding from "lib0/decoding";

/** Node's own; browsers have none. */
type Slice = (this: Uint8Array, from: number, to: number) => string;
const { Buffer } = globalThis as { Buffer?: { readonly prototype: { readonly latin1Slice?: Slice } } };
const latin1Slice = Buffer?.prototype.latin1Slice;

/** As lib0's `readVarString`: anything that is not plain goes there. */
export const readText = (decoder: decoding.Decoder): string => {
  const { arr, pos } = decoder;
  if (latin1Slice === undefined) return decoding.readVarString(decoder);
  const length = decoding.readVarUint(decoder);
  const from = decoder.pos;
  const to = from + length;
  let isPlain = to <= arr.length;
  for (let i = from; isPlain && i < to; i++) isPlain = (arr[i] as number) < 0x80;
  if (!isPlain) {
    decoder.pos = pos;
    return decoding.readVarString(decoder);
  }
  decoder.pos = to;
  return latin1Slice.call(arr, from, to);
};
