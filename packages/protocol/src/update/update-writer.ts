/** Puts a V1 update together from pieces of others. Holes between the pieces of a client become skips. */

import { concatBytes } from "@context-mesh/common";
import * as encoding from "lib0/encoding";
import { structKind } from "./content.ts";
import type { DeleteRanges } from "./delete-ranges.ts";

interface WrittenSection {
  readonly from: number;
  to: number;
  structs: number;
  readonly pieces: Uint8Array[];
}

/** Client id, clock and count of a section, at most. */
const sectionHeaderBytes = 8 + 5 + 5;

const encoded = (write: (encoder: encoding.Encoder) => void): Uint8Array => {
  const encoder = encoding.createEncoder();
  write(encoder);
  return encoding.toUint8Array(encoder);
};

const skipBytes = (length: number): Uint8Array =>
  encoded((encoder) => {
    encoding.writeUint8(encoder, structKind.skip);
    encoding.writeVarUint(encoder, length);
  });

export class UpdateWriter {
  readonly #sections = new Map<number, WrittenSection>();
  /** What the structs take, at most. */
  bytes = 2;

  get isEmpty(): boolean {
    return this.#sections.size === 0;
  }

  /** Appends structs for clocks [from, to) of a client, behind those it has. `bytes` is kept until `finish`. */
  add(client: number, from: number, to: number, structs: number, bytes: Uint8Array): void {
    let section = this.#sections.get(client);
    if (section === undefined) {
      section = { from, to: from, structs: 0, pieces: [] };
      this.#sections.set(client, section);
      this.bytes += sectionHeaderBytes;
    }
    if (from > section.to) this.#put(section, from, 1, skipBytes(from - section.to));
    this.#put(section, to, structs, bytes);
  }

  #put(section: WrittenSection, to: number, structs: number, bytes: Uint8Array): void {
    section.pieces.push(bytes);
    section.structs += structs;
    section.to = to;
    this.bytes += bytes.length;
  }

  /** `deletes`: a delete set, or the bytes of one. */
  finish(deletes?: DeleteRanges | Uint8Array): Uint8Array {
    const pieces: Uint8Array[] = [encoded((encoder) => encoding.writeVarUint(encoder, this.#sections.size))];
    for (const [client, section] of this.#sections) {
      pieces.push(
        encoded((encoder) => {
          encoding.writeVarUint(encoder, section.structs);
          encoding.writeVarUint(encoder, client);
          encoding.writeVarUint(encoder, section.from);
        }),
      );
      // One by one: a spread of a hundred thousand pieces would overflow the stack.
      for (const piece of section.pieces) pieces.push(piece);
    }
    if (deletes === undefined) pieces.push(Uint8Array.of(0));
    else pieces.push(deletes instanceof Uint8Array ? deletes : deletes.encode());
    return concatBytes(pieces);
  }
}
