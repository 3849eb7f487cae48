/**
 * The last own operations, kept in the store so that they can be taken back, also by another process: what each wrote and
 * what stood there before.
 */

import { isJsonObject, type JsonValue, limits } from "@context-mesh/common";
import type { AgentTransaction, AgentView } from "@context-mesh/ports";

export interface JournalChange {
  readonly key: string;
  readonly seq: number;
  /** Undefined: absent. */
  readonly from: JsonValue | undefined;
  readonly to: JsonValue | undefined;
}

export interface JournalOperation {
  /** Seq of its first entry: rises from operation to operation, whichever process writes. */
  readonly n: number;
  readonly at: number;
  readonly writer: string;
  readonly operation: string;
  /** Of an undo: the operations it took back. */
  readonly undoes: number | undefined;
  readonly changes: readonly JournalChange[];
}

const prefix = "op/";
/** Old operations are cleared away at every so many-th seq, so that most writes touch one row. */
const pruneEvery = 32;
const rowName = (n: number): string => `${prefix}${n.toString(36).padStart(9, "0")}`;

type StoredChange = readonly [key: string, seq: number, from: readonly JsonValue[], to: readonly JsonValue[]];

const boxed = (value: JsonValue | undefined): readonly JsonValue[] => (value === undefined ? [] : [value]);

const toOperation = (value: JsonValue): JournalOperation | undefined => {
  if (!isJsonObject(value) || !Array.isArray(value.changes)) return undefined;
  const { n, at, writer, operation, undoes } = value;
  if (typeof n !== "number" || typeof at !== "number" || typeof writer !== "string") return undefined;
  const changes = (value.changes as unknown as readonly StoredChange[]).map(([key, seq, from, to]) => ({
    key,
    seq,
    from: from[0],
    to: to[0],
  }));
  return {
    n,
    at,
    writer,
    changes,
    operation: typeof operation === "string" ? operation : "",
    undoes: typeof undoes === "number" ? undoes : undefined,
  };
};

export const addOperation = (tx: AgentTransaction, operation: Omit<JournalOperation, "n">): void => {
  const n = operation.changes[0]?.seq ?? tx.seq();
  const kept = operation.changes.length > limits.journalChangesMax ? [] : operation.changes;
  const changes: StoredChange[] = kept.map(({ key, seq, from, to }) => [key, seq, boxed(from), boxed(to)]);
  const { at, writer, operation: name, undoes } = operation;
  tx.setValue(rowName(n), { n, at, writer, operation: name, changes, ...(undoes === undefined ? {} : { undoes }) });
  if (n % pruneEvery === 0) prune(tx);
};

const prune = (tx: AgentTransaction): void => {
  const names = [...tx.valuesWithPrefix(prefix).keys()].sort();
  for (const name of names.slice(0, -limits.journalOperationsMax)) tx.setValue(name, undefined);
};

/** Newest first. */
const operationsOf = (view: AgentView): JournalOperation[] => {
  const rows = [...view.valuesWithPrefix(prefix).values()].map(toOperation);
  return rows.filter((row): row is JournalOperation => row !== undefined).sort((a, b) => b.n - a.n);
};

/** The operations that undo would take back next, newest first: neither undos nor undone already. */
export const undoableOf = (view: AgentView, count: number): JournalOperation[] => {
  const operations = operationsOf(view);
  const undone = new Set(operations.map((operation) => operation.undoes));
  return operations
    .filter((operation) => operation.undoes === undefined && !undone.has(operation.n) && operation.changes.length > 0)
    .slice(0, count);
};
