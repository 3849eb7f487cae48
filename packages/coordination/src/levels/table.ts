/** The four sync levels as a table of data: what sets each off and what it sends. Nothing here acts; `due` and the outbox read it. */

import { isSyncLevel, type SyncLevel } from "@context-mesh/schema";

/** What can set a sync off. */
export type Trigger =
  | "blocking_issue"
  | "critical_decision"
  | "vulnerability"
  | "breaking_change"
  | "task_done"
  | "milestone"
  | "architecture_decision"
  | "time_interval"
  | "task_count"
  | "size_threshold"
  | "session_start"
  | "session_end"
  | "phase_transition";

export interface LevelRule {
  /** 0 is the most urgent. A flush at one rank takes along everything of a lower number. */
  readonly rank: number;
  readonly triggers: readonly Trigger[];
  /** `entry`: the one write and what it depends on. `queue`: what waits at this rank or above. `snapshot`: everything, and the full context back. */
  readonly sends: "entry" | "queue" | "snapshot";
}

export const levelTable: Readonly<Record<SyncLevel, LevelRule>> = {
  critical: {
    rank: 0,
    triggers: ["blocking_issue", "critical_decision", "vulnerability", "breaking_change"],
    sends: "entry",
  },
  checkpoint: { rank: 1, triggers: ["task_done", "milestone", "architecture_decision"], sends: "queue" },
  periodic: { rank: 2, triggers: ["time_interval", "task_count", "size_threshold"], sends: "queue" },
  session: { rank: 3, triggers: ["session_start", "session_end", "phase_transition"], sends: "snapshot" },
};

/** From the most urgent to the least. */
export const levelsByRank: readonly SyncLevel[] = ["critical", "checkpoint", "periodic", "session"];

/** Configurable; the defaults are those of the protocol's description. */
export interface LevelThresholds {
  readonly periodicIntervalMs: number;
  readonly periodicTasks: number;
  readonly periodicBytes: number;
}

export const defaultThresholds: LevelThresholds = {
  periodicIntervalMs: 30 * 60_000,
  periodicTasks: 5,
  periodicBytes: 64 * 2 ** 10,
};

export const rankOf = (level: SyncLevel): number => levelTable[level].rank;

/** A stored level name; anything unknown waits with the periodic ones. */
export const levelOr = (text: string | undefined, fallback: SyncLevel = "periodic"): SyncLevel =>
  text !== undefined && isSyncLevel(text) ? text : fallback;

export const levelOfTrigger = (trigger: Trigger): SyncLevel =>
  levelsByRank.find((level) => levelTable[level].triggers.includes(trigger)) ?? "periodic";

/** The more urgent of two levels. */
export const moreUrgent = (a: SyncLevel, b: SyncLevel): SyncLevel => (rankOf(a) <= rankOf(b) ? a : b);
