/**
 * Copies every record that can be read and passes its check out of a file whose structure is broken into a new file,
 * which then takes its place. The broken file stays beside it, as `<file>.damaged`.
 */

import { copyFileSync, existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { Driver, type Row } from "../sqlite/driver.ts";
import { graftFirstPage } from "./graft.ts";
import { type HeadBody, headDdl, readHead, writeHead } from "./head-row.ts";
import { ddlOf, isIntact, type TableSpec } from "./table-spec.ts";

export interface SalvagePlan {
  readonly file: string;
  readonly version: number;
  readonly specs: readonly TableSpec[];
}

export const damagedPath = (file: string): string => `${file}.damaged`;

const brokenMarker = (file: string): string => `${file}.broken`;

/** The next open shall copy what can be read into a new file. */
export const markBroken = (file: string): void => writeFileSync(brokenMarker(file), "");

export const isKnownBroken = (file: string): boolean => existsSync(brokenMarker(file));

export const forgetBroken = (file: string): void => rmSync(brokenMarker(file), { force: true });

/** Keeps a WAL whose end could not be read, before anything writes over it. */
export const keepDamagedWal = (file: string): void => {
  if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${damagedPath(file)}-wal`);
};

/** The statements that make an empty store. Their order fixes the page on which each table begins. */
export const createTables = (driver: Driver, { version, specs }: Omit<SalvagePlan, "file">): void => {
  for (const sql of [headDdl, ...specs.map(ddlOf), `PRAGMA user_version = ${version}`]) driver.exec(sql);
};

/** Returns how many records were saved. Throws when nothing at all can be read, and has changed nothing then. */
export const salvage = (plan: SalvagePlan): number => {
  const { file } = plan;
  const [rescue, graft] = [`${file}.salvage`, `${file}.graft`];
  const saved = Math.max(copyReadable(plan, file, rescue), 0) || copyGrafted(plan, graft, rescue);
  if (saved === 0) throw new Error("no record can be read");
  copyFileSync(file, damagedPath(file));
  keepDamagedWal(file);
  removeAll(graft, ["", "-wal", "-shm"]);
  removeAll(file, ["-wal", "-shm"]);
  renameSync(rescue, file);
  return saved;
};

const removeAll = (file: string, suffixes: readonly string[]): void => {
  for (const suffix of suffixes) rmSync(`${file}${suffix}`, { force: true });
};

const copyGrafted = (plan: SalvagePlan, graft: string, rescue: string): number => {
  graftFirstPage(plan.file, graft, (driver) => createTables(driver, plan));
  const saved = copyReadable(plan, graft, rescue);
  if (saved === 0) removeAll(graft, ["", "-wal", "-shm"]);
  return saved;
};

/** 0 when the source cannot be read at all, or holds no record. */
const copyReadable = (plan: SalvagePlan, source: string, rescue: string): number => {
  removeAll(rescue, ["", "-journal"]);
  const broken = new Driver(source, { readOnly: true, busyTimeoutMs: 0 });
  const target = new Driver(rescue, { busyTimeoutMs: 0 });
  try {
    target.exec("PRAGMA synchronous = FULL; BEGIN");
    createTables(target, plan);
    copyHead(broken, target);
    const saved = plan.specs.reduce((sum, spec) => sum + copyTable(broken, target, spec), 0);
    target.exec("COMMIT");
    return saved;
  } finally {
    broken.close();
    target.close();
  }
};

/** From both ends towards the damage. */
const copyTable = (broken: Driver, target: Driver, spec: TableSpec): number => {
  const names = [...spec.columns.map(({ name }) => name), "sum"];
  const insert = `INSERT OR IGNORE INTO ${spec.name} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`;
  let saved = 0;
  for (const direction of ["ASC", "DESC"]) {
    const order = spec.key.map((name) => `${name} ${direction}`).join(", ");
    const query = `SELECT ${names.join(", ")} FROM ${spec.name} NOT INDEXED ORDER BY ${order}`;
    for (const row of readableRows(broken, query)) {
      if (isIntact(spec, row)) saved += target.run(insert, ...names.map((name) => row[name] ?? null));
    }
  }
  return saved;
};

const copyHead = (broken: Driver, target: Driver): void => {
  let head: HeadBody | undefined;
  try {
    ({ head } = readHead(broken));
  } catch {
    // Without a head the counters are taken from the records and the marks.
  }
  if (head !== undefined) writeHead(target, head);
};

/** The rows up to the first one that cannot be read. */
function* readableRows(broken: Driver, sql: string): Generator<Row> {
  try {
    yield* broken.iterate(sql);
  } catch {
    // The damage begins here; what the copy lacks is reported when it is opened.
  }
}
