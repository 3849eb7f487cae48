/** What one tab keeps of its store in memory. Only the log outlives the tab, as a document in IndexedDB. */

import type { JsonValue } from "@context-mesh/common";
import type { Arrival, Identity, LogRecord, OutboxRecord, SyncRecord } from "@context-mesh/ports";

export interface LogBase {
  readonly bytes: Uint8Array;
  readonly n: number;
}

export interface TabState {
  identity: Identity | undefined;
  seq: number;
  base: LogBase | undefined;
  log: LogRecord[];
  logHead: number;
  readonly outbox: Map<number, OutboxRecord>;
  readonly outboxSeqByKey: Map<string, number>;
  readonly seen: Map<string, Uint8Array>;
  readonly arrivals: Map<number, Arrival>;
  readonly arrivalByKey: Map<string, number>;
  arrivalHead: number;
  readonly sync: SyncRecord[];
  readonly values: Map<string, JsonValue>;
}

/** Begins from what IndexedDB held, if it held anything. */
export const tabStateFrom = (stored: Uint8Array | undefined): TabState => ({
  identity: undefined,
  seq: 0,
  base: stored && { bytes: stored, n: 1 },
  log: [],
  logHead: stored === undefined ? 0 : 1,
  outbox: new Map(),
  outboxSeqByKey: new Map(),
  seen: new Map(),
  arrivals: new Map(),
  arrivalByKey: new Map(),
  arrivalHead: 0,
  sync: [],
  values: new Map(),
});
