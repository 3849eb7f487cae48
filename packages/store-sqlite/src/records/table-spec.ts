/** How a table is declared, and the sum that protects each of its records. */

import { crc32 } from "node:zlib";
import type { Row, SqlValue } from "../sqlite/driver.ts";

export interface TableSpec {
  readonly name: string;
  /** Columns of the primary key, in order. */
  readonly key: readonly string[];
  readonly columns: readonly ColumnSpec[];
  /** Columns that are unique together, and searched for. */
  readonly unique?: readonly string[];
  /** Records whose loss costs convenience only: a damaged one is left out and reported instead of failing the read. */
  readonly isSoft: boolean;
  /** The column that may hold megabytes. With many of them the records are checked as they are read, not at every open. */
  readonly bulk?: string;
}

interface ColumnSpec {
  readonly name: string;
  readonly type: "INTEGER" | "TEXT" | "BLOB" | "NUMERIC";
  readonly isUnique?: boolean;
}

/**
 * CRC-32 of the table's name and every column but the sum. It covers the key too, so a record that turns up under
 * another key fails. Any single flipped byte is found, always.
 */
export const sumOf = (spec: TableSpec, row: Row): number => {
  const scalars: SqlValue[] = [spec.name];
  let sum = 0;
  for (const { name } of spec.columns) {
    const value = row[name] ?? null;
    if (value instanceof Uint8Array) {
      sum = crc32(value, sum);
      scalars.push(value.length);
    } else {
      scalars.push(value);
    }
  }
  return crc32(JSON.stringify(scalars), sum);
};

export const isIntact = (spec: TableSpec, row: Row): boolean => row.sum === sumOf(spec, row);

export const ddlOf = (spec: TableSpec): string => {
  const columns = spec.columns.map(({ name, type, isUnique }) => `${name} ${type}${isUnique ? " UNIQUE" : ""}`);
  const isRowid = spec.key.length === 1 && spec.columns.find(({ name }) => name === spec.key[0])?.type === "INTEGER";
  const unique = spec.unique === undefined ? [] : [`UNIQUE (${spec.unique.join(", ")})`];
  const parts = [...columns, "sum INTEGER", `PRIMARY KEY (${spec.key.join(", ")})`, ...unique];
  return `CREATE TABLE IF NOT EXISTS ${spec.name} (${parts.join(", ")})${isRowid ? "" : " WITHOUT ROWID"}`;
};
