/**
 * Copies every record that can be read and passes its check out of a file whose structure is broken into a new file,
 * which then takes its place. The broken file stays beside it, as `<file>.damaged`.
 */

import { copyFileSync, existsSync, renameSync, rmSync } from "node:fs";
import { Driver, type Row } from "../sqlite/driver.ts";
import { ddlOf, isIntact, type TableSpec } from "./table-spec.ts";

export interface SalvagePlan {
  readonly file: string;
  readonly specs: readonly TableSpec[];
  /** Statements that make everything but the tables of `specs`. */
  readonly extraDdl: readonly string[];
  /** Tables copied as they are, without sums of ours. */
  readonly plainTables: readonly string[];
  readonly busyTimeoutMs: number;
}

export const damagedPath = (file: string): string => `${file}.damaged`;

/** Keeps a WAL whose end could not be read, before anything writes over it. */
export const keepDamagedWal = (file: string): void => {
  if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${damagedPath(file)}-wal`);
};

/** Returns how many records were saved. Throws what SQLite throws when nothing can be read at all. */
export const salvage = (plan: SalvagePlan): number => {
  const { file } = plan;
  const rescue = `${file}.salvage`;
  rmSync(rescue, { force: true });
  const saved = copyReadable(plan, rescue);
  copyFileSync(file, damagedPath(file));
  keepDamagedWal(file);
  for (const suffix of ["-wal", "-shm"]) rmSync(`${file}${suffix}`, { force: true });
  renameSync(rescue, file);
  return saved;
};

const copyReadable = (plan: SalvagePlan, rescue: string): number => {
  const broken = new Driver(plan.file, { readOnly: true, busyTimeoutMs: plan.busyTimeoutMs });
  const target = new Driver(rescue, { busyTimeoutMs: plan.busyTimeoutMs });
  try {
    broken.exec("PRAGMA writable_schema = ON");
    broken.get("SELECT count(*) FROM sqlite_schema");
    target.exec("PRAGMA synchronous = FULL; BEGIN");
    for (const sql of [...plan.extraDdl, ...plan.specs.map(ddlOf)]) target.exec(sql);
    for (const table of plan.plainTables) copyPlain(broken, target, table);
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
    for (const row of readableRows(
      broken,
      `SELECT ${names.join(", ")} FROM ${spec.name} NOT INDEXED ORDER BY ${order}`,
    )) {
      if (isIntact(spec, row)) saved += target.run(insert, ...names.map((name) => row[name] ?? null));
    }
  }
  return saved;
};

const copyPlain = (broken: Driver, target: Driver, table: string): void => {
  for (const row of readableRows(broken, `SELECT * FROM ${table}`)) {
    const names = Object.keys(row);
    const places = names.map(() => "?").join(", ");
    target.run(`INSERT OR IGNORE INTO ${table} (${names.join(", ")}) VALUES (${places})`, ...Object.values(row));
  }
};

/** The rows up to the first one that cannot be read. */
function* readableRows(broken: Driver, sql: string): Generator<Row> {
  try {
    yield* broken.iterate(sql);
  } catch {
    // The damage begins here; that is what the copy is made for, and the caller reports it.
  }
}
