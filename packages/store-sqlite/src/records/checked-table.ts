/** A table whose records carry sums and whose tally is kept; every read is checked. */

import type { Driver, Row, SqlValue } from "../sqlite/driver.ts";
import { storeCorrupt } from "../sqlite/errors.ts";
import { isIntact, sumOf, type TableSpec } from "./table-spec.ts";
import { addToTally, emptyTally, type Tally, type TallySheet } from "./tally.ts";

export interface TableContext {
  readonly driver: Driver;
  readonly file: string;
  /** The sheet of the running transaction. */
  readonly tallies: () => TallySheet;
  readonly report: (problem: string) => void;
}

export interface Inspection {
  readonly tally: Tally;
  /** Keys of the records that fail their check. */
  readonly damaged: readonly (readonly SqlValue[])[];
}

export class CheckedTable {
  readonly spec: TableSpec;
  readonly #context: TableContext;
  readonly #byKey: string;
  readonly #insert: string;
  /** The column that is unique by itself, "" for none. */
  readonly #unique: string;
  readonly #sumByUnique: string;
  readonly #updateByUnique: string;
  readonly #replace: string;
  readonly #sumByKey: string;
  readonly #select: string;

  constructor(spec: TableSpec, context: TableContext) {
    this.spec = spec;
    this.#context = context;
    const names = [...spec.columns.map(({ name }) => name), "sum"];
    this.#byKey = spec.key.map((name) => `${name} = ?`).join(" AND ");
    const into = `INTO ${spec.name} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`;
    this.#insert = `INSERT ${into}`;
    this.#unique = spec.columns.find(({ isUnique }) => isUnique === true)?.name ?? "";
    this.#sumByUnique = `SELECT sum FROM ${spec.name} WHERE ${this.#unique} = ?`;
    this.#updateByUnique = `UPDATE ${spec.name} SET ${names.map((name) => `${name} = ?`).join(", ")} WHERE ${this.#unique} = ?`;
    this.#replace = `INSERT OR REPLACE ${into}`;
    this.#sumByKey = `SELECT sum FROM ${spec.name} WHERE ${this.#byKey}`;
    this.#select = `SELECT ${names.join(", ")} FROM ${spec.name}`;
  }

  /** A record with a new key. */
  insert(row: Row): void {
    const sum = sumOf(this.spec, row);
    this.#context.driver.run(this.#insert, ...this.#values(row), sum);
    this.#count(1, sum);
  }

  /** A record in place of the one with the same value in the unique column, whatever its key, if there is one. */
  putByUnique(row: Row): void {
    const sum = sumOf(this.spec, row);
    const unique = row[this.#unique] ?? null;
    const former = this.#context.driver.get(this.#sumByUnique, unique);
    if (former === undefined) {
      this.#context.driver.run(this.#insert, ...this.#values(row), sum);
      this.#count(1, sum);
    } else {
      this.#context.driver.run(this.#updateByUnique, ...this.#values(row), sum, unique);
      this.#count(0, sum - Number(former.sum));
    }
  }

  /** A record in place of the one with the same key, if there is one. */
  put(row: Row): void {
    const sum = sumOf(this.spec, row);
    const former = this.#context.driver.get(this.#sumByKey, ...this.#keyOf(row));
    this.#context.driver.run(this.#replace, ...this.#values(row), sum);
    if (former === undefined) this.#count(1, sum);
    else this.#count(0, sum - Number(former.sum));
  }

  /** The sum of the record with this key, unchecked. */
  sum(...key: readonly SqlValue[]): number {
    return Number(this.#context.driver.get(this.#sumByKey, ...key)?.sum ?? 0);
  }

  /**
   * Changes one column of a record that is there, for who knows the rest of it and its sum; returns the new sum. Unlike
   * `put` it leaves alone the indexes that the column is not in, which of many records at once are most of the pages.
   */
  change(row: Row, column: string, formerSum: number): number {
    const sum = sumOf(this.spec, row);
    const query = `UPDATE ${this.spec.name} SET ${column} = ?, sum = ? WHERE ${this.#byKey}`;
    this.#context.driver.run(query, row[column] ?? null, sum, ...this.#keyOf(row));
    this.#count(0, sum - formerSum);
    return sum;
  }

  delete(...key: readonly SqlValue[]): void {
    this.deleteWhere(this.#byKey, ...key);
  }

  /** Deletes what the condition finds and returns how many. */
  deleteWhere(condition: string, ...values: readonly SqlValue[]): number {
    const query = `DELETE FROM ${this.spec.name} WHERE ${condition} RETURNING sum`;
    const deleted = this.#context.driver.all(query, ...values);
    for (const { sum } of deleted) this.#count(-1, -Number(sum));
    return deleted.length;
  }

  get(...key: readonly SqlValue[]): Row | undefined {
    return this.find(this.#byKey, ...key);
  }

  /** The first record for which the rest of the query holds (what stands after WHERE). */
  find(rest: string, ...values: readonly SqlValue[]): Row | undefined {
    return this.#checked(this.#context.driver.get(`${this.#select} WHERE ${rest}`, ...values));
  }

  /** All records for which the rest of the query holds (what stands after WHERE). */
  select(rest: string, ...values: readonly SqlValue[]): readonly Row[] {
    const rows = this.#context.driver.all(`${this.#select} WHERE ${rest}`, ...values);
    return rows.filter((row) => this.#checked(row) !== undefined);
  }

  /** As `select`, but damaged records are left out whatever they are, and reported. */
  selectIntact(rest: string, ...values: readonly SqlValue[]): readonly Row[] {
    return this.selectWithDamaged(rest, ...values).filter((row) => row !== undefined);
  }

  /** As `select`, with undefined in the place of a damaged record. */
  selectWithDamaged(rest: string, ...values: readonly SqlValue[]): readonly (Row | undefined)[] {
    const rows = this.#context.driver.all(`${this.#select} WHERE ${rest}`, ...values);
    return rows.map((row) => {
      if (isIntact(this.spec, row)) return row;
      this.#context.report(this.#problemOf(row));
      return undefined;
    });
  }

  /** Keys only, unchecked. */
  keys(rest: string, ...values: readonly SqlValue[]): readonly (readonly SqlValue[])[] {
    const query = `SELECT ${this.spec.key.join(", ")} FROM ${this.spec.name} WHERE ${rest}`;
    return this.#context.driver.all(query, ...values).map((row) => this.#keyOf(row));
  }

  /** Keys with the length in bytes of one column, unchecked. */
  lengths(column: string, rest: string, ...values: readonly SqlValue[]): readonly (readonly [SqlValue[], number])[] {
    const query = `SELECT ${this.spec.key.join(", ")}, length(${column}) AS length FROM ${this.spec.name} WHERE ${rest}`;
    return this.#context.driver.all(query, ...values).map((row) => [this.#keyOf(row), Number(row.length)]);
  }

  /** How many bytes one column holds in all, unchecked. Reads no content. */
  totalLength(column: string, rest: string, ...values: readonly SqlValue[]): number {
    const query = `SELECT sum(length(${column})) AS total FROM ${this.spec.name} WHERE ${rest}`;
    return Number(this.#context.driver.get(query, ...values)?.total ?? 0);
  }

  /** The highest value of a column, or none for an empty table. Unchecked. */
  extremes(column: string): readonly number[] {
    const top = this.#context.driver.get(`SELECT max(${column}) AS top FROM ${this.spec.name}`)?.top;
    return typeof top === "number" ? [top] : [];
  }

  /** The value below the highest one, if there is one. Unchecked. */
  secondHighest(column: string): number | undefined {
    const query = `SELECT ${column} AS value FROM ${this.spec.name} ORDER BY ${column} DESC LIMIT 1 OFFSET 1`;
    return this.#context.driver.get(query)?.value as number | undefined;
  }

  /** The tally that should be. */
  expected(): Tally {
    return this.#context.tallies()[this.spec.name] ?? emptyTally;
  }

  /** Reads every record. Throws an SQLite error when the structure is broken. */
  inspect(): Inspection {
    const damaged: SqlValue[][] = [];
    let tally = emptyTally;
    for (const row of this.#context.driver.iterate(this.#select)) {
      if (isIntact(this.spec, row)) tally = addToTally(tally, 1, Number(row.sum));
      else damaged.push(this.#keyOf(row));
    }
    return { tally, damaged };
  }

  /** Takes a record out that fails its check. The tally has to be set afterwards. */
  discard(key: readonly SqlValue[]): void {
    this.#context.driver.run(`DELETE FROM ${this.spec.name} WHERE ${this.#byKey}`, ...key);
  }

  setTally(tally: Tally): void {
    this.#context.tallies()[this.spec.name] = tally;
  }

  #count(count: number, sum: number): void {
    this.setTally(addToTally(this.expected(), count, sum));
  }

  #checked(row: Row | undefined): Row | undefined {
    if (row === undefined || isIntact(this.spec, row)) return row;
    const problem = this.#problemOf(row);
    this.#context.report(problem);
    if (this.spec.isSoft) return undefined;
    throw storeCorrupt(this.#context.file, problem);
  }

  #problemOf(row: Row): string {
    return `a record of ${this.spec.name} fails its check (${this.#keyOf(row).join("/")})`;
  }

  #keyOf(row: Row): SqlValue[] {
    return this.spec.key.map((name) => row[name] ?? null);
  }

  #values(row: Row): SqlValue[] {
    return this.spec.columns.map(({ name }) => row[name] ?? null);
  }
}
