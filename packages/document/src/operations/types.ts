/** What an operation takes and gives: who writes, the changes it asks for, and why it may refuse. */

import type { JsonValue, Result } from "@context-mesh/common";
import type { SyncLevel } from "@context-mesh/schema";
import type { Basis, EntryMeta, Key, Standing } from "../entry/types.ts";

/** One key to write. Whoever applies it fixes seq, time and causal context. */
export interface Change {
  readonly key: Key;
  /** Undefined removes. */
  readonly value: JsonValue | undefined;
  /** What the value is based on. */
  readonly basis: Basis | undefined;
  readonly meta?: EntryMeta;
  readonly level?: SyncLevel;
}

/** Who writes, when, and what they were shown. */
export interface Author {
  readonly agent: string;
  /** Milliseconds since 1970, for fields that hold a time. */
  readonly nowMs: number;
  /** What the author was shown, key by key. A key that is missing here is read first. */
  readonly basis?: Readonly<Record<Key, Basis>>;
  readonly level?: SyncLevel;
  readonly reason?: string;
  /** Of the lease the author works under. */
  readonly standing?: Standing;
  /** The lease is over although nobody is known to have taken over: what is written under it is a proposal. */
  readonly isStale?: boolean;
  /** Writes into fields that somebody else owns. Otherwise such a write becomes a proposal. */
  readonly overrule?: boolean;
}

export type OperationRefusal =
  | "unknown_id"
  | "exists"
  | "archived"
  | "bad_id"
  | "value_invalid"
  | "value_too_large"
  | "invalid_type"
  | "read_only"
  | "no_conflict"
  | "unknown_candidate"
  | "not_resolved"
  | "owned_by_other"
  | "overtaken";

/** The changes, possibly none; or why there are none. */
export type Outcome = Result<readonly Change[], OperationRefusal>;
