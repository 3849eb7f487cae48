/** Jobs whose state lives in the room, as `mesh.jobs` takes and gives them. */

import type { JsonValue } from "@context-mesh/common";
import type { JobEnd, JobPriority, JobRunnerOptions } from "@context-mesh/coordination";
import type { Receipt } from "./receipt-types.ts";

export interface SharedJob {
  readonly id?: string;
  /** Name of what carries it out; workers say which ones they have. */
  readonly handler: string;
  readonly input?: JsonValue;
  readonly after?: readonly string[];
  readonly priority?: JobPriority;
  readonly group?: string;
  readonly timeoutMs?: number;
  readonly retries?: number;
}

export interface SharedJobView extends SharedJob {
  readonly id: string;
  readonly state: "queued" | "executing" | JobEnd;
  /** Who works on it, or did. */
  readonly worker: string | undefined;
  readonly attempts: number;
  readonly value: JsonValue | undefined;
  readonly reason: string | undefined;
  readonly detail: string | undefined;
}

export interface SharedJobTurn {
  readonly id: string;
  readonly attempt: number;
  readonly signal: AbortSignal;
  /** What the jobs it comes after resulted in. */
  readonly inputs: Readonly<Record<string, JsonValue | undefined>>;
}

export type JobHandlers = Readonly<
  Record<
    string,
    (input: JsonValue | undefined, turn: SharedJobTurn) => JsonValue | undefined | Promise<JsonValue | undefined>
  >
>;

export interface JobsApi {
  /** All of them in one go. What they come after may be added later. */
  add(jobs: SharedJob | readonly SharedJob[]): Receipt;
  get(id: string): SharedJobView | undefined;
  list(filter?: {
    readonly state?: SharedJobView["state"];
    readonly handler?: string;
    readonly worker?: string;
  }): readonly SharedJobView[];
  /** Resolves when it has ended, wherever it ran. Rejects for a job that is not there, or with the signal's reason. */
  wait(id: string, options?: { readonly signal?: AbortSignal }): Promise<SharedJobView>;
  waitAll(ids: readonly string[], options?: { readonly signal?: AbortSignal }): Promise<readonly SharedJobView[]>;
  cancel(id: string, detail?: string): Receipt;
  /** Takes every ended job out of the room. */
  clear(): Receipt;
  /** Carries out jobs of these handlers until stopped. A job may run twice while workers cannot see each other. */
  work(
    handlers: JobHandlers,
    options?: Partial<Pick<JobRunnerOptions, "workers" | "groupWorkers" | "isAdaptive">>,
  ): { stop(): Promise<void> };
}
