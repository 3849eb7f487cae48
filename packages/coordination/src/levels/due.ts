/** When a periodic sync is due: a pure state of what has gathered since the last one, with the time as an argument. */

import { type LevelThresholds, levelOfTrigger, levelTable, type Trigger } from "./table.ts";

export interface Gathered {
  /** Monotonic ms of the last periodic (or wider) flush. */
  readonly sinceMs: number;
  /** Tasks written to since then. */
  readonly tasks: ReadonlySet<string>;
  /** Bytes that wait in the outbox. */
  readonly bytes: number;
}

export const gatheredFrom = (nowMs: number): Gathered => ({ sinceMs: nowMs, tasks: new Set(), bytes: 0 });

export interface GatheredWrite {
  readonly taskIds: readonly string[];
  readonly queuedBytes: number;
}

/** After a write: the tasks it touched and the size of the outbox then. */
export const gather = (state: Gathered, write: GatheredWrite): Gathered => ({
  sinceMs: state.sinceMs,
  tasks: write.taskIds.every((id) => state.tasks.has(id)) ? state.tasks : new Set([...state.tasks, ...write.taskIds]),
  bytes: write.queuedBytes,
});

/** After a flush by this trigger: what is left to count. A critical or checkpoint flush leaves the periodic count alone. */
export const afterFlush = (state: Gathered, trigger: Trigger, nowMs: number, queuedBytes: number): Gathered =>
  levelTable[levelOfTrigger(trigger)].rank >= levelTable.periodic.rank
    ? { ...gatheredFrom(nowMs), bytes: queuedBytes }
    : { ...state, bytes: queuedBytes };

/** The periodic trigger that is due now, if any. Time alone sets off nothing while nothing waits. */
export const periodicDue = (state: Gathered, thresholds: LevelThresholds, nowMs: number): Trigger | undefined => {
  if (state.bytes === 0) return undefined;
  if (state.tasks.size >= thresholds.periodicTasks) return "task_count";
  if (state.bytes >= thresholds.periodicBytes) return "size_threshold";
  if (nowMs - state.sinceMs >= thresholds.periodicIntervalMs) return "time_interval";
  return undefined;
};

/** When the interval ends, in monotonic ms. */
export const intervalEndsMs = (state: Gathered, thresholds: LevelThresholds): number =>
  state.sinceMs + thresholds.periodicIntervalMs;
