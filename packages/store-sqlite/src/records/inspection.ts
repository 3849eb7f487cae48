/** Looks a file of checked tables over, without changing it. */

import { statSync } from "node:fs";
import { readElsewhere } from "../anchor/anchor.ts";
import { examine, type Finding } from "../anchor/examine.ts";
import type { Mark } from "../anchor/mark-file.ts";
import type { Database } from "../sqlite/database.ts";
import type { CheckedTable } from "./checked-table.ts";
import { type HeadBody, readHead } from "./head-row.ts";
import { findProblems } from "./mend.ts";
import { type Attempt, placeOf } from "./opening-options.ts";
import type { TableSet } from "./table-set.ts";

export interface Inspection<H extends HeadBody> {
  readonly head: H | undefined;
  /** Copies of the head that fail their check. */
  readonly damagedCopies: number;
  readonly problems: readonly string[];
  readonly finding: Finding | undefined;
  readonly marks: readonly (Mark | undefined)[];
  /** True when nothing has to be written down or mended. */
  readonly isFine: boolean;
}

/** The file's own order is broken: records cannot be taken out of it, only copied. */
export class BrokenStructure extends Error {}

export const inspect = <H extends HeadBody>(db: Database, tables: TableSet, attempt: Attempt<H>): Inspection<H> => {
  const { options, beside, formerPlace, isRebuilt } = attempt;
  const { head, damaged: damagedCopies } = readHead<H>(db.driver);
  if (head === undefined) {
    const problems = ["the head is lost"];
    return { head, damagedCopies, problems, finding: undefined, marks: [beside], isFine: false };
  }
  assertSound(db);
  tables.sheet = head.tallies;
  const elsewhere = readElsewhere(options.stateDir, head.storeId);
  const place = placeOf(options);
  const finding = examine({ head, places: [place, formerPlace], beside, elsewhere });
  const problems = findProblems(tables.all.filter((table) => isCheckedAtOpen(table, options.checkedAtOpen)));
  const isQuiet = damagedCopies === 0 && problems.length === 0 && finding === undefined;
  const isFine = isQuiet && !isRebuilt && head.place === place;
  return { head, damagedCopies, problems, finding, marks: [beside, elsewhere], isFine };
};

/** Checking the structure of a file of this size takes a millisecond; larger ones are checked by `verify`. */
const smallFileBytes = 2 ** 20;

const assertSound = (db: Database): void => {
  if (statSync(db.file).size > smallFileBytes) return;
  const structure = String(db.driver.pragma("integrity_check(1)"));
  if (structure !== "ok") throw new BrokenStructure(structure);
};

/** Reading this much takes a few milliseconds; larger tables are checked record by record as they are read. */
const smallTableRecords = 1_000;

const smallTableBytes = 2 ** 24;

const isCheckedAtOpen = (table: CheckedTable, always: readonly string[]): boolean => {
  const { name, bulk } = table.spec;
  if (always.includes(name)) return true;
  if (table.expected().count > smallTableRecords) return false;
  return bulk === undefined || table.totalLength(bulk, "true") <= smallTableBytes;
};
