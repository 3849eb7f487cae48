/**
 * Opens a file of checked tables with care: made where it is new, compared with its marks, its records checked, and
 * mended or rebuilt where it is damaged. An intact file is opened without writing to it.
 */

import { statSync } from "node:fs";
import { type Logger, MeshError, messageOf, type Random, randomId } from "@context-mesh/common";
import { readBeside, readElsewhere } from "../anchor/anchor.ts";
import { examine, type Finding } from "../anchor/examine.ts";
import type { Mark } from "../anchor/mark-file.ts";
import { Database, type DatabaseOptions } from "../sqlite/database.ts";
import type { Driver } from "../sqlite/driver.ts";
import { isCorruption, storeCorrupt } from "../sqlite/errors.ts";
import { systemFacts } from "../sqlite/file-system.ts";
import type { CheckedTable } from "./checked-table.ts";
import { firstChain, type HeadBody, nextHead, readHead, writeHead } from "./head-row.ts";
import { findProblems, mendTables } from "./mend.ts";
import { createTables, forgetBroken, isKnownBroken, keepDamagedWal, salvage } from "./salvage.ts";
import { TableSet } from "./table-set.ts";
import type { TableSpec } from "./table-spec.ts";

export interface OpeningOptions<H extends HeadBody> extends DatabaseOptions {
  readonly stateDir: string;
  readonly logger: Logger;
  readonly random: Random;
  /** Version of the layout; a file of a later one is refused. */
  readonly version: number;
  readonly specs: readonly TableSpec[];
  /** Names of the tables that are read through at every open; of the others only small ones. */
  readonly checkedAtOpen: readonly string[];
  /** What a head holds beyond the basics, as far as the records tell: for a new store and after the loss of a head. */
  readonly countersOf: (tables: TableSet) => Omit<H, keyof HeadBody>;
  /** A seq that is not below any the records know of. */
  readonly seqFloor: (tables: TableSet) => number;
  readonly report: (problem: string) => void;
}

export interface Opened<H extends HeadBody> {
  readonly db: Database;
  readonly tables: TableSet;
  readonly head: H;
}

interface Inspection<H extends HeadBody> {
  readonly head: H | undefined;
  readonly damagedCopies: number;
  readonly problems: readonly string[];
  readonly finding: Finding | undefined;
  readonly marks: readonly (Mark | undefined)[];
}

interface Attempt<H extends HeadBody> {
  readonly options: OpeningOptions<H>;
  /** Read before the database, so that a commit in between cannot make it look ahead. */
  readonly beside: Mark | undefined;
  readonly wasRebuilt: boolean;
}

export const openChecked = <H extends HeadBody>(options: OpeningOptions<H>): Opened<H> => {
  const beside = readBeside(options.file);
  try {
    if (isKnownBroken(options.file)) throw new BrokenStructure("an earlier check found it broken");
    return tryOpen({ options, beside, wasRebuilt: false });
  } catch (error) {
    if (!isStructural(error)) throw error;
    rebuild(options, messageOf(error));
    return tryOpen({ options, beside, wasRebuilt: true });
  }
};

class BrokenStructure extends Error {}

/** Checking the structure of a file of this size takes a millisecond; larger ones are checked by `verify`. */
const smallFileBytes = 2 ** 20;

const assertSound = (db: Database): void => {
  if (statSync(db.file).size > smallFileBytes) return;
  const structure = String(db.driver.pragma("integrity_check(1)"));
  if (structure !== "ok") throw new BrokenStructure(structure);
};

const isStructural = (error: unknown): boolean =>
  error instanceof BrokenStructure || isCorruption(error) || (error instanceof MeshError && isCorruption(error.cause));

const tryOpen = <H extends HeadBody>(attempt: Attempt<H>): Opened<H> => {
  const { options } = attempt;
  const db = Database.open({ ...options, admit: (driver) => assertOurs(driver, options) });
  try {
    const tables = new TableSet(db, options.specs, options.report);
    prepare(db, tables, options);
    const inspection = db.read(() => inspect(db, tables, attempt));
    const head = isFine(inspection, attempt) ? inspection.head : settle(db, tables, attempt);
    return { db, tables, head: head as H };
  } catch (error) {
    db.close();
    throw error;
  }
};

/** Makes the tables of a new file. */
const prepare = <H extends HeadBody>(db: Database, tables: TableSet, options: OpeningOptions<H>): void => {
  if (db.driver.pragma("user_version") === options.version) return;
  db.write(() => {
    createTables(db.driver, options);
    const isEmpty = db.driver.get("SELECT 1 FROM head") === undefined;
    if (isEmpty) writeHead(db.driver, freshHead(tables, options));
  });
};

/** A database without our layout number is either new, or a store whose number was damaged, or somebody else's. */
const assertOurs = (driver: Driver, { file, version }: { file: string; version: number }): void => {
  const found = Number(driver.pragma("user_version"));
  if (found === version) return;
  if (found > version) {
    throw new MeshError("store_too_new", `${file} has layout ${found}, this program knows up to ${version}`, {
      hint: "Use the newer version of context-mesh that made it.",
    });
  }
  const names = driver.all("SELECT name FROM sqlite_schema").map(({ name }) => name);
  if (names.length === 0 || names.includes("head")) return;
  throw new MeshError("store_corrupt", `${file} is a database of another program`, {
    hint: "Name another file or folder with --storage.",
  });
};

const placeOf = ({ file, system = systemFacts }: DatabaseOptions): string => system.placeOf(file);

const freshHead = <H extends HeadBody>(tables: TableSet, options: OpeningOptions<H>): H => {
  const storeId = randomId(options.random);
  const place = placeOf(options);
  const seq = options.seqFloor(tables);
  const basics: HeadBody = { n: 0, chain: firstChain, storeId, place, seq, tallies: {} };
  return { ...basics, ...options.countersOf(tables) } as unknown as H;
};

const inspect = <H extends HeadBody>(db: Database, tables: TableSet, attempt: Attempt<H>): Inspection<H> => {
  const { options, beside } = attempt;
  const { head, damaged } = readHead<H>(db.driver);
  if (head === undefined) {
    return { head, damagedCopies: damaged, problems: ["the head is lost"], finding: undefined, marks: [beside] };
  }
  assertSound(db);
  tables.sheet = head.tallies;
  const elsewhere = readElsewhere(options.stateDir, head.storeId);
  const finding = examine({ head, place: placeOf(options), beside, elsewhere });
  const problems = findProblems(tables.all.filter((table) => isCheckedAtOpen(table, options.checkedAtOpen)));
  return { head, damagedCopies: damaged, problems, finding, marks: [beside, elsewhere] };
};

/** Reading this many records takes a few milliseconds; larger tables are checked record by record as they are read. */
const smallTableRecords = 1_000;

const isCheckedAtOpen = (table: CheckedTable, always: readonly string[]): boolean =>
  always.includes(table.spec.name) || table.expected().count <= smallTableRecords;

const isFine = <H extends HeadBody>(inspection: Inspection<H>, attempt: Attempt<H>): boolean =>
  inspection.head !== undefined &&
  inspection.damagedCopies === 0 &&
  inspection.problems.length === 0 &&
  inspection.finding === undefined &&
  !attempt.wasRebuilt;

/** Writes down what was found and mends it. Other processes may have done so meanwhile, so it looks again first. */
const settle = <H extends HeadBody>(db: Database, tables: TableSet, attempt: Attempt<H>): H => {
  const { options } = attempt;
  return db.write(() => {
    const inspection = inspect(db, tables, attempt);
    if (isFine(inspection, attempt)) return inspection.head as H;
    const { problems, finding, marks, damagedCopies } = inspection;
    for (const problem of problems) options.report(problem);
    if (damagedCopies > 0) options.report("a copy of the head failed its check");
    if (finding !== undefined) options.report(finding.problem);
    if (finding?.doubt === "restored") keepDamagedWal(options.file);
    const former = afterMarks(inspection.head ?? freshHead(tables, options), marks);
    const isDamaged = problems.length > 0 || attempt.wasRebuilt;
    if (isDamaged) mendAll(tables, former);
    const doubt = isDamaged ? "damaged" : finding?.doubt;
    const next = nextHead<H>(former, doubt === undefined ? former : inDoubt(former, doubt, options));
    writeHead(db.driver, next);
    return next;
  });
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

const inDoubt = <H extends HeadBody>(head: H, doubt: Finding["doubt"], options: OpeningOptions<H>): H => ({
  ...head,
  doubt,
  place: placeOf(options),
  storeId: randomId(options.random),
});

/** Copies what can be read into a new file, which takes the place of the broken one. */
const rebuild = <H extends HeadBody>(options: OpeningOptions<H>, reason: string): void => {
  const { file, specs, version } = options;
  try {
    const saved = salvage({ file, specs, version });
    forgetBroken(file);
    options.report(`the file was rebuilt from the ${saved} records that could be read (${reason})`);
  } catch (error) {
    throw storeCorrupt(file, `the file cannot be read (${messageOf(error)})`, error);
  }
};
