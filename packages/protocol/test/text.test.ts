/** UTF-8 and JSON are checked on bytes; what they say must be what the platform says. */

import { type Random, seededRandom, utf8 } from "@context-mesh/common";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isJsonText } from "../src/json-text.ts";
import { seekUtf16, utf16Length } from "../src/utf8.ts";

const fatal = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const platformLength = (bytes: Uint8Array): number => {
  try {
    return fatal.decode(bytes).length;
  } catch {
    return -1;
  }
};

const platformJson = (bytes: Uint8Array): boolean => {
  try {
    JSON.parse(fatal.decode(bytes));
    return true;
  } catch {
    return false;
  }
};

const mutate = (random: Random, bytes: Uint8Array): Uint8Array => {
  const changed = bytes.slice(random.int(4) === 0 ? random.int(bytes.length) : 0);
  for (let flips = random.int(3); flips > 0; flips--) changed[random.int(changed.length)] = random.int(256);
  return changed;
};

describe("utf8", () => {
  it("[WIRE-9] measures every lead and second byte as the platform does", () => {
    const bytes = new Uint8Array(4);
    for (let lead = 0x7f; lead < 256; lead++) {
      for (let second = 0; second < 256; second++) {
        for (const rest of [0x80, 0xc0]) {
          bytes.set([lead, second, rest, rest]);
          for (let length = 1; length <= 4; length++) {
            const part = bytes.subarray(0, length);
            if (utf16Length(part, 0, length) !== platformLength(part)) expect([...part]).toBe("measured otherwise");
          }
        }
      }
    }
  });

  it("[WIRE-9] measures long text with anything in any place", () => {
    const random = seededRandom(9);
    const text = utf8(`${"ascii ".repeat(60)}é語😀${"x".repeat(300)}😀\u{10ffff}`);
    for (let i = 0; i < 10_000; i++) {
      const at = random.int(7);
      const bytes = new Uint8Array(text.length + at);
      bytes.set(text, at);
      const changed = mutate(random, bytes.subarray(at));
      expect(utf16Length(changed, 0, changed.length)).toBe(platformLength(changed));
    }
  });

  it("[WIRE-9] finds the place of any UTF-16 index", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(), (text, pick) => {
        const units = pick % (text.length + 1);
        const { at, split } = seekUtf16(utf8(text), 0, units);
        expect(at).toBe(utf8(text.slice(0, units + (split ? 1 : 0))).length);
        expect(split).toBe(/[\ud800-\udbff]/.test(text[units - 1] ?? "") && units < text.length);
      }),
      { seed: 9, numRuns: 2_000 },
    );
  });
});

describe("json text", () => {
  it("[WIRE-10] is accepted exactly where JSON.parse accepts it", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        expect(isJsonText(utf8(text), 0, utf8(text).length)).toBe("ok");
      }),
      { seed: 10, numRuns: 2_000 },
    );
    const random = seededRandom(10);
    const base = utf8('{"a":[1,-0.5e+10,true,false,null,"\\u00e9\\n\\"x"],"😀": {} , "b":[[],{"c":0}]}');
    for (let i = 0; i < 50_000; i++) {
      const bytes = mutate(random, base);
      if ((isJsonText(bytes, 0, bytes.length) === "ok") !== platformJson(bytes)) {
        expect(new TextDecoder().decode(bytes)).toBe("judged otherwise");
      }
    }
  });

  it("[WIRE-10] may be nested 32 deep and no deeper", () => {
    const nested = (depth: number): Uint8Array => utf8("[".repeat(depth) + "]".repeat(depth));
    expect(isJsonText(nested(32), 0, 64)).toBe("ok");
    expect(isJsonText(nested(33), 0, 66)).toBe("nesting_too_deep");
    expect(isJsonText(nested(100_000), 0, 200_000)).toBe("nesting_too_deep");
  });
});
