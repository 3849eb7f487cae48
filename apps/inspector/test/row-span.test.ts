import { describe, expect, it } from "vitest";
import { noRows, rowsInSight } from "../src/model/row-span.ts";

const sight = (topPx: number) => ({ topPx, sightPx: 500, heightPx: 100, count: 10_000 });

describe("rows in sight", () => {
  it("are what is in sight and some on both sides", () => {
    const { first, end } = rowsInSight(sight(5_000), noRows);
    expect(first).toBeLessThanOrEqual(46);
    expect(end).toBeGreaterThanOrEqual(59);
    expect(end - first).toBeLessThan(30);
  });

  it("stay the same object while scrolling changes none of them", () => {
    const before = rowsInSight(sight(5_000), noRows);
    expect(rowsInSight(sight(5_090), before)).toBe(before);
    expect(rowsInSight(sight(5_300), before)).not.toBe(before);
  });

  it("never leave the list, at its ends and when it has become shorter", () => {
    expect(rowsInSight(sight(0), noRows).first).toBe(0);
    expect(rowsInSight(sight(999_500), noRows).end).toBe(10_000);
    expect(rowsInSight({ ...sight(900_000), count: 70 }, noRows)).toEqual({ first: 63, end: 70 });
  });
});
