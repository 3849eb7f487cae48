/**
 * Reads updates as Yjs does, except that entries get arrays of their exact size: the plain decoder grows each one to room for
 * 17 elements, which is most of the memory of a large document while it loads.
 */

import * as decoding from "lib0/decoding";
import * as Y from "yjs";

/** lib0's tag of an array. */
const arrayTag = 117;

class EntryDecoder extends Y.UpdateDecoderV1 {
  override readAny(): unknown {
    const decoder = this.restDecoder;
    const { arr, pos } = decoder;
    const length = arr[pos] === arrayTag ? arr[pos + 1] : undefined;
    if (length !== 3 && length !== 4) return decoding.readAny(decoder);
    decoder.pos += 2;
    const read = decoding.readAny;
    return length === 3
      ? [read(decoder), read(decoder), read(decoder)]
      : [read(decoder), read(decoder), read(decoder), read(decoder)];
  }
}

/** As `Y.applyUpdate`. */
export const applyUpdate = (doc: Y.Doc, update: Uint8Array, origin: unknown): void =>
  Y.applyUpdateV2(doc, update, origin, EntryDecoder);
