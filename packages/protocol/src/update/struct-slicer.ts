/**
 * Parts of one struct, as structs of their own: what follows a clock refers to the clock before it as its origin, as Yjs
 * writes it. Runs, strings and lists can be divided; other content is one clock long.
 */

import { concatBytes } from "@context-mesh/common";
import * as encoding from "lib0/encoding";
import { ByteReader } from "../reader.ts";
import { seekUtf16, sequenceLength } from "../utf8.ts";
import { skipAny, skipJson, structKind } from "./content.ts";
import { type StructReader, structBit } from "./struct-reader.ts";
import { type AdmissionRefusal, storeBounds } from "./types.ts";

export interface StructSlice {
  /** Clocks. */
  readonly length: number;
  readonly bytes: Uint8Array;
}

const replacement = Uint8Array.of(0xef, 0xbf, 0xbd);
const nothing = new Uint8Array(0);
/** A header with two ids of 53 bits, and the length of the content. */
const headerBytesMax = 32;

export class StructSlicer {
  readonly #bytes: Uint8Array;
  readonly #struct: StructReader;
  readonly #client: number;
  /** Where the content behind the cursor ends; -1 before the first use. */
  #contentAt = -1;
  /** The cursor is inside a surrogate pair. What follows begins with U+FFFD for its second half, as in Yjs. */
  #isInPair = false;

  constructor(bytes: Uint8Array, struct: StructReader, client: number) {
    this.#bytes = bytes;
    this.#struct = struct;
    this.#client = client;
  }

  /** The reader moved to another struct. */
  reset(): void {
    this.#contentAt = -1;
    this.#isInPair = false;
  }

  #begin(): void {
    if (this.#contentAt !== -1) return;
    const reader = new ByteReader<AdmissionRefusal>(this.#bytes, this.#struct.contentAt);
    // Strings begin with their bytes, lists with their count; runs are nothing but a count.
    reader.varUint();
    this.#contentAt = reader.at;
  }

  /** Passes over the first `units` clocks of the struct. */
  seek(units: number): void {
    this.#begin();
    const { kind } = this.#struct;
    if (kind === structKind.string) {
      const { at, split } = seekUtf16(this.#bytes, this.#contentAt, units);
      this.#contentAt = at;
      this.#isInPair = split;
    } else if (kind === structKind.any || kind === structKind.json) {
      this.#contentAt = this.#itemsWithin(units, Number.MAX_SAFE_INTEGER).at;
    }
  }

  /** The struct from `offset` clocks on, or as much of it as fits. Undefined when nothing fits and it must. */
  take(offset: number, bytesMax: number, mayExceed: boolean): StructSlice | undefined {
    this.#begin();
    const room = bytesMax - headerBytesMax;
    switch (this.#struct.kind) {
      case structKind.gc:
      case structKind.deleted:
        return room > 0 || mayExceed ? this.#run(offset) : undefined;
      case structKind.string:
        return this.#text(offset, room, mayExceed);
      case structKind.any:
      case structKind.json:
        return this.#items(offset, room, mayExceed);
      default:
        return mayExceed ? this.#whole() : undefined;
    }
  }

  #whole(): StructSlice {
    const { at, end, length } = this.#struct;
    return { length, bytes: this.#bytes.subarray(at, end) };
  }

  #run(offset: number): StructSlice {
    const length = this.#struct.length - offset;
    return this.#slice(offset, length, length, nothing);
  }

  /** `count`: what the content's first number says. */
  #slice(offset: number, length: number, count: number, ...content: Uint8Array[]): StructSlice {
    const encoder = encoding.createEncoder();
    this.#writeHeader(encoder, offset);
    encoding.writeVarUint(encoder, count);
    return { length, bytes: concatBytes([encoding.toUint8Array(encoder), ...content]) };
  }

  #writeHeader(encoder: encoding.Encoder, offset: number): void {
    const struct = this.#struct;
    if (offset === 0) {
      encoding.writeUint8Array(encoder, this.#bytes.subarray(struct.at, struct.contentAt));
      return;
    }
    if (struct.kind === structKind.gc) {
      encoding.writeUint8(encoder, struct.info);
      return;
    }
    encoding.writeUint8(encoder, struct.info | structBit.origin);
    encoding.writeVarUint(encoder, this.#client);
    encoding.writeVarUint(encoder, struct.clock + offset - 1);
    encoding.writeUint8Array(encoder, this.#bytes.subarray(struct.rightOriginAt, struct.rightOriginEnd));
  }

  #text(offset: number, room: number, mayExceed: boolean): StructSlice | undefined {
    const from = this.#contentAt;
    const head = this.#isInPair ? replacement : nothing;
    const { at, units } = this.#textWithin(from, room - head.length, mayExceed);
    const length = units + (this.#isInPair ? 1 : 0);
    if (length === 0) return undefined;
    this.#contentAt = at;
    this.#isInPair = false;
    return this.#slice(offset, length, head.length + at - from, head, this.#bytes.subarray(from, at));
  }

  /** As many characters as fit, never half a pair; one at least if it may exceed. */
  #textWithin(from: number, room: number, mayExceed: boolean): { at: number; units: number } {
    let [at, units] = [from, 0];
    while (at < this.#struct.end) {
      const length = sequenceLength(this.#bytes[at] as number);
      if (at + length - from > room && !(mayExceed && units === 0)) break;
      at += length;
      units += length === 4 ? 2 : 1;
    }
    return { at, units };
  }

  #items(offset: number, room: number, mayExceed: boolean): StructSlice | undefined {
    const from = this.#contentAt;
    const left = this.#struct.length - offset;
    let { at, count } = this.#itemsWithin(left, room);
    if (count === 0 && mayExceed) ({ at, count } = this.#itemsWithin(1, Number.MAX_SAFE_INTEGER));
    if (count === 0) return undefined;
    this.#contentAt = at;
    return this.#slice(offset, count, count, this.#bytes.subarray(from, at));
  }

  /** Where the next items end, at most `countMax` in at most `room` bytes. */
  #itemsWithin(countMax: number, room: number): { at: number; count: number } {
    const from = this.#contentAt;
    const reader = new ByteReader<AdmissionRefusal>(this.#bytes, from, this.#struct.end);
    let [at, count] = [from, 0];
    while (count < countMax) {
      if (this.#struct.kind === structKind.json) skipJson(reader, storeBounds.nestingMax, true);
      else skipAny(reader, storeBounds.nestingMax);
      if (reader.at - from > room) break;
      at = reader.at;
      count += 1;
    }
    return { at, count };
  }
}
