/** Failures that a test asks of a memory store. */

import { MeshError } from "@context-mesh/common";

/**
 * What becomes of one commit: `ok`; the disk is full or broken and nothing is kept; or the process dies just before or
 * just after the commit is on disk.
 */
export type CommitOutcome = "ok" | "ENOSPC" | "EIO" | "crash-before" | "crash-after";

export interface StoreFaults {
  /** Asked before every commit. */
  commit?: (() => CommitOutcome) | undefined;
  /** Asked before every load of a room; true fails it with `store_failed`. */
  failLoad?: ((room: string) => boolean) | undefined;
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
