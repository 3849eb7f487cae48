/** Walks the structs of one client in a scanned update and copies clock ranges of them, cutting structs where needed. */

import { invariant } from "@context-mesh/common";
import { ByteReader } from "../reader.ts";
import { StructReader } from "./struct-reader.ts";
import { StructSlicer } from "./struct-slicer.ts";
import { type AdmissionRefusal, type ClientScan, storeBounds } from "./types.ts";
import type { UpdateWriter } from "./update-writer.ts";

export class SectionCursor {
  readonly #section: ClientScan;
  readonly #reader: ByteReader<AdmissionRefusal>;
  readonly #struct: StructReader;
  readonly #slicer: StructSlicer;
  /** Clocks of the current struct that lie behind the cursor. */
  #offset = 0;

  constructor(bytes: Uint8Array, section: ClientScan) {
    this.#section = section;
    this.#reader = new ByteReader<AdmissionRefusal>(bytes, section.at, section.end);
    this.#struct = new StructReader(this.#reader, storeBounds);
    this.#slicer = new StructSlicer(bytes, this.#struct, section.client);
    this.#read(section.from);
  }

  get clock(): number {
    return this.#struct.clock + this.#offset;
  }

  get #isAtEnd(): boolean {
    return this.clock >= this.#section.to;
  }

  #read(clock: number): void {
    const isRead = this.#struct.read(this.#section.client, clock);
    invariant(isRead, "bytes that were scanned read again the same");
    this.#offset = 0;
    this.#slicer.reset();
  }

  /** To the next struct, if there is one, else behind the last. */
  #next(): void {
    const { clock, length } = this.#struct;
    if (clock + length < this.#section.to) this.#read(clock + length);
    else this.#offset = length;
  }

  /** Moves on to `clock`, or to the end. Once, before anything is copied. */
  seek(clock: number): void {
    while (!this.#isAtEnd && this.#struct.clock + this.#struct.length <= clock) this.#next();
    if (this.#isAtEnd || clock <= this.clock) return;
    this.#offset = clock - this.#struct.clock;
    this.#slicer.seek(this.#offset);
  }

  /**
   * Copies up to clock `to`, the start of a struct or the end, and not more than about `bytesMax`: what cannot be
   * divided is copied whole if `mayExceed`. Returns false when it stopped for want of room.
   */
  copy(to: number, out: UpdateWriter, bytesMax = Number.MAX_SAFE_INTEGER, mayExceed = true): boolean {
    const end = Math.min(to, this.#section.to);
    let room = bytesMax;
    let isFirst = mayExceed;
    while (this.clock < end) {
      const copied = this.#struct.isSkip ? this.#passSkip() : this.#copySome(end, out, room, isFirst);
      if (copied < 0) return false;
      if (copied > 0) isFirst = false;
      room -= copied;
    }
    return true;
  }

  #passSkip(): number {
    this.#next();
    return 0;
  }

  /** Whole structs as one piece, or a part of one that does not fit. -1: no room. */
  #copySome(end: number, out: UpdateWriter, room: number, mayExceed: boolean): number {
    const whole = this.#offset === 0 ? this.#copyWhole(end, out, room) : 0;
    return whole > 0 ? whole : this.#copyPart(out, room, mayExceed);
  }

  #copyWhole(end: number, out: UpdateWriter, room: number): number {
    const struct = this.#struct;
    const { at, clock: from } = struct;
    let [to, last, structs] = [from, at, 0];
    while (!this.#isAtEnd && !struct.isSkip && struct.clock < end && struct.end - at <= room) {
      structs += 1;
      last = struct.end;
      to = struct.clock + struct.length;
      this.#next();
    }
    if (structs > 0) out.add(this.#section.client, from, to, structs, this.#reader.bytes.subarray(at, last));
    return last - at;
  }

  #copyPart(out: UpdateWriter, room: number, mayExceed: boolean): number {
    const from = this.clock;
    const slice = this.#slicer.take(this.#offset, room, mayExceed);
    if (slice === undefined) return -1;
    out.add(this.#section.client, from, from + slice.length, 1, slice.bytes);
    this.#offset += slice.length;
    if (this.#offset >= this.#struct.length) this.#next();
    return slice.bytes.length;
  }
}
