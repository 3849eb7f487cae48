/** Jobs: work that runs without anybody waiting for it. What one is made of, the states it goes through, how it ends. */

/** What a job is about; for people and filters. Any other word will do. */
export type JobKind =
  | "synchronization"
  | "resource_allocation"
  | "workflow_coordination"
  | "data_sync"
  | "event_coordination"
  | "load_balancing"
  | (string & {});

export type JobPriority = "critical" | "high" | "normal" | "low";

export const jobRanks: Readonly<Record<JobPriority, number>> = { critical: 0, high: 1, normal: 2, low: 3 };

/** What a job is given when its turn has come. */
export interface JobTurn {
  readonly id: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** Aborts when the job is cancelled or its time is over. */
  readonly signal: AbortSignal;
  /** What the jobs it comes after resulted in. */
  readonly inputs: ReadonlyMap<string, unknown>;
}

export interface Job<T = unknown> {
  /** Given by the runner when left out. */
  readonly id?: string;
  readonly kind?: JobKind;
  readonly priority?: JobPriority;
  /** Jobs of a group share its workers. */
  readonly group?: string;
  /** Ids of jobs that must be completed first. */
  readonly after?: readonly string[];
  /** For one try. */
  readonly timeoutMs?: number;
  /** Further tries after a failure or a timeout; default none. */
  readonly retries?: number;
  run(turn: JobTurn): T | Promise<T>;
}

/**
 * pending: jobs it comes after are not done · queued: waits for a worker · executing · waiting: for its next try · the
 * rest are ends.
 */
export type JobState =
  | { readonly name: "pending"; readonly missing: number }
  | { readonly name: "queued" }
  | { readonly name: "executing"; readonly sinceMs: number }
  | { readonly name: "waiting"; readonly untilMs: number }
  | { readonly name: JobEnd };

export type JobEnd = "completed" | "failed" | "cancelled" | "timeout";

export interface JobOutcome<T = unknown> {
  readonly id: string;
  readonly state: JobEnd;
  /** Of a completed one. */
  readonly value: T | undefined;
  /** Code and words of any other end. */
  readonly reason: string | undefined;
  readonly detail: string | undefined;
  readonly attempts: number;
  /** From being ready to its first turn, and the last try itself; 0 for one that never ran. */
  readonly queuedMs: number;
  readonly ranMs: number;
}

export type JobRefusal = "duplicate_id" | "unknown_dependency" | "dependency_cycle" | "queue_full" | "stopped";

export interface JobHandle<T = unknown> {
  readonly id: string;
  readonly state: JobState;
  /** Never rejects. */
  readonly outcome: Promise<JobOutcome<T>>;
  /** False when it had ended. */
  cancel(detail?: string): boolean;
}
