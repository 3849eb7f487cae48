/** Walks over lib0-encoded bytes without decoding them, strictly: every read stays within the bytes or throws. */

import { limits } from "@context-mesh/common";

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const numberBytesMax = 8;

export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get at(): number {
    return this.#at;
  }

  get isDone(): boolean {
    return this.#at === this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new Error("the bytes end too early");
    return byte;
  }

  varUint(): number {
    let value = 0;
    let unit = 1;
    for (let i = 0; i < numberBytesMax; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80 && value <= Number.MAX_SAFE_INTEGER) return value;
      unit *= 128;
    }
    throw new Error("a number beyond 53 bits");
  }

  #skip(length: number): void {
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new Error("the bytes end too early");
  }

  skipBytes(): void {
    this.#skip(this.varUint());
  }

  /** Skips a string and returns its length in UTF-16 units. Throws when it is not valid UTF-8. */
  skipText(): number {
    const length = this.varUint();
    const start = this.#at;
    this.#skip(length);
    for (let i = start; i < this.#at; i++) {
      if ((this.#bytes[i] ?? 0) > 0x7f) return strictUtf8.decode(this.#bytes.subarray(start, this.#at)).length;
    }
    return length;
  }

  /** Skips a string that must be JSON; in lists Yjs also writes the word undefined. */
  skipJson(mayBeUndefined: boolean): void {
    const length = this.varUint();
    const start = this.#at;
    this.#skip(length);
    const text = strictUtf8.decode(this.#bytes.subarray(start, this.#at));
    if (!(mayBeUndefined && text === "undefined")) JSON.parse(text);
  }

  /** Skips one value of lib0's `any` encoding. */
  skipAny(depth: number): void {
    if (depth > limits.nestingMax) throw new Error("nested too deeply");
    const tag = this.byte();
    if (tag === 119) this.skipText();
    else if (tag === 116) this.skipBytes();
    else if (tag === 125) this.#skipVarInt();
    else if (tag === 124) this.#skip(4);
    else if (tag === 123 || tag === 122) this.#skip(8);
    else if (tag === 117 || tag === 118) this.#skipNested(tag === 118, depth);
    else if (!(tag === 120 || tag === 121 || tag === 126 || tag === 127))
      throw new Error(`a value of unknown kind ${tag}`);
  }

  /** Skips a value that must be an object: Yjs reads fields of a subdocument's options. */
  skipObject(): void {
    if (this.#bytes[this.#at] !== 118) throw new Error("options that are no object");
    this.skipAny(0);
  }

  #skipVarInt(): void {
    for (let i = 0; i < numberBytesMax; i++) if (this.byte() < 0x80) return;
    throw new Error("a number beyond 53 bits");
  }

  #skipNested(isKeyed: boolean, depth: number): void {
    for (let left = this.varUint(); left > 0; left--) {
      if (isKeyed) this.skipText();
      this.skipAny(depth + 1);
    }
  }
}

export const readerOf = (bytes: Uint8Array): ByteReader => new ByteReader(bytes);
