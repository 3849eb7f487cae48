/**
 * Registers agents in batches: one transaction a batch, an answer for every agent. A batch that is refused is tried again,
 * or halved until the one that spoils it is found; the others of it are registered all the same.
 */

import { backoffMs, type Clock, limits, messageOf, nextTurn, type Random, type Timer } from "@context-mesh/common";
import { agentProblems, type NewAgent } from "./agent-record.ts";
import { type BatchStrategy, nextBatch, type RegistrationPriority } from "./batching.ts";
import { WaitingLine } from "./waiting-line.ts";

export interface Registration {
  readonly id: string;
  readonly state: "completed" | "failed" | "cancelled";
  readonly attempts: number;
  /** Code and words of a failure. */
  readonly reason: string | undefined;
  readonly detail: string | undefined;
}

export interface RegistrationReport {
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly batches: number;
  readonly tookMs: number;
  /** Those that did not succeed. */
  readonly failures: readonly Registration[];
}

export type CommitAnswer =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: string; readonly detail: string; readonly retryable: boolean };

export interface RegistrarOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly strategy: BatchStrategy;
  /** Writes all of them in one transaction, or none. */
  readonly commit: (agents: readonly NewAgent[]) => CommitAnswer | Promise<CommitAnswer>;
  /** Further tries after a failure that may pass; default `limits.registrationRetries`. */
  readonly retries?: number;
  /** For one commit; default `limits.registrationTimeoutMs`. */
  readonly timeoutMs?: number;
}

interface Waiting {
  readonly agent: NewAgent;
  readonly priority: RegistrationPriority;
  readonly sinceMs: number;
  attempts: number;
  settle(registration: Registration): void;
}

const retryDelay = { baseMs: 50, capMs: 2_000 };

export class Registrar {
  readonly #options: RegistrarOptions;
  readonly #line: WaitingLine<Waiting>;
  readonly #byId = new Map<string, Waiting>();
  readonly #failures: Registration[] = [];
  readonly #beganMs: number;
  readonly #counts = { total: 0, completed: 0, failed: 0, cancelled: 0, batches: 0 };
  /** Batches whose retry waits for its time. */
  #retrying = 0;
  #last: { readonly size: number; readonly tookMs: number } | undefined;
  #timer: Timer | undefined;
  #isRunning = false;
  #isClosed = false;
  #drained: (() => void)[] = [];

  constructor(options: RegistrarOptions) {
    this.#options = options;
    this.#line = new WaitingLine(options.strategy);
    this.#beganMs = options.clock.monotonicMs();
  }

  /** Resolves when the agent is registered, or never will be. Never rejects. */
  submit(agent: NewAgent, priority: RegistrationPriority = "normal"): Promise<Registration> {
    this.#counts.total += 1;
    const refusal = this.#refusalOf(agent);
    if (refusal !== undefined) return Promise.resolve(this.#settled(agent, 0, "failed", ...refusal));
    return new Promise((settle) => {
      const waiting = { agent, priority, sinceMs: this.#options.clock.monotonicMs(), attempts: 0, settle };
      this.#byId.set(agent.id, waiting);
      this.#line.add(waiting);
      this.#wake();
    });
  }

  /** Takes back one that still waits; false when it is too late. */
  cancel(id: string): boolean {
    const waiting = this.#byId.get(id);
    if (waiting === undefined) return false;
    this.#line.remove(waiting);
    this.#settle(waiting, "cancelled", "cancelled", "it was taken back before its turn");
    return true;
  }

  /** Nothing more is taken in; what waits goes. Resolves when every agent has its answer. */
  async close(): Promise<RegistrationReport> {
    this.#isClosed = true;
    this.#wake();
    if (this.#byId.size > 0 || this.#isRunning) await new Promise<void>((resolve) => this.#drained.push(resolve));
    const tookMs = this.#options.clock.monotonicMs() - this.#beganMs;
    return { ...this.#counts, tookMs, failures: [...this.#failures] };
  }

  #refusalOf(agent: NewAgent): readonly [reason: string, detail: string] | undefined {
    const [problem] = agentProblems(agent);
    if (problem !== undefined) return [problem.code, problem.detail];
    if (this.#isClosed) return ["closed", "this registrar takes nothing in any more"];
    if (this.#byId.has(agent.id)) return ["duplicate_id", "an agent of this id already waits to be registered"];
    if (this.#byId.size < limits.registrationsWaitingMax) return undefined;
    return ["queue_full", `${limits.registrationsWaitingMax} registrations wait already`];
  }

  #wake(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    // What is submitted in the same turn shares a batch.
    nextTurn().then(() => this.#run());
  }

  async #run(): Promise<void> {
    this.#timer?.cancel();
    for (;;) {
      const oldestMs = this.#options.clock.monotonicMs() - (this.#line.first?.sinceMs ?? 0);
      const state = { waiting: this.#line.size, oldestMs, isFlushing: this.#isClosed, last: this.#last };
      const move = nextBatch(this.#options.strategy, state);
      if (move === "idle" || "waitMs" in move) {
        if (move !== "idle") this.#timer = this.#options.clock.after(move.waitMs, () => this.#wake());
        break;
      }
      const batch = this.#line.take(move.take);
      const beganMs = this.#options.clock.monotonicMs();
      await this.#commit(batch);
      this.#last = { size: batch.length, tookMs: this.#options.clock.monotonicMs() - beganMs };
      await nextTurn();
    }
    this.#isRunning = false;
    if (this.#byId.size === 0) for (const resolve of this.#drained.splice(0)) resolve();
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    this.#counts.batches += 1;
    for (const waiting of batch) waiting.attempts += 1;
    const answer = await this.#answerFor(batch.map(({ agent }) => agent));
    if (answer.ok) {
      for (const waiting of batch) this.#settle(waiting, "completed");
    } else if (answer.retryable) {
      this.#retryLater(batch, answer.reason, answer.detail);
    } else if (batch.length === 1) {
      for (const waiting of batch) this.#settle(waiting, "failed", answer.reason, answer.detail);
    } else {
      const half = Math.ceil(batch.length / 2);
      for (const waiting of batch) waiting.attempts -= 1;
      await this.#commit(batch.slice(0, half));
      await this.#commit(batch.slice(half));
    }
  }

  async #answerFor(agents: readonly NewAgent[]): Promise<CommitAnswer> {
    const { clock, commit, timeoutMs = limits.registrationTimeoutMs } = this.#options;
    let timer: Timer | undefined;
    const late = new Promise<CommitAnswer>((resolve) => {
      const detail = `no answer within ${timeoutMs} ms`;
      timer = clock.after(timeoutMs, () => resolve({ ok: false, reason: "timeout", detail, retryable: true }));
    });
    try {
      return await Promise.race([commit(agents), late]);
    } catch (error) {
      return { ok: false, reason: "commit_failed", detail: messageOf(error), retryable: true };
    } finally {
      timer?.cancel();
    }
  }

  #retryLater(batch: readonly Waiting[], reason: string, detail: string): void {
    const { clock, random, retries = limits.registrationRetries } = this.#options;
    const again = batch.filter(({ attempts }) => attempts <= retries);
    for (const waiting of batch) if (waiting.attempts > retries) this.#settle(waiting, "failed", reason, detail);
    if (again.length === 0) return;
    this.#retrying += 1;
    clock.after(
      backoffMs(this.#retrying, retryDelay, random),
      () => {
        this.#retrying -= 1;
        for (const waiting of again) if (this.#byId.get(waiting.agent.id) === waiting) this.#line.add(waiting);
        this.#wake();
      },
      { keepAlive: true },
    );
  }

  #settle(waiting: Waiting, state: Registration["state"], reason?: string, detail?: string): void {
    this.#byId.delete(waiting.agent.id);
    waiting.settle(this.#settled(waiting.agent, waiting.attempts, state, reason, detail));
    if (this.#byId.size === 0 && !this.#isRunning) for (const resolve of this.#drained.splice(0)) resolve();
  }

  #settled(
    agent: NewAgent,
    attempts: number,
    state: Registration["state"],
    reason?: string,
    detail?: string,
  ): Registration {
    const id = typeof agent?.id === "string" ? agent.id : "";
    const registration = { id, state, attempts, reason, detail };
    this.#counts[state] += 1;
    if (state !== "completed") this.#failures.push(registration);
    return registration;
  }
}
