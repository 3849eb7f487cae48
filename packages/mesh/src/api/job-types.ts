/** Jobs whose state lives in the room, as `mesh.jobs` takes and gives them. */

import type { JobRunnerOptions } from "@context-mesh/coordination";
import type { SharedJob, SharedJobView } from "../jobs/job-row.ts";
import type { JobHandlers } from "../jobs/job-worker.ts";
import type { Receipt } from "./receipt-types.ts";

export type { SharedJob, SharedJobView } from "../jobs/job-row.ts";
export type { JobHandlers, SharedJobTurn } from "../jobs/job-worker.ts";

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
