/** A job inside the runner: its state, its tries, what comes after it, and who waits for its end. */

import { MeshError } from "@context-mesh/common";
import { type Job, type JobEnd, type JobOutcome, type JobState, type JobTurn, jobRanks } from "./job.ts";
import type { Ranked } from "./ready-heap.ts";

const noInputs: ReadonlyMap<string, unknown> = new Map();

export class JobEntry implements Ranked {
  readonly id: string;
  readonly job: Job;
  readonly rank: number;
  readonly order: number;
  readonly followers: JobEntry[] = [];
  state: JobState = { name: "queued" };
  attempts = 0;
  readyMs = 0;
  #beganMs = 0;
  #queuedMs = 0;
  #abort: AbortController | undefined;
  #outcome: JobOutcome | undefined;
  #promise: Promise<JobOutcome> | undefined;
  #resolve: ((outcome: JobOutcome) => void) | undefined;

  constructor(job: Job & { readonly id: string }, order: number) {
    this.id = job.id;
    this.job = job;
    this.rank = jobRanks[job.priority ?? "normal"];
    this.order = order;
  }

  get hasEnded(): boolean {
    return this.#outcome !== undefined;
  }

  /** Made when somebody asks: most jobs of a crowd are never looked at one by one. */
  get outcome(): Promise<JobOutcome> {
    if (this.#outcome !== undefined) return Promise.resolve(this.#outcome);
    this.#promise ??= new Promise((resolve) => {
      this.#resolve = resolve;
    });
    return this.#promise;
  }

  get value(): unknown {
    return this.#outcome?.value;
  }

  begin(nowMs: number): void {
    if (this.attempts === 0) this.#queuedMs = nowMs - this.readyMs;
    this.attempts += 1;
    this.#beganMs = nowMs;
    this.state = { name: "executing", sinceMs: nowMs };
  }

  turn(entries: ReadonlyMap<string, JobEntry>): JobTurn {
    const { job } = this;
    const inputs =
      job.after === undefined || job.after.length === 0
        ? noInputs
        : new Map(job.after.map((id) => [id, entries.get(id)?.value]));
    const abort = (): AbortController => {
      this.#abort ??= new AbortController();
      return this.#abort;
    };
    return {
      id: this.id,
      attempt: this.attempts,
      inputs,
      get signal() {
        return abort().signal;
      },
    };
  }

  abort(detail: string): void {
    this.#abort?.abort(new MeshError("job_stopped", detail, { hint: "Nobody waits for this result any more." }));
    this.#abort = undefined;
  }

  end(end: JobEnd, nowMs: number, more: Partial<Pick<JobOutcome, "value" | "reason" | "detail">>): JobOutcome {
    const ranMs = this.state.name === "executing" ? nowMs - this.#beganMs : 0;
    this.state = { name: end };
    const { value, reason, detail } = more;
    const { id, attempts } = this;
    this.#outcome = { id, state: end, value, reason, detail, attempts, queuedMs: this.#queuedMs, ranMs };
    if (end !== "completed") this.abort(detail ?? end);
    this.#resolve?.(this.#outcome);
    return this.#outcome;
  }
}
