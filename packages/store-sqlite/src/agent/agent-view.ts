/** Reading an agent's store within one consistent state. */

import { invariant, type JsonValue } from "@context-mesh/common";
import type { AgentView, Arrival, Identity, LogRecord, OutboxRecord, SyncRecord } from "@context-mesh/ports";
import type { CheckedStore } from "../records/checked-store.ts";
import type { CheckedTable } from "../records/checked-table.ts";
import type { Row } from "../sqlite/driver.ts";
import type { AgentHead } from "./schema.ts";
import { fromStoredJson } from "./stored-json.ts";

const logRecordOf = (row: Row): LogRecord => ({
  n: row.n as number,
  at: row.at as number,
  origin: row.origin as string,
  bytes: row.bytes as Uint8Array,
});

const outboxRecordOf = (row: Row): OutboxRecord => ({
  seq: row.seq as number,
  key: row.key as string,
  bytes: row.bytes as Uint8Array,
  level: row.level as string,
  at: row.at as number,
});

const arrivalOf = (row: Row): Arrival => ({
  n: row.n as number,
  at: row.at as number,
  key: row.key as string,
  writer: row.writer as string,
  seq: row.seq as number,
  level: row.level as string,
});

/** The least text above every text with this prefix: code points beyond the last one sort after it in UTF-8 too. */
const afterPrefix = (prefix: string): string => `${prefix}\u{10ffff}`;

export class SqliteAgentView implements AgentView {
  readonly #store: CheckedStore<AgentHead>;
  readonly #head: AgentHead;
  #isOver = false;

  constructor(store: CheckedStore<AgentHead>, head: AgentHead) {
    this.#store = store;
    this.#head = head;
  }

  /** The view must not be used any more. */
  end(): void {
    this.#isOver = true;
  }

  protected table(name: string): CheckedTable {
    invariant(!this.#isOver, "a view or transaction was used after its function returned");
    return this.#store.table(name);
  }

  identity(): Identity | undefined {
    return this.#head.identity;
  }

  seq(): number {
    return this.#head.seq;
  }

  logBase(): { readonly bytes: Uint8Array; readonly n: number } | undefined {
    const row = this.table("base").find("true ORDER BY n DESC LIMIT 1");
    return row && { bytes: row.bytes as Uint8Array, n: row.n as number };
  }

  logSince(n: number): readonly LogRecord[] {
    return this.table("log").select("n > ? ORDER BY n", n).map(logRecordOf);
  }

  logHead(): number {
    return this.#head.logHead;
  }

  outbox(): readonly OutboxRecord[] {
    return this.table("outbox").select("true ORDER BY seq").map(outboxRecordOf);
  }

  seenOf(key: string): Uint8Array | undefined {
    return this.table("seen").get(key)?.bytes as Uint8Array | undefined;
  }

  arrivalsSince(after: number, limit: number): readonly Arrival[] {
    return this.table("arrivals").select("n > ? ORDER BY n LIMIT ?", after, limit).map(arrivalOf);
  }

  arrivalHead(): number {
    return this.#head.arrivalHead;
  }

  arrivalBefore(atMs: number): number {
    const row = this.table("arrivals").find("at < ? ORDER BY n DESC LIMIT 1", atMs);
    return row === undefined ? 0 : (row.n as number);
  }

  syncLog(last: number): readonly SyncRecord[] {
    const rows = last <= 0 ? [] : this.table("sync").select("true ORDER BY n DESC LIMIT ?", last);
    return rows.map((row) => JSON.parse(row.body as string) as SyncRecord);
  }

  getValue(name: string): JsonValue | undefined {
    const row = this.table("vals").get(name);
    return row === undefined ? undefined : fromStoredJson(row.value);
  }

  valuesWithPrefix(prefix: string): ReadonlyMap<string, JsonValue> {
    const rows = this.table("vals").select("name >= ? AND name <= ? ORDER BY name", prefix, afterPrefix(prefix));
    return new Map(rows.map((row) => [row.name as string, fromStoredJson(row.value)]));
  }
}
