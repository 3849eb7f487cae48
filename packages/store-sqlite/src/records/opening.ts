/**
 * Opens a file of checked tables with care: made where it is new, compared with its marks, its records checked, and
 * mended or rebuilt where it is damaged. An intact file is opened without writing to it.
 */

import { MeshError, messageOf } from "@context-mesh/common";
import { readBeside } from "../anchor/anchor.ts";
import { newestMark } from "../anchor/mark-file.ts";
import { Database } from "../sqlite/database.ts";
import type { Driver } from "../sqlite/driver.ts";
import { isCorruption, storeCorrupt } from "../sqlite/errors.ts";
import { type HeadBody, readHead, writeHead } from "./head-row.ts";
import { BrokenStructure, inspect } from "./inspection.ts";
import { type Attempt, type OpeningOptions, placeOf } from "./opening-options.ts";
import { rereadWal } from "./reread-wal.ts";
import { createTables, forgetBroken, isKnownBroken, salvage } from "./salvage.ts";
import { freshHead, settle } from "./settle.ts";
import { TableSet } from "./table-set.ts";

export interface Opened<H extends HeadBody> {
  readonly db: Database;
  readonly tables: TableSet;
  readonly head: H;
}

export const openChecked = <H extends HeadBody>(options: OpeningOptions<H>): Opened<H> => {
  const beside = newestMark([readBeside(options.file), options.lastMark]);
  const attempt: Attempt<H> = { options, beside, formerPlace: undefined, isRebuilt: false };
  try {
    if (isKnownBroken(options.file)) throw new BrokenStructure("an earlier check found it broken");
    return tryOpen(attempt);
  } catch (error) {
    if (!isStructural(error)) throw error;
    rebuild(options, messageOf(error));
    return tryOpen({ ...attempt, isRebuilt: true });
  }
};

const isStructural = (error: unknown): boolean =>
  error instanceof BrokenStructure || isCorruption(error) || (error instanceof MeshError && isCorruption(error.cause));

const tryOpen = <H extends HeadBody>(attempt: Attempt<H>): Opened<H> => {
  const { options } = attempt;
  const db = Database.open({ ...options, admit: (driver) => assertOurs(driver, options) });
  try {
    const formerPlace = placeOf(options);
    if (attempt.formerPlace === undefined && regainLostCommits(db, attempt)) {
      db.abandon();
      return tryOpen({ ...attempt, formerPlace });
    }
    const tables = new TableSet(db, options.specs, options.report);
    prepare(db, tables, options);
    const inspection = db.read(() => inspect(db, tables, attempt));
    const head = inspection.isFine ? inspection.head : settle(db, tables, attempt);
    return { db, tables, head: head as H };
  } catch (error) {
    db.abandon();
    throw error;
  }
};

/** Before anything is written: SQLite would write over the frames of its WAL that it could not read. */
const regainLostCommits = <H extends HeadBody>(db: Database, { options, beside }: Attempt<H>): boolean => {
  if (beside === undefined) return false;
  const isMade = db.driver.get("SELECT 1 FROM sqlite_schema WHERE name = 'head'") !== undefined;
  const n = (isMade ? readHead(db.driver).head?.n : undefined) ?? -1;
  if (n >= beside.n || !rereadWal(options.file, beside)) return false;
  options.report(`${beside.n - Math.max(n, 0)} commit(s) were read again from a damaged WAL`);
  return true;
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
