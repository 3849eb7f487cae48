/** The words that the other public types are made of. */

export type SyncLevelName = "critical" | "checkpoint" | "periodic" | "session";

/** `live`: every write goes out at once. `levels`: a write waits for the trigger of its level. */
export type SyncMode = "live" | "levels";

export interface AgentInfo {
  readonly id: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
}

/** For what waits. Aborted: it rejects with the signal's reason; what was begun goes on. */
export interface Waiting {
  readonly signal?: AbortSignal;
}
