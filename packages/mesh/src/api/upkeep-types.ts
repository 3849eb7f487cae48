/** Archive, snapshots, import, and leaving. */

import type { Waiting } from "./basic-types.ts";
import type { Item } from "./entity-types.ts";
import type { Receipt } from "./receipt-types.ts";

export interface ArchiveRules {
  /** Completed tasks and decisions older than this many days. */
  readonly days?: number;
  /** Keep at most this many completed tasks, and as many decisions. */
  readonly count?: number;
  /** Keep the live document below this size. */
  readonly liveBytes?: number;
}

export interface ArchiveReport {
  readonly tasks: number;
  readonly decisions: number;
  readonly liveBytesBefore: number;
  readonly liveBytesAfter: number;
  /** False: the copies are written, the live ones go once a relay has the copies on disk. */
  readonly complete: boolean;
  readonly receipt: Receipt;
}

export interface ArchivedItem {
  readonly kind: "task" | "decision";
  readonly id: string;
  readonly fields: Item;
  readonly archivedAt: number;
}

export interface ArchiveApi {
  run(rules?: ArchiveRules, options?: { readonly timeoutMs?: number } & Waiting): Promise<ArchiveReport>;
  get(id: string, options?: Waiting): Promise<ArchivedItem | undefined>;
  search(text: string, options?: Waiting): Promise<readonly ArchivedItem[]>;
  /** Brings an archived task back into the live context. */
  reopen(id: string, options?: Waiting): Promise<Receipt>;
}

export interface SnapshotInfo {
  readonly id: string;
  readonly at: number;
  readonly label: string;
  readonly bytes: number;
}

export interface ImportReport {
  readonly written: number;
  readonly removed: number;
  readonly receipt: Receipt;
}

export interface LeaveOptions {
  /** How long to give back claims that were called off and to try to send what waits; 2,000 by default. The first call's counts. */
  readonly flushMs?: number;
  /** Aborted: go now, also when another call began the leaving. What could not be sent is told all the same. */
  readonly signal?: AbortSignal;
}

export interface LeaveReport {
  /** Writes that no relay is known to have. They stay in the store. */
  readonly unsent: number;
  readonly keys: readonly string[];
  readonly paths: readonly string[];
}
