/** Small operations on byte arrays. */

import * as sha from "lib0/hash/sha256";

/** SHA-256, 32 bytes. Synchronous and the same in Node and browsers. */
export const sha256 = (bytes: Uint8Array): Uint8Array => sha.digest(bytes);

const encoder = new TextEncoder();
export const utf8 = (text: string): Uint8Array => encoder.encode(text);

const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Joined, not added up: a sum of strings keeps each of its parts, thirty times the memory of a hash that is kept. */
export const toHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => hexOfByte[byte]).join("");

export const bytesEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

export const concatBytes = (parts: readonly Uint8Array[]): Uint8Array => {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
};
