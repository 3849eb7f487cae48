/**
 * When a batch goes out: by size, by time, and both adapt. Alone a message leaves at once; under load batches grow, so that
 * each costs less. Pure: the caller keeps the items, and asks with the time as an argument.
 */

import { limits } from "@context-mesh/common";

export interface BatchBounds {
  readonly itemsMin: number;
  readonly itemsMax: number;
  readonly bytesMax: number;
  readonly delayMsMax: number;
}

export const defaultBatchBounds: BatchBounds = {
  itemsMin: limits.messageBatchItems,
  itemsMax: limits.messageBatchItemsMax,
  bytesMax: limits.messageBatchBytesMax,
  delayMsMax: limits.messageBatchMs,
};

/** What was learnt from the batches before. */
export interface BatchPace {
  /** Items at which a batch is full. */
  readonly items: number;
  /** How long the first item of a batch waits for others. */
  readonly delayMs: number;
}

export type BatchState =
  | { readonly kind: "empty"; readonly pace: BatchPace }
  | {
      readonly kind: "filling";
      readonly pace: BatchPace;
      readonly items: number;
      readonly bytes: number;
      /** When it goes, full or not. */
      readonly dueMs: number;
    };

export const emptyBatch = (bounds: BatchBounds): BatchState => ({
  kind: "empty",
  pace: { items: bounds.itemsMin, delayMs: 0 },
});

/** The state with one more item in it. `isPatient`: it may wait for the longest delay, as bulk does. */
export const addToBatch = (
  state: BatchState,
  item: { readonly bytes: number; readonly isPatient: boolean; readonly isUrgent: boolean },
  nowMs: number,
  bounds: BatchBounds,
): BatchState & { readonly kind: "filling" } => {
  const { pace } = state;
  const waitMs = item.isUrgent ? 0 : item.isPatient ? bounds.delayMsMax : pace.delayMs;
  const dueMs = nowMs + waitMs;
  if (state.kind === "empty") return { kind: "filling", pace, items: 1, bytes: item.bytes, dueMs };
  const { items, bytes } = state;
  return { kind: "filling", pace, items: items + 1, bytes: bytes + item.bytes, dueMs: Math.min(state.dueMs, dueMs) };
};

export type CloseReason = "size" | "time";

/** Why the batch is to go now; undefined: not yet. */
export const closesBy = (state: BatchState, nowMs: number, bounds: BatchBounds): CloseReason | undefined => {
  if (state.kind === "empty") return undefined;
  if (state.items >= state.pace.items || state.bytes >= bounds.bytesMax) return "size";
  return nowMs >= state.dueMs ? "time" : undefined;
};

const faster = ({ items, delayMs }: BatchPace, bounds: BatchBounds): BatchPace => ({
  items: Math.min(bounds.itemsMax, items * 2),
  delayMs: Math.min(bounds.delayMsMax, Math.max(1, delayMs * 2)),
});

const calmer = ({ items, delayMs }: BatchPace, bounds: BatchBounds): BatchPace => ({
  items: Math.max(bounds.itemsMin, Math.floor(items / 2)),
  delayMs: delayMs <= 1 ? 0 : delayMs / 2,
});

/** After a batch has gone: a full one makes the next ones larger, one that time closed nearly empty makes them quicker. */
export const closeBatch = (state: BatchState, reason: CloseReason, bounds: BatchBounds): BatchState => {
  if (state.kind === "empty") return state;
  const { pace, items } = state;
  if (reason === "size") return { kind: "empty", pace: faster(pace, bounds) };
  return { kind: "empty", pace: items * 4 <= pace.items ? calmer(pace, bounds) : pace };
};
