/** How many records each table holds and what their sums add up to: a record that is missing altogether shows here. */

export interface Tally {
  readonly count: number;
  readonly sum: number;
}

export type TallySheet = Record<string, Tally>;

const modulus = 2 ** 48;

export const emptyTally: Tally = { count: 0, sum: 0 };

export const addToTally = (tally: Tally, count: number, sum: number): Tally => ({
  count: tally.count + count,
  sum: (((tally.sum + (sum % modulus)) % modulus) + modulus) % modulus,
});

export const tallyEqual = (a: Tally, b: Tally): boolean => a.count === b.count && a.sum === b.sum;
