import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { roomFromPath, roomToPath, roomToReadable } from "../src/index.ts";

const reasonOf = (path: string): string => {
  const room = roomFromPath(path);
  return room.ok ? `accepted ${room.value}` : room.reason;
};

describe("room names", () => {
  it("[WIRE-6] are the raw path up to the query, without the first slash", () => {
    expect(roomFromPath("/acme/checkout?token=a/b?c")).toEqual({ ok: true, value: "acme/checkout" });
    expect(roomFromPath("/a%20b")).toEqual({ ok: true, value: "a%20b" });
    expect(roomFromPath("//a/")).toEqual({ ok: true, value: "/a/" });
    expect(roomFromPath(`/${"x".repeat(256)}`).ok).toBe(true);
  });

  it("[WIRE-6] are refused by reason", () => {
    expect(reasonOf("/")).toBe("room_empty");
    expect(reasonOf("/?token=x")).toBe("room_empty");
    expect(reasonOf(`/${"x".repeat(257)}`)).toBe("room_too_long");
    for (const bad of ["/%", "/a%2", "/%zz", "/%ff", "/%c3%28", "/%ed%a0%80"])
      expect(reasonOf(bad)).toBe("room_bad_escape");
    for (const bad of ["/%00", "/a%0a", "/%7F", "/%c2%85"]) expect(reasonOf(bad)).toBe("room_control_character");
    for (const bad of ["room", "", "http://h/x", "/a b", "/é", '/"', "/a#b", "/a\\b", "/a\tb", "/<"]) {
      expect(reasonOf(bad), bad).toBe("room_bad_character");
    }
    for (const bad of ["/..", "/a/./b", "/a/%2e%2E/b", "/.%2e"]) expect(reasonOf(bad)).toBe("room_dot_segment");
  });

  it("[WIRE-6] are left as they are by a WHATWG parser, or are refused", () => {
    const path = fc
      .array(fc.oneof(fc.constantFrom(..."/.%2eE^~'|[]{}\\ \"<>`#é@:", "%41", "%2e", "..", "\t"), fc.string()))
      .map((parts) => `/${parts.join("")}`);
    let accepted = 0;
    fc.assert(
      fc.property(path, (raw) => {
        const room = roomFromPath(raw);
        if (!room.ok) return;
        accepted += 1;
        const parsed = new URL(`ws://relay:7420${raw}`).pathname;
        // A caret is escaped by newer parsers only.
        expect(parsed.replaceAll("%5E", "^")).toBe(`/${room.value}`.replaceAll("%5E", "^"));
      }),
      { seed: 6, numRuns: 5_000 },
    );
    expect(accepted).toBeGreaterThan(500);
  });

  it("[WIRE-6] go from what a person writes to a path and back", () => {
    const writable = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
    let written = 0;
    fc.assert(
      fc.property(writable, (readable) => {
        const path = roomToPath(readable);
        if (!path.ok) return;
        written += 1;
        expect(new URL(`ws://relay${path.value}`).pathname).toBe(path.value);
        const room = roomFromPath(path.value);
        expect(room).toEqual({ ok: true, value: path.value.slice(1) });
        expect(roomToReadable(path.value.slice(1))).toBe(readable);
      }),
      { seed: 7, numRuns: 5_000 },
    );
    expect(written).toBeGreaterThan(3_000);
    expect(roomToPath("acme/check out")).toEqual({ ok: true, value: "/acme/check%20out" });
    expect(roomToPath("100%?#^")).toEqual({ ok: true, value: "/100%25%3F%23%5E" });
    for (const bad of ["", "\ud800", "a\u0000", "../x", "é".repeat(60)]) expect(roomToPath(bad).ok, bad).toBe(false);
  });
});
