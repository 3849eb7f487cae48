/** Going back to an earlier state, and work that is taken back when its gate fails. */

import type { SharedContext } from "@context-mesh/schema";
import type { Cursor } from "./reading-types.ts";
import type { Receipt } from "./receipt-types.ts";
import type { SnapshotInfo } from "./upkeep-types.ts";

export interface RollbackRequest {
  /** A cursor or a time (ms) of this agent's own log, one of its snapshots, or a context from elsewhere. */
  readonly to: Cursor | number | { readonly snapshot: string } | { readonly context: SharedContext };
  /** Only these (`project_state`, `decisions_log.recent`, …); default: everything. */
  readonly sections?: readonly string[];
  readonly reason?: string;
  /** Of the snapshot that is taken before. */
  readonly label?: string;
}

export interface RollbackReport {
  readonly ok: boolean;
  /** What stands afterwards is what was asked for. */
  readonly verified: boolean;
  readonly written: number;
  readonly removed: number;
  /** What stood before: `rollback({ to: { snapshot: id } })` returns to it. */
  readonly snapshot: SnapshotInfo | undefined;
  /** Parts that are not as they were: somebody wrote at the same moment, or archived them. */
  readonly differences: readonly string[];
  readonly receipt: Receipt;
}

export interface TrialRequest {
  readonly work: () => void | Promise<void>;
  /** False, `ok: false`, or an exception: what this agent wrote is taken back; what others wrote meanwhile stays. */
  readonly gate: () =>
    | boolean
    | { readonly ok: boolean; readonly detail?: string }
    | Promise<boolean | { readonly ok: boolean; readonly detail?: string }>;
  readonly sections?: readonly string[];
  readonly label?: string;
}

export interface TrialReport {
  readonly passed: boolean;
  readonly detail: string;
  /** What stood before the work. */
  readonly snapshot: SnapshotInfo;
  /** Only when the gate failed. */
  readonly rollback: RollbackReport | undefined;
}
