/** Finds what is wrong with the records of a store, and takes it out. */

import type { CheckedTable } from "./checked-table.ts";
import { tallyEqual } from "./tally.ts";

/** What is wrong, in words; empty when every record is there and whole. */
export const findProblems = (tables: readonly CheckedTable[]): string[] =>
  tables.flatMap((table) => {
    const { tally, damaged } = table.inspect();
    const { name } = table.spec;
    const problems = damaged.map((key) => `a record of ${name} fails its check (${key.join("/")})`);
    if (damaged.length === 0 && !tallyEqual(tally, table.expected())) problems.push(`records of ${name} are missing`);
    return problems;
  });

/**
 * Takes out the records that fail their check and sets the tallies to what is there. False when that did not help,
 * because the table's own order is broken.
 */
export const mendTables = (tables: readonly CheckedTable[]): boolean => {
  for (const table of tables) {
    for (const key of table.inspect().damaged) table.discard(key);
    const { tally, damaged } = table.inspect();
    if (damaged.length > 0) return false;
    table.setTally(tally);
  }
  return true;
};
