/** Types within one another in one update. */

import { limits } from "@context-mesh/common";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { bytesOf, deletion, nestedTypes, varUint } from "../../../test/fuzz/src/hostile-bytes.ts";
import { nestsTooDeep, scanUpdate } from "../src/index.ts";

const isTooDeep = (update: Uint8Array): boolean => {
  const scan = scanUpdate(update);
  if (!scan.ok) throw new Error(scan.reason);
  return nestsTooDeep(update, scan.value);
};

const applied = (...updates: readonly Uint8Array[]): Y.Doc => {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc;
};

/** Each type holds a character and, behind that, the next type: no type names the one that it lies in. */
const behindText = (levels: number): Uint8Array => {
  const structs = [[7, 1, 1, 114, 0]];
  for (let clock = 1; clock < 2 * levels; clock += 2) {
    structs.push([4, 0, 1, ...varUint(clock - 1), 1, 120], [0x87, 1, ...varUint(clock), 0]);
  }
  return bytesOf(1, varUint(structs.length), 1, 0, structs.flat(), 0);
};

/** Two clients by turns. */
const byTurns = (levels: number): Uint8Array => {
  const inside = (client: number, clock: number): number[] => [7, 0, client, ...varUint(clock), 0];
  const one = Array.from({ length: levels }, (_, n) => (n === 0 ? [7, 1, 1, 114, 0] : inside(2, n - 1)));
  const two = Array.from({ length: levels }, (_, n) => inside(1, n));
  return bytesOf(2, varUint(levels), 2, 0, two.flat(), varUint(levels), 1, 0, one.flat(), 0);
};

describe("types in one another", () => {
  it("[WIRE-21] are too deep beyond the bound, however the depth is written", () => {
    const max = limits.nestedTypesMax;
    expect([isTooDeep(nestedTypes(max + 1)), isTooDeep(nestedTypes(max + 2))]).toEqual([false, true]);
    expect([isTooDeep(behindText(max)), isTooDeep(behindText(max + 1))]).toEqual([false, true]);
    expect([isTooDeep(byTurns(max / 2)), isTooDeep(byTurns(max / 2 + 1))]).toEqual([false, true]);
  });

  it("[WIRE-21] are deleted by Yjs within the bound, and not at 100,000", () => {
    expect(() => applied(nestedTypes(limits.nestedTypesMax + 1), deletion(1, 0, 1))).not.toThrow();
    // The stack overflows; what Yjs stumbles over while it cleans up after that may be told instead.
    expect(() => applied(nestedTypes(100_000), deletion(1, 0, 1))).toThrow();
  });

  it("[WIRE-21] beside one another are as many as one likes, and circles end", () => {
    const doc = new Y.Doc();
    const list = doc.getArray<Y.Map<number>>("list");
    list.push(Array.from({ length: 2_000 }, (_, n) => new Y.Map([["n", n]])));
    expect(isTooDeep(Y.encodeStateAsUpdate(doc))).toBe(false);
    const circle = (other: number): number[] => new Array<number[]>(300).fill([0x87, other, 0, 0]).flat();
    expect(isTooDeep(bytesOf(2, varUint(300), 2, 0, circle(1), varUint(300), 1, 0, circle(2), 0))).toBe(false);
  });
});
