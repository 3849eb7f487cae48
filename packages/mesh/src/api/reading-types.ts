/** What reads give: values with their basis, conflicts, what changed, live queries. */

import type { JsonValue, Unsubscribe } from "@context-mesh/common";
import type { Basis } from "@context-mesh/document";
import type { SyncLevelName } from "./basic-types.ts";
import type { Receipt } from "./receipt-types.ts";

/** The `seq`-th write of an agent's writer, and all before it. */
export interface SeenWrite {
  readonly agent: string;
  readonly writer: string;
  readonly seq: number;
}

export interface CandidateView {
  /** `<writer>:<seq>`, what `resolve` takes. */
  readonly id: string;
  /** undefined = removed. */
  readonly value: JsonValue | undefined;
  readonly agent: string;
  readonly at: number;
  /** Written here and not yet in the shared document. */
  readonly queued: boolean;
  /** What its author had been shown of this field; empty where it was the first value. */
  readonly seen: readonly SeenWrite[];
}

export interface ReadAnswer {
  readonly path: string;
  readonly value: JsonValue | undefined;
  /** What this read showed, per key: hand it to the write that is based on it. */
  readonly basis: Readonly<Record<string, Basis>>;
  /** More than one when values conflict; the winner first. Empty for whole sections. */
  readonly candidates: readonly CandidateView[];
  readonly conflict: boolean;
}

export interface ConflictView {
  readonly key: string;
  readonly path: string;
  readonly candidates: readonly CandidateView[];
  readonly detectedAt: number;
  readonly type: string;
  readonly strategy: string;
  /** Decides for a candidate (by id) or for another value. A recorded write that can be undone. */
  resolve(choice: string | { readonly value: JsonValue | undefined }, reason?: string): Receipt;
}

export interface ChangedItem {
  readonly key: string;
  readonly path: string;
  readonly value: JsonValue | undefined;
  readonly agent: string;
  readonly at: number;
  readonly level: SyncLevelName;
  readonly own: boolean;
  readonly conflict: boolean;
}

/** Position in the local order of arrival; valid only for the store that made it. `<store id>.<arrival>.<log>` */
export type Cursor = string;

export interface PullRequest {
  readonly sections?: readonly string[];
  /** A cursor, a time (ms or ISO 8601), or nothing: what this agent has not pulled yet. */
  readonly since?: Cursor | number;
  /** Keep the reader's own position where it is. */
  readonly peek?: boolean;
}

export interface PullAnswer {
  readonly cursor: Cursor;
  readonly changes: readonly ChangedItem[];
  /** The current value of each requested section in which something changed. */
  readonly sections: Readonly<Record<string, JsonValue>>;
  /** True when the cursor was made by another store: everything is sent. */
  readonly reset: boolean;
}

export interface BriefingItem {
  readonly rank: number;
  readonly level: SyncLevelName;
  readonly kind: "conflict" | "question" | "handover" | "blocked" | "task" | "decision" | "note" | "phase" | "other";
  readonly path: string;
  readonly text: string;
  readonly agent: string;
  readonly at: number;
}

export interface Briefing {
  readonly text: string;
  readonly items: readonly BriefingItem[];
  /** Items that did not fit the budget. */
  readonly omitted: number;
  readonly cursor: Cursor;
}

/** A value that stays current: read `.value`, subscribe, or iterate. */
export interface LiveQuery<T> extends AsyncIterable<T> {
  readonly value: T;
  /** Called at once with the current value and after every change of it. */
  subscribe(listener: (value: T) => void): Unsubscribe;
}
