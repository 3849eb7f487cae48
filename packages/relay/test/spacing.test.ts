/** The distance between commits: it follows the load, and not its bursts. */

import { describe, expect, it } from "vitest";
import { nextPace, type Pace, restingPace } from "../src/spacing.ts";

const bounds = { commitSpacingMs: 2, commitSpacingMaxMs: 8 };

/** The paces of a second of commits, each `sinceMs` after the one before with as many updates as `perMs` brings. */
const second = (perMs: number, sinceMs: number, from: Pace = restingPace): readonly Pace[] => {
  const paces: Pace[] = [];
  for (let atMs = 0; atMs < 1_000; atMs += sinceMs) {
    paces.push(nextPace(paces.at(-1) ?? from, perMs * sinceMs, sinceMs, bounds));
  }
  return paces;
};

describe("the distance between commits", () => {
  it("stays small up to a thousand updates a second, and grows with more to its bound", () => {
    const spacings = [0.1, 1, 2, 3, 20].map((perMs) => second(perMs, 4).at(-1)?.spacingMs ?? 0);
    expect(spacings.map((ms) => Number(ms.toFixed(1)))).toEqual([2, 2, 4.1, 8, 8]);
  });

  it("does not grow for one burst, nor for commits that were held up", () => {
    const [calm] = second(1, 4).slice(-1) as [Pace];
    const burst = nextPace(calm, 20, 4, bounds);
    expect(nextPace(burst, 4, 4, bounds).spacingMs).toBeLessThan(3);
    expect(nextPace(calm, 40, 40, bounds).spacingMs).toBe(2);
  });

  it("forgets a load after a pause", () => {
    const [busy] = second(20, 8).slice(-1) as [Pace];
    expect(busy.spacingMs).toBe(8);
    expect(nextPace(busy, 1, 1_000, bounds).spacingMs).toBe(2);
    expect(nextPace(restingPace, 1, Number.POSITIVE_INFINITY, bounds)).toEqual({ perMs: 0, spacingMs: 2 });
  });
});
