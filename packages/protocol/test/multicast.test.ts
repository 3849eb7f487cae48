/** The payload of message 66: both ways, and refused where it is not one. */

import { limits } from "@context-mesh/common";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeMulticast, encodeMulticastPayload, type Multicast } from "../src/index.ts";

const name = fc.string({ unit: "grapheme", maxLength: 30 });
const names = fc.uniqueArray(name, { maxLength: 10 });
const body = fc.uint8Array({ maxLength: 40 });
const multicast: fc.Arbitrary<Multicast> = fc.oneof(
  fc.record({ kind: fc.constant("post" as const), names, body }),
  fc.record({ kind: fc.constant("subscribe" as const), names }),
  fc.record({ kind: fc.constant("relayed" as const), origin: name, n: fc.maxSafeNat(), names, body }),
);

describe("multicast", () => {
  it("[WIRE-30] comes out as it went in; what is not one is refused with a code, and nothing throws", () => {
    fc.assert(
      fc.property(multicast, fc.nat(), fc.nat(255), (value, at, byte) => {
        const bytes = encodeMulticastPayload(value);
        expect(decodeMulticast(bytes)).toEqual({ ok: true, value });
        if (bytes.length > 0) expect(decodeMulticast(bytes.subarray(0, at % bytes.length)).ok).toBe(false);
        expect(decodeMulticast(Uint8Array.from([...bytes, 0]))).toMatchObject({ ok: false });
        const flipped = Uint8Array.from(bytes);
        flipped[at % bytes.length] = byte;
        expect(typeof decodeMulticast(flipped).ok).toBe("boolean");
      }),
    );
  });

  it("[WIRE-31] names are bounded in number and size, and are no more than the bytes can hold", () => {
    const many = Array.from({ length: limits.subscriptionsMax + 1 }, (_, n) => `n${n}`);
    expect(decodeMulticast(encodeMulticastPayload({ kind: "subscribe", names: many }))).toMatchObject({
      reason: "too_many_names",
    });
    expect(decodeMulticast(encodeMulticastPayload({ kind: "subscribe", names: many.slice(1) })).ok).toBe(true);
    const post = (list: string[]): Uint8Array =>
      encodeMulticastPayload({ kind: "post", names: list, body: new Uint8Array() });
    expect(decodeMulticast(post(many.slice(0, limits.postNamesMax + 1)))).toMatchObject({ reason: "too_many_names" });
    expect(decodeMulticast(post(["x".repeat(limits.postNameBytesMax)])).ok).toBe(true);
    expect(decodeMulticast(post(["x".repeat(limits.postNameBytesMax + 1)]))).toMatchObject({ reason: "name_too_long" });
    expect(decodeMulticast(Uint8Array.of(0, 60, 0))).toMatchObject({ reason: "truncated" });
    expect(decodeMulticast(Uint8Array.of(3))).toMatchObject({ reason: "unknown_kind" });
  });
});
