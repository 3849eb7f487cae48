/** Failures that a test asks of a memory store. */

import { MeshError } from "@context-mesh/common";

/**
 * What becomes of one commit: `ok`; the disk is full or broken and nothing is kept; or the process dies just before or
 * just after the commit is on disk.
 */
export type CommitOutcome = "ok" | "ENOSPC" | "EIO" | "crash-before" | "crash-after";

/**
 * Where a process can die in an operation of its store: before anything was done, with everything prepared and nothing on
 * disk, with all on disk and nobody told, and just after it was told.
 */
export type StorePoint = "asked" | "prepared" | "kept" | "told";

export type StoreOperation = "load" | "append" | "compact" | "other";

export interface StoreFaults {
  /** Passed at each point of each operation; may crash the disk, which ends the operation there. */
  at?: ((point: StorePoint, operation: StoreOperation) => void) | undefined;
  /** Asked before every commit. */
  commit?: (() => CommitOutcome) | undefined;
  /** Asked before every load of a room; true fails it with `store_failed`. */
  failLoad?: ((room: string) => boolean) | undefined;
  /** Time that a load takes, on the store's clock. DocStore only; 0 by default. */
  loadDelayMs?: (() => number) | undefined;
  /** Time from a commit's start until it is on disk, on the store's clock. DocStore only; 0 by default. */
  commitDelayMs?: (() => number) | undefined;
}

const storeFull = (): MeshError =>
  new MeshError("store_full", "no space left for the store", { hint: "Free some disk space.", retryable: true });

export const storeFailed = (): MeshError =>
  new MeshError("store_failed", "the store could not be read or written (EIO)", {
    hint: "Check the disk.",
    retryable: true,
  });

export const storeClosed = (): MeshError =>
  new MeshError("store_closed", "the store is closed", { hint: "Open the store again." });

/** The error of an outcome, or undefined when the commit goes through. */
export const faultOf = (outcome: CommitOutcome): MeshError | undefined => {
  if (outcome === "ENOSPC") return storeFull();
  if (outcome === "EIO") return storeFailed();
  if (outcome === "crash-before") return storeClosed();
  return undefined;
};
