/**
 * A copy of a broken file under the first page of a fresh one. The first page holds SQLite's header and the schema, both
 * of which are known: the tables are always made in the same order, so they begin on the same pages in every file.
 */

import { closeSync, copyFileSync, existsSync, openSync, readSync, rmSync, statSync, writeSync } from "node:fs";
import { Driver } from "../sqlite/driver.ts";

const pageBytes = 4_096;
/** Offsets in SQLite's header: https://sqlite.org/fileformat2.html#the_database_header */
const at = { pages: 28, firstFreePage: 32, freePages: 36 };

/** Makes `graft` from the pages of `broken` and the first page of a database made by `create`. */
export const graftFirstPage = (broken: string, graft: string, create: (driver: Driver) => void): void => {
  const pattern = `${graft}-pattern`;
  for (const file of [pattern, graft]) rmSync(file, { force: true });
  const driver = new Driver(pattern, { busyTimeoutMs: 0 });
  driver.exec("PRAGMA journal_mode = WAL");
  create(driver);
  driver.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  driver.close();
  copyFileSync(broken, graft);
  if (existsSync(`${broken}-wal`)) copyFileSync(`${broken}-wal`, `${graft}-wal`);
  writeFirstPage(graft, firstPageOf(pattern, Math.floor(statSync(broken).size / pageBytes)));
  for (const suffix of ["", "-wal", "-shm"]) rmSync(`${pattern}${suffix}`, { force: true });
};

const firstPageOf = (file: string, pages: number): Uint8Array => {
  const fd = openSync(file, "r");
  const page = Buffer.alloc(pageBytes);
  readSync(fd, page, 0, pageBytes, 0);
  closeSync(fd);
  page.writeUInt32BE(pages, at.pages);
  page.writeUInt32BE(0, at.firstFreePage);
  page.writeUInt32BE(0, at.freePages);
  return page;
};

const writeFirstPage = (file: string, page: Uint8Array): void => {
  const fd = openSync(file, "r+");
  writeSync(fd, page, 0, page.length, 0);
  closeSync(fd);
};
