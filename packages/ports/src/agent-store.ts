/**
 * `AgentStore`: what one agent keeps of one room on its own disk: the replica's log, identity and counters, the outbox,
 * arrivals with cursors, the sync log.
 *
 * Synchronous on purpose: a write is on disk when the call returns, and several processes on one file take turns. `transact`
 * is durable (fsynced) on return, or throws a MeshError (`store_full`, `store_locked`, `store_failed`) and has changed nothing.
 */

import type { JsonValue } from "@context-mesh/common";

/** One (store, agent) incarnation. A new client id is a new writer. */
export interface Identity {
  /** Yjs client id, 53 random bits. */
  readonly clientId: number;
  /** The client id in base 36; the name of the writer's array is `a/<writer>/<n>`. */
  readonly writer: string;
  readonly agent: string;
  /** 1 for the first incarnation in this store. */
  readonly incarnation: number;
  readonly createdAt: number;
}

/** How the store was found at open. Everything but `new` and `intact` asks for a new incarnation. */
export type StoreCondition = "new" | "intact" | "copied" | "restored" | "damaged";

/** A record of the replica's log: Yjs updates in arrival order, own ones too. */
export interface LogRecord {
  readonly n: number;
  readonly at: number;
  /** `own`, or the URL of the relay it came from. */
  readonly origin: string;
  readonly bytes: Uint8Array;
}

export interface OutboxRecord {
  readonly seq: number;
  readonly key: string;
  /** The encoded entry; the store does not look inside. */
  readonly bytes: Uint8Array;
  readonly level: string;
  readonly at: number;
}

/** The newest arrival of a key. Cursors are positions in this order; a time means arrival time. */
export interface Arrival {
  readonly n: number;
  readonly at: number;
  readonly key: string;
  readonly writer: string;
  readonly seq: number;
  readonly level: string;
}

export interface SyncRecord {
  readonly at: number;
  readonly agent: string;
  readonly operation: string;
  readonly level: string;
  readonly bytes: number;
  readonly durationMs: number;
  readonly result: string;
  readonly detail: string;
}

export interface AgentView {
  identity(): Identity | undefined;
  /** Highest seq handed out by `nextSeqs`; 0 at first. */
  seq(): number;
  /** The newest intact merged state and the log position it covers. */
  logBase(): { readonly bytes: Uint8Array; readonly n: number } | undefined;
  logSince(n: number): readonly LogRecord[];
  /** Position of the newest log record (or of the base). */
  logHead(): number;
  /** In seq order. */
  outbox(): readonly OutboxRecord[];
  /** Union of `seen` of all own writes to this key, encoded; undefined before the first. */
  seenOf(key: string): Uint8Array | undefined;
  /** Newest arrival of each key with n > `after`, in order of n. */
  arrivalsSince(after: number, limit: number): readonly Arrival[];
  arrivalHead(): number;
  /** The greatest arrival position with a time before `atMs`: the cursor that a time stands for. */
  arrivalBefore(atMs: number): number;
  /** Newest first. */
  syncLog(last: number): readonly SyncRecord[];
  getValue(name: string): JsonValue | undefined;
  valuesWithPrefix(prefix: string): ReadonlyMap<string, JsonValue>;
}

export interface AgentTransaction extends AgentView {
  setIdentity(identity: Identity): void;
  /** Reserves `count` consecutive seqs and returns the first. One counter for all processes of the store. */
  nextSeqs(count: number): number;
  appendLog(record: { readonly at: number; readonly origin: string; readonly bytes: Uint8Array }): number;
  /** Replaces the records up to `n` by a merged state. The former base stays as the older generation. */
  compactLog(base: Uint8Array, n: number): void;
  /** A queued entry of the same key is replaced; its seq is returned. */
  putOutbox(record: OutboxRecord): number | undefined;
  deleteOutbox(seqs: readonly number[]): void;
  setSeen(key: string, bytes: Uint8Array): void;
  /** Stamps each key with the next arrival position; an older arrival of the key is forgotten. Returns the last position. */
  recordArrivals(arrivals: readonly Omit<Arrival, "n">[]): number;
  recordSync(record: SyncRecord): void;
  setValue(name: string, value: JsonValue | undefined): void;
}

export interface AgentStoreHealth {
  readonly durability: "fsync" | "memory" | "browser";
  readonly condition: StoreCondition;
  readonly location: string;
  readonly bytes: number;
  /** What failed a check and how it was mended, in words. Empty when all is well. */
  readonly problems: readonly string[];
}

export interface AgentStore {
  /** Random, made with the store. A cursor is valid only together with it. */
  readonly storeId: string;
  readonly condition: StoreCondition;
  /** Every opening is a new identity, as in a browser tab: what is written offline may enter the document at once. */
  readonly isOneOff?: boolean;
  transact<T>(fn: (tx: AgentTransaction) => T): T;
  view<T>(fn: (view: AgentView) => T): T;
  /** Called soon (≤ 50 ms) after another process committed to the same store. Returns the unsubscriber. */
  onForeignCommit(listener: () => void): () => void;
  /** Re-reads and checks every record. */
  verify(): AgentStoreHealth;
  health(): AgentStoreHealth;
  close(): void;
}
