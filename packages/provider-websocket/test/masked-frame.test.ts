/** A client's frames: what a reader of RFC 6455 gets out of them is what went in, wherever the bytes lay. */

import { describe, expect, it } from "vitest";
import { maskedFrame } from "../src/masked-frame.ts";

/** Read byte by byte, as the standard describes it. */
const read = (frame: Uint8Array): { readonly first: number; readonly key: string; readonly payload: Buffer } => {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const short = (frame[1] ?? 0) & 0x7f;
  expect((frame[1] ?? 0) & 0x80).toBe(0x80);
  const at = short < 126 ? 2 : short === 126 ? 4 : 10;
  const length = short < 126 ? short : short === 126 ? view.getUint16(2) : Number(view.getBigUint64(2));
  const key = frame.subarray(at, at + 4);
  const payload = Buffer.from(frame.subarray(at + 4)).map((byte, n) => byte ^ (key[n % 4] as number));
  expect(payload.length).toBe(length);
  return { first: frame[0] ?? 0, key: Buffer.from(key).toString("hex"), payload: Buffer.from(payload) };
};

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, n) => (n * 31 + length) % 256);

describe("masked frames", () => {
  it("hold the message, whatever its length and its place in memory", () => {
    for (const length of [...Array(140).keys(), 65_534, 65_535, 65_536, 65_537, 200_003]) {
      for (const offset of [0, 1, 2, 3]) {
        const message = bytes(length + offset).subarray(offset);
        const { first, payload } = read(maskedFrame(message));
        expect(first).toBe(0x82);
        expect(payload.equals(message)).toBe(true);
      }
    }
  });

  it("have a key of their own each", () => {
    const keys = Array.from({ length: 5_000 }, () => read(maskedFrame(bytes(3))).key);
    expect(new Set(keys).size).toBeGreaterThan(4_990);
  });
});
