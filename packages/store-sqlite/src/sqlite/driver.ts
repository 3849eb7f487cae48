/**
 * The thin driver: everything this package asks of an SQLite library. `node:sqlite` offers the same calls.
 *
 * This library has no way to finalize a statement, and its `close` leaves a connection with living statements open until
 * they are garbage collected. That costs nobody a lock, but SQLite then does not empty the WAL on close; `close` does.
 */

import { DatabaseSync } from "@photostructure/sqlite";

export type SqlValue = number | string | Uint8Array | null;
export type Row = Readonly<Record<string, SqlValue>>;

type Connection = InstanceType<typeof DatabaseSync>;
type Statement = ReturnType<Connection["prepare"]>;

export class Driver {
  readonly #db: Connection;
  readonly #statements = new Map<string, Statement>();

  /** Throws what SQLite throws. */
  constructor(file: string, options: { readonly readOnly?: boolean; readonly busyTimeoutMs: number }) {
    this.#db = new DatabaseSync(file, { readOnly: options.readOnly === true, timeout: options.busyTimeoutMs });
  }

  get isInTransaction(): boolean {
    return this.#db.isTransaction;
  }

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  run(sql: string, ...values: readonly SqlValue[]): number {
    return Number(this.#prepared(sql).run(...values).changes);
  }

  get(sql: string, ...values: readonly SqlValue[]): Row | undefined {
    return this.#prepared(sql).get(...values) as Row | undefined;
  }

  all(sql: string, ...values: readonly SqlValue[]): readonly Row[] {
    return this.#prepared(sql).all(...values) as Row[];
  }

  /** Rows one by one; the loop may run other statements meanwhile. */
  iterate(sql: string, ...values: readonly SqlValue[]): Iterable<Row> {
    return this.#prepared(sql).iterate(...values) as Iterable<Row>;
  }

  /** The single value of a pragma. */
  pragma(text: string): SqlValue | undefined {
    const row = this.get(`PRAGMA ${text}`);
    return row === undefined ? undefined : Object.values(row)[0];
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  #prepared(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
