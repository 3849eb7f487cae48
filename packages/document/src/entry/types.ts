/** The nouns of the document: keys, entries, readings. Everything above the replica speaks in these. */

import type { JsonValue } from "@context-mesh/common";

/** A short form of a path of the shared context: `t/<id>/s`, … The table is in layout/. Keys under `~/` are bookkeeping. */
export type Key = string;

export interface EntryId {
  readonly writer: string;
  readonly seq: number;
}

/** An entry that a resolution decided against, kept so that the decision can be undone. */
export interface Loser extends EntryId {
  readonly hlc: number;
  /** Undefined when the losing entry was a removal. */
  readonly value: JsonValue | undefined;
}

/** Fence and epoch of a claim; `tie` puts claims of one fence and epoch into the order in which they win. */
export type Standing = readonly [fence: number, epoch: number, tie?: number];

export interface EntryMeta {
  /** Sync level the writer chose; absent means `periodic`. */
  readonly level?: string;
  readonly reason?: string;
  readonly resolves?: readonly Loser[];
  readonly undoes?: EntryId;
  /** Of the lease the write was made under. Sorts siblings; never part of dominance. */
  readonly standing?: Standing;
}

/** One write to one key. Its identity is (writer, seq). */
export interface Entry extends EntryId {
  readonly key: Key;
  /** Undefined is the reserved value *absent*: a removal. */
  readonly value: JsonValue | undefined;
  /** Hybrid logical clock in ms since 1970; an order hint, not a time to rely on. */
  readonly hlc: number;
  /**
   * For this key, the highest seq per other writer that this entry replaces. In a queued entry the own writer stands for the
   * newest own entry that was published when it was written; the document never carries that one.
   */
  readonly seen: ReadonlyMap<string, number>;
  readonly meta?: EntryMeta;
}

/** An entry as shown to a reader. */
export interface Candidate extends Entry {
  /** Name of the writing agent, or the writer id while its description is unknown. */
  readonly agent: string;
  /** True while the entry waits in the own outbox. */
  readonly queued: boolean;
}

/** Writer → highest seq shown to the reader, for one key. JSON-serialisable. */
export type Basis = Readonly<Record<string, number>>;

/** What one key shows. */
export interface Reading {
  readonly key: Key;
  /** Undefined for a key nobody wrote, or when the policy cannot decide (unknown policy version and several values). */
  readonly winner: Candidate | undefined;
  /** Every current entry, the winner first. */
  readonly candidates: readonly Candidate[];
  /** More than one current value. Equal values written at once are no conflict. */
  readonly conflict: boolean;
  /** For an ordinary write: covers the winner and what holds the same value; other candidates stay siblings. */
  readonly basis: Basis;
  /** For a resolution: covers every candidate shown. */
  readonly resolveBasis: Basis;
}

/** Sorts the candidates of a key. Ties go to the later hlc, then to the smaller writer id, then to the higher seq. */
export interface Policy {
  /** Below zero: `a` goes before `b`. */
  order(a: Candidate, b: Candidate): number;
}

/** Undefined: nobody may decide here (unknown policy version), so several candidates have no winner. */
export type PolicyFor = (key: Key) => Policy | undefined;

export type IntegrityCode =
  /** An item in `a/<writer>/…` whose Yjs client is not that writer. Ignored. */
  | "foreign_entry"
  /** An entry that is malformed or beyond a bound. Ignored. */
  | "invalid_entry"
  /** One (writer, seq) with two contents: the writer id is in use twice. Both are shown. */
  | "fork"
  /** Entries of a key replace each other in a circle. All of them are shown. */
  | "cycle"
  /** Others know structs of the own Yjs client that this replica lacks: a new incarnation is needed. */
  | "own_clock_ahead"
  /** Others have seen own seqs that this store never handed out: a new incarnation is needed. */
  | "own_seq_ahead"
  /** `seen` uses a writer number that its writer never described. */
  | "unknown_number"
  /** The bytes are no update, or Yjs could not take them in. */
  | "malformed_update"
  /** Shared types lie deeper in one another than `limits.nestedTypesMax`. They are left out, and what builds on them. */
  | "nested_too_deep"
  /** More updates with gaps than the bound allows; the oldest were dropped. */
  | "held_overflow";

export interface IntegrityEvent {
  readonly code: IntegrityCode;
  readonly detail: string;
  readonly writer?: string;
  readonly key?: Key;
}

/** A current entry that an update brought. */
export interface ArrivedEntry extends EntryId {
  readonly key: Key;
  readonly level: string;
  readonly agent: string;
  readonly hlc: number;
}

export interface Applied {
  /** `known`: nothing new. `held`: has gaps and waits for what is missing. `refused`: malformed, nothing was taken in. */
  readonly kind: "applied" | "known" | "held" | "refused";
  /** Keys whose current entries changed. */
  readonly keys: ReadonlySet<Key>;
  readonly arrived: readonly ArrivedEntry[];
  readonly integrity: readonly IntegrityEvent[];
  /** Exactly what was new, held updates that became whole included: the bytes to log. Absent when nothing was. */
  readonly update?: Uint8Array;
}

export interface ChangeEvent {
  readonly keys: ReadonlySet<Key>;
  readonly local: boolean;
}

export interface WriterIdentity {
  /** The client id in base 36. */
  readonly writer: string;
  /** Yjs client id, 53 random bits. */
  readonly clientId: number;
  readonly agent: string;
  readonly incarnation: number;
  /** Highest seq the store handed out. With it, entries that claim to have seen more raise `own_seq_ahead`. */
  readonly seq?: number;
}

export interface DraftRequest {
  readonly key: Key;
  /** Undefined removes. */
  readonly value: JsonValue | undefined;
  /** Of the read the write is based on; undefined: nothing was shown, the write becomes a sibling. */
  readonly basis: Basis | undefined;
  readonly hlc: number;
  readonly seq: number;
  /** What the store keeps for the key (`encodeSeen`), undefined before the first own write to it. */
  readonly ownSeen: Uint8Array | undefined;
  readonly meta?: EntryMeta;
}

export interface Draft {
  readonly entry: Entry;
  /** Union of `seen` of all own writes to the key, this one included: to be stored in the same transaction. */
  readonly seen: Uint8Array;
  /** False when a candidate stays beside the new entry: the answer is `conflict`. */
  readonly coversAll: boolean;
}

export interface Published {
  readonly update: Uint8Array;
  readonly keys: ReadonlySet<Key>;
  /** Own Yjs clock after the transaction. */
  readonly clock: number;
}
