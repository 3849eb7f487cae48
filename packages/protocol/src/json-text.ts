/**
 * Is this JSON, as `JSON.parse` reads it? Checked on the bytes, without building a value: Yjs parses JSON content of an
 * update when it reads it, so one bad text would throw in every client, and a deep one overflows naive readers.
 */

import { limits } from "@context-mesh/common";
import { utf16Length } from "./utf8.ts";

export type JsonTextCheck = "ok" | "invalid_utf8" | "invalid_json" | "nesting_too_deep";

const code = (text: string): number => text.charCodeAt(0);
const [quote, backslash, comma, colon] = [code('"'), code("\\"), code(","), code(":")];
const [openList, closeList, openObject, closeObject] = [code("["), code("]"), code("{"), code("}")];
const [minus, plus, dot, zero, nine] = [code("-"), code("+"), code("."), code("0"), code("9")];
const escapes = new Set([...'"\\/bfnrt'].map(code));
const words = ["true", "false", "null"].map((word) => [...word].map(code));

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
const isDigit = (byte: number): boolean => byte >= zero && byte <= nine;
const isHex = (byte: number): boolean => isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);

class JsonText {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #depthMax: number;
  #at: number;
  isTooDeep = false;

  constructor(bytes: Uint8Array, from: number, to: number, depthMax: number) {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = to;
    this.#depthMax = depthMax;
  }

  isWhole(): boolean {
    return this.#value(0) && this.#peek() === -1;
  }

  /** The next byte that is not white space, -1 at the end. */
  #peek(): number {
    while (this.#at < this.#end && isSpace(this.#bytes[this.#at] as number)) this.#at += 1;
    return this.#here();
  }

  #here(): number {
    return this.#at < this.#end ? (this.#bytes[this.#at] as number) : -1;
  }

  #take(byte: number): boolean {
    if (this.#peek() !== byte) return false;
    this.#at += 1;
    return true;
  }

  #value(depth: number): boolean {
    const first = this.#peek();
    if (first === quote) return this.#string();
    if (first === minus || isDigit(first)) return this.#number();
    if (first !== openList && first !== openObject) return this.#word(first);
    if (depth >= this.#depthMax) {
      this.isTooDeep = true;
      return false;
    }
    this.#at += 1;
    return first === openList ? this.#items(closeList, depth, false) : this.#items(closeObject, depth, true);
  }

  #items(close: number, depth: number, isKeyed: boolean): boolean {
    if (this.#take(close)) return true;
    do {
      if (isKeyed && !(this.#peek() === quote && this.#string() && this.#take(colon))) return false;
      if (!this.#value(depth + 1)) return false;
    } while (this.#take(comma));
    return this.#take(close);
  }

  #word(first: number): boolean {
    const word = words.find((candidate) => candidate[0] === first);
    if (word === undefined || !word.every((byte, i) => this.#bytes[this.#at + i] === byte)) return false;
    this.#at += word.length;
    return this.#at <= this.#end;
  }

  #digits(): boolean {
    const from = this.#at;
    while (isDigit(this.#here())) this.#at += 1;
    return this.#at > from;
  }

  #number(): boolean {
    if (this.#here() === minus) this.#at += 1;
    if (this.#here() === zero) this.#at += 1;
    else if (!this.#digits()) return false;
    if (this.#here() === dot) {
      this.#at += 1;
      if (!this.#digits()) return false;
    }
    if ((this.#here() | 0x20) !== 0x65) return true;
    this.#at += 1;
    if (this.#here() === plus || this.#here() === minus) this.#at += 1;
    return this.#digits();
  }

  #string(): boolean {
    this.#at += 1;
    for (;;) {
      const byte = this.#here();
      if (byte < 0x20) return false;
      this.#at += 1;
      if (byte === quote) return true;
      if (byte === backslash && !this.#escape()) return false;
    }
  }

  #escape(): boolean {
    const byte = this.#here();
    this.#at += 1;
    if (escapes.has(byte)) return true;
    if (byte !== code("u") || this.#at + 4 > this.#end) return false;
    for (let i = 0; i < 4; i++) if (!isHex(this.#bytes[this.#at + i] as number)) return false;
    this.#at += 4;
    return true;
  }
}

export const isJsonText = (
  bytes: Uint8Array,
  from: number,
  to: number,
  depthMax: number = limits.nestingMax,
): JsonTextCheck => {
  if (utf16Length(bytes, from, to) < 0) return "invalid_utf8";
  const text = new JsonText(bytes, from, to, depthMax);
  if (text.isWhole()) return "ok";
  return text.isTooDeep ? "nesting_too_deep" : "invalid_json";
};
