/** Deleted ranges against the plainest model there is: a set of clocks. */

import { type Random, seededRandom } from "@context-mesh/common";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { DeleteRanges, decodeDeleteRanges, decodeStateVector, encodeStateVector, vectorCovers } from "../src/index.ts";

const clients = [1, 2, 2 ** 53 - 1];
const clocks = 60;

interface Pair {
  readonly ranges: DeleteRanges;
  readonly model: Set<string>;
}

const randomPair = (random: Random): Pair => {
  const ranges = new DeleteRanges();
  const model = new Set<string>();
  for (let i = random.int(30); i > 0; i--) {
    const client = clients[random.int(3)] as number;
    const from = random.int(clocks);
    const to = from + random.int(8);
    ranges.add(client, from, to);
    for (let clock = from; clock < to; clock++) model.add(`${client}/${clock}`);
  }
  return { ranges, model };
};

const clocksOf = (ranges: DeleteRanges): Set<string> => {
  const all = new Set<string>();
  for (const client of ranges.clients()) {
    let last = -1;
    for (const { from, to } of ranges.ranges(client)) {
      // Sorted, not empty, and neither overlapping nor touching.
      expect(from).toBeGreaterThan(last);
      expect(to).toBeGreaterThan(from);
      last = to;
      for (let clock = from; clock < to; clock++) all.add(`${client}/${clock}`);
    }
  }
  return all;
};

describe("deleted ranges", () => {
  it("[WIRE-11] add, unite, subtract, clip, cover and compare as sets of clocks do", () => {
    const random = seededRandom(11);
    for (let i = 0; i < 600; i++) {
      const a = randomPair(random);
      const b = randomPair(random);
      expect(clocksOf(a.ranges)).toEqual(a.model);
      const united = a.ranges.clone();
      united.merge(b.ranges);
      expect(clocksOf(united)).toEqual(new Set([...a.model, ...b.model]));
      expect(clocksOf(a.ranges)).toEqual(a.model);
      const rest = a.ranges.subtract(b.ranges);
      expect(clocksOf(rest)).toEqual(new Set([...a.model].filter((clock) => !b.model.has(clock))));
      const from = random.int(clocks);
      const within = (clock: number): boolean => clock >= from && clock < from + 10;
      const clipped = a.ranges.clip(() => ({ from, to: from + 10 }));
      expect(clocksOf(clipped)).toEqual(new Set([...a.model].filter((key) => within(Number(key.split("/")[1])))));
      const covered = Array.from({ length: 4 }, (_, at) => a.model.has(`2/${from + at}`)).every(Boolean);
      expect(a.ranges.covers(2, from, from + 4)).toBe(covered);
      expect(a.ranges.equals(b.ranges)).toBe(
        a.model.size === b.model.size && [...a.model].every((c) => b.model.has(c)),
      );
    }
  });

  it("[WIRE-11] are the bytes of a Yjs delete set, and come back from them", () => {
    const random = seededRandom(12);
    for (let i = 0; i < 200; i++) {
      const { ranges } = randomPair(random);
      const decoded = decodeDeleteRanges(ranges.encode());
      expect(decoded.ok && decoded.value.equals(ranges)).toBe(true);
      const { ds } = Y.decodeUpdate(Uint8Array.of(0, ...ranges.encode()));
      for (const [client, items] of ds.clients) {
        expect(items.map(({ clock, len }) => ({ from: clock, to: clock + len }))).toEqual(ranges.ranges(client));
      }
      expect(ds.clients.size).toBe([...ranges.clients()].length);
    }
  });

  it("[WIRE-10] unsorted and overlapping ones are put in order; empty ones, as Yjs cannot keep them, are refused", () => {
    const decoded = decodeDeleteRanges(Uint8Array.of(1, 7, 3, 9, 2, 0, 4, 3, 3));
    expect(decoded.ok && decoded.value.ranges(7)).toEqual([
      { from: 0, to: 6 },
      { from: 9, to: 11 },
    ]);
    expect(decodeDeleteRanges(Uint8Array.of(1, 7, 1, 9, 0))).toMatchObject({ reason: "bad_delete_set" });
    expect(decodeDeleteRanges(Uint8Array.of(2, 7, 1, 9, 1, 7, 1, 3, 1))).toMatchObject({ reason: "duplicate_client" });
    const shuffled = [1, 7, 0x81, 0x80, 0x08];
    for (let i = 0; i < 2 ** 17 + 1; i++) shuffled.push(i % 2, 1);
    expect(decodeDeleteRanges(Uint8Array.from(shuffled))).toMatchObject({ reason: "bad_delete_set" });
  });
});

describe("state vectors", () => {
  it("[WIRE-8] are those of Yjs, both ways", () => {
    const doc = new Y.Doc();
    doc.clientID = 2 ** 53 - 1;
    doc.getText("t").insert(0, "hello");
    const other = new Y.Doc();
    other.clientID = 5;
    other.getText("t").insert(0, "x");
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
    const bytes = Y.encodeStateVector(doc);
    const vector = decodeStateVector(bytes);
    expect(vector).toEqual({ ok: true, value: Y.decodeStateVector(bytes) });
    expect(vector.ok && encodeStateVector(vector.value)).toEqual(bytes);
    expect(encodeStateVector(new Map([[9, 0]]))).toEqual(Uint8Array.of(0));
  });

  it("[WIRE-2] that cannot be meant are refused by name", () => {
    expect(decodeStateVector(Uint8Array.of(0xff, 0xff, 0xff, 0x7f))).toMatchObject({ ok: false });
    expect(decodeStateVector(Uint8Array.of(1, 5, 3, 0))).toMatchObject({ reason: "trailing_bytes" });
    expect(decodeStateVector(Uint8Array.of(1, 5, 0x81, 0x80, 0x80, 0x80, 0x08))).toMatchObject({
      reason: "clock_too_high",
    });
    expect(decodeStateVector(new Uint8Array(0))).toMatchObject({ reason: "truncated" });
  });

  it("[WIRE-8] cover another where no clock is behind", () => {
    const vector = new Map([
      [1, 5],
      [2, 3],
    ]);
    expect(vectorCovers(vector, new Map([[1, 5]]))).toBe(true);
    expect(vectorCovers(vector, new Map([[1, 6]]))).toBe(false);
    expect(vectorCovers(vector, new Map([[3, 1]]))).toBe(false);
  });
});
