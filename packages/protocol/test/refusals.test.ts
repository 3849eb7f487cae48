/** The table of refusals, as PROTOCOL.md lists it, and the bounds of messages that are read in one go. */

import { readFileSync } from "node:fs";
import { limits } from "@context-mesh/common";
import { describe, expect, it } from "vitest";
import {
  closeFor,
  decodeAwareness,
  decodeMessage,
  encodeAck,
  encodeAwareness,
  encodeAwarenessParts,
  encodeHello,
  refusalList,
} from "../src/index.ts";

const document = readFileSync(new URL("../PROTOCOL.md", import.meta.url), "utf8");

describe("refusals", () => {
  it("[WIRE-19] are listed in PROTOCOL.md as they are in the code", () => {
    const listed = [
      ...document.matchAll(/^\| (connection|message|update|presence) \| `(\w+)` \| (\d+|goes on) \|$/gm),
    ].map(([, place, reason, then]) => ({ place, reason, code: then === "goes on" ? undefined : Number(then) }));
    expect(listed).toEqual(refusalList());
    expect(listed.length).toBeGreaterThan(50);
  });

  it("[WIRE-19] close only where the connection is at fault", () => {
    expect(refusalList().filter(({ place, code }) => place === "update" && code !== undefined)).toEqual([]);
    expect(closeFor("message", "trailing_bytes")?.code).toBe(4400);
    expect(closeFor("message", "unknown_type")).toBeUndefined();
    expect(closeFor("connection", "host_not_allowed")).toBeUndefined();
  });

  it("[WIRE-19] come before the reading where a message is larger than its kind may be", () => {
    const setAside = Array.from({ length: 20_000 }, (_, client) => ({ client, reason: "gap" }));
    const features = Array.from({ length: 100_000 }, () => "feature");
    expect(decodeMessage(encodeAck(1, 1, setAside))).toMatchObject({ reason: "too_large" });
    expect(decodeMessage(encodeHello({ v: 1, id: "x", role: "node", features }))).toMatchObject({
      reason: "too_large",
    });
  });

  it("[WIRE-19] of presence do not end the connection: the message is read, what it says is ignored", () => {
    const message = decodeMessage(encodeAwareness(new Uint8Array(limits.presenceMessageBytesMax + 100)));
    expect(message).toMatchObject({ ok: true, value: { type: "awareness" } });
    if (!message.ok || message.value.type !== "awareness") return;
    const states = decodeAwareness(message.value.update);
    expect([states, closeFor("presence", "too_large")]).toEqual([
      expect.objectContaining({ reason: "too_large" }),
      undefined,
    ]);
  });

  it("[WIRE-19] presence of many goes out in messages that can be read again, and nothing of it is lost", () => {
    const states = Array.from({ length: 5_000 }, (_, client) => ({
      client,
      clock: 1,
      state: { text: "x".repeat(client % 300) },
    }));
    const parts = encodeAwarenessParts(states);
    const read = parts.flatMap((part) => {
      const decoded = decodeAwareness(part);
      expect(part.length).toBeLessThanOrEqual(limits.presenceMessageBytesMax);
      return decoded.ok ? decoded.value.map(({ client, clock, state }) => ({ client, clock, state })) : [];
    });
    expect(read).toEqual(states);
    expect(parts.length).toBeGreaterThan(2);
    expect(encodeAwarenessParts([])).toEqual([]);
  });
});
