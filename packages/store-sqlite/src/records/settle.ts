/** Writes down what was found at an open, and mends it. */

import { randomId } from "@context-mesh/common";
import type { Doubt } from "../anchor/doubt.ts";
import type { Mark } from "../anchor/mark-file.ts";
import type { Database } from "../sqlite/database.ts";
import { firstChain, type HeadBody, nextHead, writeHead } from "./head-row.ts";
import { BrokenStructure, type Inspection, inspect } from "./inspection.ts";
import { mendTables } from "./mend.ts";
import { type Attempt, type OpeningOptions, placeOf } from "./opening-options.ts";
import { keepDamagedWal } from "./salvage.ts";
import type { TableSet } from "./table-set.ts";

export const freshHead = <H extends HeadBody>(tables: TableSet, options: OpeningOptions<H>): H => {
  const storeId = randomId(options.random);
  const place = placeOf(options);
  const seq = options.seqFloor(tables);
  const basics: HeadBody = { n: 0, chain: firstChain, storeId, place, seq, tallies: {} };
  return { ...basics, ...options.countersOf(tables) } as unknown as H;
};

/** Other processes may have done so meanwhile, so it looks again first. Returns the head that stands afterwards. */
export const settle = <H extends HeadBody>(db: Database, tables: TableSet, attempt: Attempt<H>): H => {
  const { options } = attempt;
  return db.write(() => {
    const inspection = inspect(db, tables, attempt);
    if (inspection.isFine) return inspection.head as H;
    reportAll(inspection, options);
    if (inspection.finding?.doubt === "restored") keepDamagedWal(options.file);
    const former = afterMarks(inspection.head ?? freshHead(tables, options), inspection.marks);
    const isDamaged = inspection.problems.length > 0 || attempt.isRebuilt;
    if (isDamaged) mendAll(tables, former);
    const doubt = isDamaged ? "damaged" : inspection.finding?.doubt;
    const next = nextHead<H>(former, { ...former, ...inDoubt(doubt, options), place: placeOf(options) });
    writeHead(db.driver, next);
    return next;
  });
};

const reportAll = <H extends HeadBody>(inspection: Inspection<H>, options: OpeningOptions<H>): void => {
  for (const problem of inspection.problems) options.report(problem);
  if (inspection.damagedCopies > 0) options.report("a copy of the head failed its check");
  if (inspection.finding !== undefined) options.report(inspection.finding.problem);
};

const mendAll = (tables: TableSet, head: HeadBody): void => {
  tables.sheet = head.tallies;
  if (!mendTables(tables.all)) throw new BrokenStructure("damaged records could not be taken out");
};

/** Numbers and seqs of lost commits are not used again. */
const afterMarks = <H extends HeadBody>(head: H, marks: readonly (Mark | undefined)[]): H => ({
  ...head,
  n: Math.max(head.n, ...marks.map((mark) => mark?.n ?? 0)),
  seq: Math.max(head.seq, ...marks.map((mark) => mark?.seq ?? 0)),
});

/** A store in doubt is another store: cursors into the former one mean nothing in it. */
const inDoubt = <H extends HeadBody>(doubt: Doubt | undefined, options: OpeningOptions<H>): Partial<HeadBody> =>
  doubt === undefined ? {} : { doubt, storeId: randomId(options.random) };
