/** What a replica offers, as types: the part that readers use, and the whole. */

import type { JsonValue, Steps, Unsubscribe } from "@context-mesh/common";
import type * as Y from "yjs";
import type {
  Applied,
  Candidate,
  ChangeEvent,
  Draft,
  DraftRequest,
  Entry,
  IntegrityEvent,
  Key,
  Published,
  Reading,
  WriterIdentity,
} from "../entry/types.ts";

export interface ReplicaEvents {
  change: ChangeEvent;
  integrity: IntegrityEvent;
}

/** The reading half: what projections, operations and policies need. */
export interface ReplicaReader {
  read(key: Key): Reading;
  /** The winner's value without building a reading; undefined when absent, unknown or undecided. The fast path of projections. */
  valueOf(key: Key): JsonValue | undefined;
  has(key: Key): boolean;
  /** Keys with at least one current entry (removals included), bookkeeping excluded, in no particular order. */
  keys(prefix?: string): Iterable<Key>;
  conflictKeys(): Iterable<Key>;
  agentOf(writer: string): string;
  /** Names of everybody who has entries here. */
  agents(): Iterable<string>;
  on<N extends keyof ReplicaEvents>(name: N, listener: (event: ReplicaEvents[N]) => void): Unsubscribe;
}

/** All of a log is in the document, whose vector this is; the index over it is still to come. */
export type OnApplied = (vector: ReadonlyMap<number, number>) => void;

export interface ReplicaSurface extends ReplicaReader {
  /** Takes in a stored log, in order, and indexes once. Before `setIdentity`. */
  load(updates: readonly Uint8Array[]): void;
  /** The same with pauses; until it is done nothing else may be asked of the replica. */
  loading(updates: readonly Uint8Array[], onApplied?: OnApplied): Steps<void>;
  setIdentity(identity: WriterIdentity): void;
  readonly identity: WriterIdentity | undefined;
  /** True once others were seen to use the own identity: nothing may be published until a new one is set. */
  readonly identityLost: boolean;

  vector(): Map<number, number>;
  encodeVector(): Uint8Array;
  diff(vector: Uint8Array): Uint8Array;
  encode(): Uint8Array;
  ownClock(): number;

  apply(update: Uint8Array, origin: string): Applied;
  /** Updates that wait for what is missing. While there are any, digests are not comparable. */
  readonly held: { readonly count: number; readonly bytes: number };
  /**
   * Takes from held updates the entries that fit by themselves, and none of their deletions. For a relay whose state has a hole that
   * never closes: whoever made the hole must not keep everything else from arriving. The updates stay held.
   */
  salvage(origin: string): Applied;

  enqueue(entry: Entry): void;
  dequeue(seqs: readonly number[]): void;
  draft(request: DraftRequest): Draft;
  /** A queued entry of a former incarnation as one of the own: what it had seen stays what it replaces. */
  restamp(entry: Entry, at: { readonly seq: number; readonly ownSeen: Uint8Array | undefined }): Draft;
  publish(entries: readonly Entry[], nextSeq: () => number): Published;
  /** Deletes own dominated entries whose successor every given relay has. Never anything with none. */
  collect(peerVectors: readonly ReadonlyMap<number, number>[]): Uint8Array | undefined;
  /**
   * Deletes present entries of any writer, replaced or not. Only for entries that live on elsewhere: the archive, once its copy is
   * durable. Ids that are not here are passed over.
   */
  prune(
    entries: readonly { readonly key: Key; readonly writer: string; readonly seq: number }[],
  ): Uint8Array | undefined;
  /** Every entry of a key in the document, replaced ones included. */
  present(key: Key): readonly Candidate[];

  digest(): string;
  fingerprint(): string;
  /** Highest hlc seen that was not implausibly far ahead. */
  hlc(): number;
  /** A fresh stamp: later than everything plausible that was seen. */
  nextHlc(): number;
  readonly ydoc: Y.Doc;
  destroy(): void;
}
