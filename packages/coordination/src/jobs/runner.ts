/**
 * Runs jobs without anybody waiting: dependencies, priorities, groups, timeouts, retries, cancelling. A job that never
 * returns gives its worker back when its time is over or it is cancelled.
 */

import {
  backoffMs,
  type Clock,
  err,
  isMeshError,
  limits,
  messageOf,
  nextTurn,
  ok,
  type Random,
  type Result,
  type Timer,
} from "@context-mesh/common";
import { adaptPace, type Pace } from "./adaptive.ts";
import { orderRefusal } from "./dependencies.ts";
import { JobEntry } from "./entry.ts";
import type { Job, JobEnd, JobHandle, JobOutcome, JobRefusal } from "./job.ts";
import { ReadyHeap } from "./ready-heap.ts";

export interface JobRunnerOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Jobs at once; default `limits.jobWorkers`. */
  readonly workers?: number;
  /** Jobs of one group at once; default `limits.jobGroupWorkers`. */
  readonly groupWorkers?: number | Readonly<Record<string, number>>;
  /** Finds the number of workers by itself, up to `workers`. */
  readonly isAdaptive?: boolean;
}

const retryDelay = { baseMs: 20, capMs: 5_000 };
/** Jobs begun before others of the process get their turn. */
const burstMax = 256;
const paceWindow = 32;

export class JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #entries = new Map<string, JobEntry>();
  readonly #ready = new ReadyHeap<JobEntry>();
  readonly #parked = new Map<string, JobEntry[]>();
  readonly #busy = new Map<string, number>();
  /** Ended ones, oldest first; they are forgotten beyond a bound. */
  readonly #ended: string[] = [];
  #endedHead = 0;
  #orders = 0;
  #open = 0;
  #executing = 0;
  #isPumping = false;
  #isStopped = false;
  #pace: Pace;
  #window = { done: 0, failed: 0, sinceMs: 0 };
  #idle: (() => void)[] = [];

  constructor(options: JobRunnerOptions) {
    this.#options = options;
    this.#pace = { workers: options.isAdaptive === true ? 2 : this.#workersMax, direction: 1, perSecond: 0 };
  }

  /** Workers that may be busy at once, now. */
  get workers(): number {
    return this.#pace.workers;
  }

  /** Jobs that have not ended, and those of them that have a worker. */
  get figures(): { readonly open: number; readonly executing: number } {
    return { open: this.#open, executing: this.#executing };
  }

  add<T>(job: Job<T>): Result<JobHandle<T>, JobRefusal> {
    const added = this.addAll([job as Job]);
    return added.ok ? ok(added.value[0] as JobHandle<T>) : added;
  }

  /** All of them or none. They may come after each other in any order that is no circle. */
  addAll(jobs: readonly Job[]): Result<readonly JobHandle[], JobRefusal> {
    if (this.#isStopped) return err("stopped", "this runner takes nothing in any more");
    if (this.#open + jobs.length > limits.jobsWaitingMax) {
      return err("queue_full", `${limits.jobsWaitingMax} jobs may wait at once`);
    }
    const named = jobs.map((job) => (job.id === undefined ? { ...job, id: this.#newId(), run: job.run } : job));
    const refusal = orderRefusal(named as readonly (Job & { readonly id: string })[], this.#entries);
    if (refusal !== undefined) return refusal;
    const entries = named.map((job) => this.#enter(job as Job & { readonly id: string }));
    for (const entry of entries) this.#link(entry);
    this.#schedule();
    return ok(entries.map((entry) => this.#handle(entry)));
  }

  get(id: string): JobHandle | undefined {
    const entry = this.#entries.get(id);
    return entry === undefined ? undefined : this.#handle(entry);
  }

  wait(id: string): Promise<JobOutcome> | undefined {
    return this.#entries.get(id)?.outcome;
  }

  /** Without ids: everything that has not ended yet. */
  waitAll(ids?: readonly string[]): Promise<readonly JobOutcome[]> {
    const all = ids ?? [...this.#entries.values()].filter((entry) => !entry.hasEnded).map((entry) => entry.id);
    return Promise.all(all.flatMap((id) => this.wait(id) ?? []));
  }

  /** Also what comes after it. False when it had ended or is not known. */
  cancel(id: string, detail = "it was cancelled"): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.hasEnded) return false;
    this.#end(entry, "cancelled", { reason: "cancelled", detail });
    this.#schedule();
    return true;
  }

  /** Cancels everything and resolves when nothing is left. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const entry of [...this.#entries.values()]) this.cancel(entry.id, "the runner stops");
    if (this.#open > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  get #workersMax(): number {
    return this.#options.workers ?? limits.jobWorkers;
  }

  #newId(): string {
    return `job-${this.#orders + 1}-${this.#options.random.int(2 ** 32).toString(36)}`;
  }

  #handle(entry: JobEntry): JobHandle {
    return {
      id: entry.id,
      get state() {
        return entry.state;
      },
      get outcome() {
        return entry.outcome;
      },
      cancel: (detail) => this.cancel(entry.id, detail),
    };
  }

  #enter(job: Job & { readonly id: string }): JobEntry {
    this.#orders += 1;
    const entry = new JobEntry(job, this.#orders);
    this.#entries.set(entry.id, entry);
    this.#open += 1;
    return entry;
  }

  #link(entry: JobEntry): void {
    let missing = 0;
    for (const id of entry.job.after ?? []) {
      const other = this.#entries.get(id);
      if (other === undefined || other.state.name === "completed") continue;
      if (other.hasEnded) {
        this.#end(entry, "cancelled", { reason: "dependency_failed", detail: `\`${id}\` was not completed` });
        return;
      }
      other.followers.push(entry);
      missing += 1;
    }
    if (missing > 0) entry.state = { name: "pending", missing };
    else this.#queue(entry);
  }

  #queue(entry: JobEntry): void {
    entry.state = { name: "queued" };
    if (entry.attempts === 0) entry.readyMs = this.#options.clock.monotonicMs();
    this.#ready.push(entry);
  }

  /** The jobs begin in a turn of their own, never inside the caller. */
  #schedule(): void {
    if (this.#isPumping || this.#ready.size === 0) return;
    this.#isPumping = true;
    Promise.resolve().then(() => this.#pump());
  }

  async #pump(): Promise<void> {
    let burst = 0;
    for (;;) {
      const entry = this.#executing < this.#pace.workers ? this.#next() : undefined;
      if (entry === undefined) break;
      this.#execute(entry);
      burst += 1;
      if (burst % burstMax === 0) await nextTurn();
    }
    this.#isPumping = false;
  }

  #next(): JobEntry | undefined {
    for (let entry = this.#ready.pop(); entry !== undefined; entry = this.#ready.pop()) {
      if (entry.state.name !== "queued") continue;
      const { group } = entry.job;
      if (group === undefined || (this.#busy.get(group) ?? 0) < this.#groupWorkers(group)) return entry;
      const parked = this.#parked.get(group);
      if (parked === undefined) this.#parked.set(group, [entry]);
      else parked.push(entry);
    }
    return undefined;
  }

  #groupWorkers(group: string): number {
    const { groupWorkers = limits.jobGroupWorkers } = this.#options;
    return typeof groupWorkers === "number" ? groupWorkers : (groupWorkers[group] ?? limits.jobGroupWorkers);
  }

  #execute(entry: JobEntry): void {
    const { clock } = this.#options;
    const { job } = entry;
    const sinceMs = clock.monotonicMs();
    entry.begin(sinceMs);
    this.#executing += 1;
    if (job.group !== undefined) this.#busy.set(job.group, (this.#busy.get(job.group) ?? 0) + 1);
    const { attempts } = entry;
    const isCurrent = (): boolean => entry.attempts === attempts && entry.state.name === "executing";
    try {
      const result = job.run(entry.turn(this.#entries));
      if (!(result instanceof Promise)) {
        this.#end(entry, "completed", { value: result });
        return;
      }
      const timer = this.#limitTime(entry, isCurrent);
      result.then(
        (value) => {
          timer?.cancel();
          if (isCurrent()) this.#end(entry, "completed", { value });
          this.#schedule();
        },
        (error) => {
          timer?.cancel();
          if (isCurrent()) this.#failed(entry, "failed", isMeshError(error) ? error.code : "failed", messageOf(error));
          this.#schedule();
        },
      );
    } catch (error) {
      this.#failed(entry, "failed", isMeshError(error) ? error.code : "failed", messageOf(error));
    }
  }

  #limitTime(entry: JobEntry, isCurrent: () => boolean): Timer | undefined {
    const { timeoutMs } = entry.job;
    if (timeoutMs === undefined) return undefined;
    return this.#options.clock.after(
      timeoutMs,
      () => {
        if (!isCurrent()) return;
        this.#failed(entry, "timeout", "timeout", `it did not end within ${timeoutMs} ms`);
        this.#schedule();
      },
      { keepAlive: true },
    );
  }

  #failed(entry: JobEntry, end: JobEnd, reason: string, detail: string): void {
    const { clock, random } = this.#options;
    if (entry.attempts > (entry.job.retries ?? 0)) {
      this.#end(entry, end, { reason, detail });
      return;
    }
    entry.abort(detail);
    this.#giveBack(entry);
    const delayMs = backoffMs(entry.attempts - 1, retryDelay, random);
    entry.state = { name: "waiting", untilMs: clock.monotonicMs() + delayMs };
    const again = (): void => {
      if (entry.state.name !== "waiting") return;
      this.#queue(entry);
      this.#schedule();
    };
    clock.after(delayMs, again, { keepAlive: true });
  }

  /** The worker is free again, and with it a place of the group. */
  #giveBack(entry: JobEntry): void {
    this.#executing -= 1;
    const { group } = entry.job;
    if (group === undefined) return;
    this.#busy.set(group, (this.#busy.get(group) ?? 1) - 1);
    const next = this.#parked.get(group)?.shift();
    if (next !== undefined) this.#ready.push(next);
  }

  #end(entry: JobEntry, end: JobEnd, more: Partial<Pick<JobOutcome, "value" | "reason" | "detail">>): void {
    if (entry.hasEnded) return;
    const wasExecuting = entry.state.name === "executing";
    const outcome = entry.end(end, this.#options.clock.monotonicMs(), more);
    if (wasExecuting) {
      this.#giveBack(entry);
      this.#sample(end);
    }
    this.#open -= 1;
    for (const follower of entry.followers.splice(0)) this.#after(follower, outcome);
    this.#forget(entry.id);
    if (this.#open === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #after(follower: JobEntry, { id, state }: JobOutcome): void {
    if (follower.state.name !== "pending") return;
    if (state !== "completed") {
      this.#end(follower, "cancelled", { reason: "dependency_failed", detail: `\`${id}\` was not completed` });
      return;
    }
    const missing = follower.state.missing - 1;
    if (missing > 0) follower.state = { name: "pending", missing };
    else this.#queue(follower);
    this.#schedule();
  }

  #forget(id: string): void {
    this.#ended.push(id);
    if (this.#ended.length - this.#endedHead <= limits.jobsRememberedMax) return;
    this.#entries.delete(this.#ended[this.#endedHead] as string);
    this.#endedHead += 1;
    if (this.#endedHead > limits.jobsRememberedMax) this.#ended.splice(0, this.#endedHead);
    if (this.#endedHead > this.#ended.length) this.#endedHead = 0;
  }

  #sample(end: JobEnd): void {
    if (this.#options.isAdaptive !== true) return;
    const nowMs = this.#options.clock.monotonicMs();
    if (end === "completed") this.#window.done += 1;
    else this.#window.failed += 1;
    if (this.#window.done + this.#window.failed < Math.max(paceWindow / 4, this.#pace.workers * 2)) return;
    const { done, failed, sinceMs } = this.#window;
    this.#pace = adaptPace(this.#pace, { done, failed, tookMs: nowMs - sinceMs }, this.#workersMax);
    this.#window = { done: 0, failed: 0, sinceMs: nowMs };
  }
}
