/** Updates that nobody honest wrote: each is refused by name, quickly, and what is let through Yjs can read. */

import { seededRandom } from "@context-mesh/common";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { KnownState, scanUpdate, wireBounds } from "../src/index.ts";
import { tryMutated } from "./support/mutated-updates.ts";
import { hasPending, randomHistory } from "./support/random-doc.ts";

const varUint = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
};

const reasonOf = (...bytes: readonly (number | readonly number[])[]): string => {
  const scan = scanUpdate(Uint8Array.from(bytes.flat()));
  return scan.ok ? "accepted" : scan.reason;
};

/** One struct of client 5 at clock 0, and no deletes. */
const one = (...struct: readonly (number | readonly number[])[]): string => reasonOf(1, 1, 5, 0, ...struct, 0);
/** An item behind clock 0 of client 9, with this kind of content. */
const item = (kind: number, ...content: readonly (number | readonly number[])[]): string =>
  one(0x80 | kind, 9, 0, ...content);

const [gc, deleted, json, string, embed, type, any, doc] = [0, 1, 2, 4, 5, 7, 8, 9];
const huge = varUint(2 ** 50);

describe("hostile updates", () => {
  it("[WIRE-10] with runs or clocks beyond what Yjs can count are refused", () => {
    expect(one(gc, varUint(2 ** 31))).toBe("accepted");
    expect(one(gc, varUint(2 ** 31 + 1))).toBe("clock_too_high");
    expect(one(gc, huge)).toBe("clock_too_high");
    expect(one(gc, 0)).toBe("absurd_run");
    expect(item(deleted, huge)).toBe("clock_too_high");
    expect(item(deleted, 0)).toBe("absurd_run");
    expect(item(string, 0)).toBe("absurd_run");
    expect(item(any, huge)).toBe("absurd_run");
    expect(item(any, 0)).toBe("absurd_run");
    expect(item(json, huge)).toBe("absurd_run");
    expect(reasonOf(1, 2, 5, 0, 10, huge, gc, 1, 0)).toBe("clock_too_high");
    expect(reasonOf(0, 1, 5, 1, 0, varUint(2 ** 31 + 1))).toBe("clock_too_high");
    expect(one(gc, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1])).toBe("number_too_large");
  });

  it("[WIRE-10] with counts that their bytes cannot hold are refused before anything is set aside for them", () => {
    expect(reasonOf(huge)).toBe("too_many_clients");
    expect(reasonOf(1, huge, 5, 0)).toBe("truncated");
    expect(reasonOf(0, huge)).toBe("too_many_clients");
    expect(reasonOf(0, 1, 5, huge)).toBe("truncated");
    expect(item(any, 1, 117, huge)).toBe("absurd_run");
    expect(item(any, 1, 118, huge)).toBe("absurd_run");
    expect(item(any, 1, 116, huge)).toBe("truncated");
    expect(item(string, huge)).toBe("truncated");
    expect(reasonOf()).toBe("truncated");
    expect(reasonOf(0, 0, 0)).toBe("trailing_bytes");
    const tight = { ...wireBounds, bytesMax: 1, rootsMax: 1 };
    expect(scanUpdate(Uint8Array.of(0, 0), tight)).toMatchObject({ reason: "too_large" });
    const twoRoots = Uint8Array.of(1, 2, 5, 0, 1, 1, 1, 0x61, 1, 1, 1, 1, 0x62, 1, 0);
    expect(scanUpdate(twoRoots).ok).toBe(true);
    expect(scanUpdate(twoRoots, { ...wireBounds, rootsMax: 1 })).toMatchObject({ reason: "too_many_roots" });
  });

  it("[WIRE-10] with content on which Yjs throws are refused", () => {
    const text = (value: string): number[] => [value.length, ...new TextEncoder().encode(value)];
    expect(item(doc, text("guid"), 118, 0)).toBe("accepted");
    // Yjs reads fields of a subdocument's options.
    expect(item(doc, text("guid"), 126)).toBe("bad_content");
    expect(item(type, 6)).toBe("accepted");
    expect(item(type, 7)).toBe("bad_content");
    expect(item(any, 1, 115)).toBe("bad_content");
    expect(item(any, 1, 125, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1)).toBe("number_too_large");
    expect(item(embed, text("{}"))).toBe("accepted");
    expect(item(embed, text("{]"))).toBe("invalid_json");
    expect(item(embed, text("undefined"))).toBe("invalid_json");
    expect(item(string, 2, 0xc3, 0x28)).toBe("invalid_utf8");
    expect(item(any, 1, 118, 1, 1, 0xff, 126)).toBe("invalid_utf8");
    expect(one(11, 1)).toBe("bad_struct");
    expect(one(0x80, 1)).toBe("bad_struct");
    expect(one(deleted, 2, 0, 0, 1)).toBe("bad_struct");
  });

  it("[WIRE-10] that are nested too deep are refused", () => {
    const nested = (levels: number): string => item(any, 1, new Array<number[]>(levels).fill([117, 1]).flat(), 126);
    expect(nested(32)).toBe("accepted");
    expect(nested(33)).toBe("nesting_too_deep");
    expect(nested(100_000)).toBe("nesting_too_deep");
  });

  it("[WIRE-10] that refer to themselves, or speak twice for a client, are refused", () => {
    expect(one(0x81, 5, 0, 1)).toBe("bad_reference");
    expect(one(0x41, 5, 3, 1)).toBe("bad_reference");
    expect(one(1, 0, 5, 0, 1)).toBe("bad_reference");
    expect(one(0x81, 9, huge, 1)).toBe("clock_too_high");
    expect(reasonOf(2, 1, 5, 0, gc, 1, 1, 5, 0, gc, 2, 0)).toBe("duplicate_client");
    expect(reasonOf(0, 2, 5, 1, 0, 1, 5, 1, 3, 1)).toBe("duplicate_client");
  });

  it("[WIRE-10] made of honest ones never throw, and what is let through Yjs decodes", () => {
    const random = seededRandom(4);
    const honest: Uint8Array[] = [];
    for (let i = 0; i < 20; i++) {
      const { docs, updates } = randomHistory(random, { replicas: 3, steps: 12 });
      honest.push(
        ...updates.filter((update) => update.length < 400),
        ...docs.map((made) => Y.encodeStateAsUpdate(made)),
      );
    }
    let accepted = 0;
    for (let i = 0; i < 120_000; i++) {
      const base = honest[random.int(honest.length)] as Uint8Array;
      const bytes = base.slice(0, random.int(8) === 0 ? 1 + random.int(base.length) : base.length);
      for (let flips = random.int(3); flips >= 0; flips--) {
        bytes[random.int(bytes.length)] =
          random.int(3) === 0 ? random.int(256) : (bytes[random.int(bytes.length)] as number);
      }
      if (!scanUpdate(bytes).ok) continue;
      accepted += 1;
      Y.decodeUpdate(bytes);
    }
    expect(accepted).toBeGreaterThan(5_000);
  });

  it("[WIRE-20] with plain content that are let through are to Yjs what they are to the scan, and harm nobody", () => {
    const { plain, integrated } = tryMutated(20, 12_000);
    expect(plain).toBeGreaterThan(1_000);
    expect(integrated).toBeGreaterThan(300);
  });

  it("[WIRE-20] content that Yjs parses further is not plain", () => {
    const isPlain = (bytes: readonly number[]): unknown => {
      const scan = scanUpdate(Uint8Array.from(bytes));
      return scan.ok && scan.value.isPlain;
    };
    const content = { string: [4, 1, 0x61], any: [8, 1, 126], binary: [3, 1, 7], type: [7, 0], deleted: [1, 1] };
    for (const [kind, ...rest] of Object.values(content) as [number, ...number[]][]) {
      expect(isPlain([1, 1, 5, 0, 0x80 | kind, 9, 0, ...rest, 0])).toBe(true);
    }
    const parsed = {
      json: [2, 1, 1, 0x31],
      embed: [5, 1, 0x31],
      format: [6, 1, 0x61, 1, 0x31],
      doc: [9, 1, 0x61, 118, 0],
    };
    for (const [kind, ...rest] of Object.values(parsed) as [number, ...number[]][]) {
      expect(isPlain([1, 2, 5, 0, 0x80 | kind, 9, 0, ...rest, 0x84, 9, 0, 1, 0x61, 0])).toBe(false);
    }
  });

  it("[WIRE-12] what is cut out of what is let through never stays pending and never throws when applied", () => {
    const random = seededRandom(12);
    let applied = 0;
    for (let i = 0; i < 12; i++) {
      const { updates } = randomHistory(random, { replicas: 3, steps: 16 });
      for (let change = 0; change < 250; change++) {
        const at = 1 + random.int(updates.length - 1);
        const bytes = (updates[at] as Uint8Array).slice();
        bytes[random.int(bytes.length)] =
          random.int(2) === 0 ? random.int(256) : (bytes[random.int(bytes.length)] as number);
        if (bytes.length > 400 || !scanUpdate(bytes).ok) continue;
        const known = new KnownState();
        const room = new Y.Doc();
        for (const update of [...updates.slice(0, at), bytes]) {
          const scan = scanUpdate(update);
          if (!scan.ok || !known.classify(scan.value).hasNew) continue;
          Y.applyUpdate(room, known.cut(update, scan.value));
          known.absorb(scan.value);
          expect(hasPending(room)).toBe(false);
        }
        applied += 1;
      }
    }
    expect(applied).toBeGreaterThan(300);
  });

  it("[WIRE-10] made to be slow by waiting for each other take time in proportion to their bytes", () => {
    // Two clients of which each struct waits for the other's, and a chain of clients in the worst order.
    const count = 100_000;
    const pingPong = [2, varUint(count), 1, 0, gc, 1];
    for (let i = 1; i < count; i++) pingPong.push(0x81, 2, varUint(i - 1), 1);
    pingPong.push(varUint(count), 2, 0);
    for (let i = 0; i < count; i++) pingPong.push(0x81, 1, varUint(i), 1);
    const chain = [varUint(count)];
    for (let i = 1; i < count; i++) chain.push([1], varUint(i), [0, 0x81], varUint(i + 1), [0, 1]);
    chain.push([1], varUint(count), [0, gc, 1]);
    for (const parts of [pingPong, chain]) {
      const scan = scanUpdate(Uint8Array.from([...parts, 0].flat()));
      const known = new KnownState();
      // A quadratic search would not end within the test's time.
      expect(scan.ok && known.classify(scan.value).kind).toBe("new");
    }
  });
});
