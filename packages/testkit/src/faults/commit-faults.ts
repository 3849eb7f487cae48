/** Outcomes of commits for the `commit` hook of the memory stores' faults. */

import { pick, type Random } from "@context-mesh/common";

/** Gives the outcomes in turn, then "ok" for ever. */
export const outcomesInTurn = <O extends string>(outcomes: readonly O[]): (() => O | "ok") => {
  const left = [...outcomes];
  return () => left.shift() ?? "ok";
};

/** Fails commit number `n` (1 is the next one) with the outcome, and no other. */
export const failNth = <O extends string>(n: number, outcome: O): (() => O | "ok") => {
  let commits = 0;
  return () => {
    commits += 1;
    return commits === n ? outcome : "ok";
  };
};

/** Fails each commit with the given probability by one of the outcomes; the same seed gives the same failures. */
export const failSometimes = <O extends string>(
  random: Random,
  probability: number,
  outcomes: readonly O[],
): (() => O | "ok") => {
  return () => (random.float() < probability ? pick(random, outcomes) : "ok");
};
