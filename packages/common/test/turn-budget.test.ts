/** Work in turns: what is too much for one waits for the next, in order. */

import { describe, expect, it } from "vitest";
import { type Clock, nextTurn, systemClock, TurnBudget } from "../src/index.ts";

const clockAt = (): { clock: Clock; pass: (ms: number) => void } => {
  let nowMs = 0;
  return {
    clock: { ...systemClock, monotonicMs: () => nowMs },
    pass: (ms) => {
      nowMs += ms;
    },
  };
};

describe("a turn's budget", () => {
  it("is spent by work alone, and lets those who wait go on in order in later turns", async () => {
    const { clock, pass } = clockAt();
    const budget = new TurnBudget(clock, 10);
    const work = (ms: number): boolean => {
      const hasTime = budget.hasTime();
      pass(ms);
      budget.worked();
      return hasTime;
    };
    expect([work(6), work(6), budget.hasTime()]).toEqual([true, true, false]);
    const went: string[] = [];
    for (const name of ["a", "b", "c"]) {
      budget.wait(() => {
        went.push(name);
        work(7);
      });
    }
    await nextTurn();
    await nextTurn();
    expect(went.slice(0, 2)).toEqual(["a", "b"]);
    await nextTurn();
    await nextTurn();
    expect(went).toEqual(["a", "b", "c"]);
  });

  it("forgets what was spent once it rested", async () => {
    const { clock, pass } = clockAt();
    const budget = new TurnBudget(clock, 10);
    budget.hasTime();
    pass(20);
    budget.worked();
    expect(budget.hasTime()).toBe(false);
    await budget.time();
    expect(budget.hasTime()).toBe(true);
    pass(20);
    budget.worked();
    pass(60);
    expect(budget.hasTime()).toBe(true);
  });
});
