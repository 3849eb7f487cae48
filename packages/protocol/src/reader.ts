/**
 * A cursor over bytes nobody vouches for. It never throws and never reads past the end: the first thing that is wrong is
 * kept as `refusal`, the cursor jumps to the end, and every later read returns zero.
 */

import { utf16Length } from "./utf8.ts";

/** What can be wrong with bytes before anybody knows what they mean. */
export type ReadRefusal = "truncated" | "number_too_large" | "invalid_utf8";

const continuation = 0x80;
/** 53 bits take eight groups of seven. */
const varBytesMax = 8;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class ByteReader<R extends string = never> {
  readonly bytes: Uint8Array;
  at: number;
  end: number;
  refusal: R | ReadRefusal | undefined = undefined;

  constructor(bytes: Uint8Array, from = 0, to = bytes.length) {
    this.bytes = bytes;
    this.at = from;
    this.end = to;
  }

  /** The first refusal counts. */
  refuse(reason: R | ReadRefusal): void {
    this.refusal ??= reason;
    this.at = this.end;
  }

  get remaining(): number {
    return this.end - this.at;
  }

  byte(): number {
    if (this.at >= this.end) {
      this.refuse("truncated");
      return 0;
    }
    return this.bytes[this.at++] as number;
  }

  /** An unsigned integer < 2^53, seven bits a byte, lowest first. */
  varUint(): number {
    const first = this.bytes[this.at] as number;
    if (first < continuation && this.at < this.end) {
      this.at += 1;
      return first;
    }
    // Client ids and clocks are mostly two to five bytes: read without a call for each.
    let value = 0;
    let weight = 1;
    const last = Math.min(this.end, this.at + varBytesMax);
    for (let at = this.at; at < last; at++) {
      const byte = this.bytes[at] as number;
      if (byte < continuation) {
        this.at = at + 1;
        return this.#safe(value + byte * weight);
      }
      value += (byte - continuation) * weight;
      weight *= 128;
    }
    return this.#unending(last);
  }

  /** A signed integer: six bits and the sign in the first byte, then seven bits a byte. */
  varInt(): number {
    const first = this.byte();
    const sign = (first & 0x40) === 0 ? 1 : -1;
    let value = first & 0x3f;
    if (first < continuation) return sign * value;
    let weight = 64;
    const last = Math.min(this.end, this.at + varBytesMax - 1);
    for (let at = this.at; at < last; at++) {
      const byte = this.bytes[at] as number;
      value += (byte & 0x7f) * weight;
      weight *= 128;
      if (byte >= continuation) continue;
      this.at = at + 1;
      return sign * this.#safe(value);
    }
    return this.#unending(last);
  }

  #safe(value: number): number {
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    this.refuse("number_too_large");
    return 0;
  }

  /** A number whose last byte is not before `last`. */
  #unending(last: number): number {
    this.refuse(last === this.end ? "truncated" : "number_too_large");
    return 0;
  }

  skip(length: number): void {
    if (length > this.end - this.at) this.refuse("truncated");
    else this.at += length;
  }

  /** A view of the next `length` bytes, not a copy. */
  view(length: number): Uint8Array {
    const from = this.at;
    this.skip(length);
    return this.refusal === undefined ? this.bytes.subarray(from, this.at) : new Uint8Array(0);
  }

  /** A length, then that many bytes, as a view. */
  varBytes(): Uint8Array {
    return this.view(this.varUint());
  }

  /** Passes over a length and that many bytes of UTF-8; returns how many UTF-16 units they are. */
  skipText(): number {
    const length = this.varUint();
    const from = this.at;
    this.skip(length);
    if (this.refusal !== undefined) return 0;
    const units = utf16Length(this.bytes, from, this.at);
    if (units >= 0) return units;
    this.refuse("invalid_utf8");
    return 0;
  }

  varText(): string {
    const bytes = this.varBytes();
    if (this.refusal !== undefined) return "";
    if (utf16Length(bytes, 0, bytes.length) >= 0) return decoder.decode(bytes);
    this.refuse("invalid_utf8");
    return "";
  }
}
