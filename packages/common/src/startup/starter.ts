/**
 * Starts what a program is made of: as much at once as the dependencies and the workers allow. What was started is stopped
 * in reverse, when told to or when the start fails.
 */

import { whenAborted } from "../abort.ts";
import type { Clock } from "../clock.ts";
import { MeshError } from "../errors.ts";
import { Releases } from "../lifecycle.ts";
import { limits } from "../limits.ts";
import { planStart, type StartPlan } from "./plan.ts";
import { blockers, isSuccess, nextMove, type StepState, type WorkerLimits } from "./progress.ts";
import { reportOf } from "./report.ts";
import type { StartMode, StartReport, Step, StopStep } from "./step.ts";

export interface StarterOptions {
  readonly clock: Clock;
  readonly steps: readonly Step[];
  /** Names in order; default: none. */
  readonly phases?: readonly string[];
  /** Steps of a group that may start at once; default `limits.startGroupWorkers`. */
  readonly groups?: Readonly<Record<string, number>>;
  /** Steps that may start at once; default `limits.startWorkers`. */
  readonly workersMax?: number;
  readonly mode?: StartMode;
  /** When a parallel start fails, everything is stopped and started once more, one by one. */
  readonly fallBackToSerial?: boolean;
}

const timedOut = (step: Step): MeshError =>
  new MeshError("start_timeout", `\`${step.name}\` did not start within ${step.timeoutMs} ms`, {
    hint: "Look at what it waits for.",
    retryable: true,
  });

/** One run through the plan. */
class Run {
  readonly states = new Map<string, StepState>();
  readonly beganMs: number;
  endedMs = 0;
  readonly #stops = new Map<string, StopStep>();
  readonly #plan: StartPlan;
  readonly #clock: Clock;
  readonly #workers: WorkerLimits;
  readonly #blockers: ReadonlySet<string>;
  readonly #abort = new AbortController();
  #running = 0;
  #isPumping = false;
  #finish: (() => void) | undefined;

  constructor(plan: StartPlan, clock: Clock, workers: WorkerLimits) {
    this.#plan = plan;
    this.#clock = clock;
    this.#workers = workers;
    this.#blockers = blockers(plan);
    this.beganMs = clock.monotonicMs();
  }

  get isSuccess(): boolean {
    return isSuccess(this.#plan, this.states);
  }

  async go(signal: AbortSignal | undefined): Promise<void> {
    const onAbort = (): void => this.#giveUp("the start was called off");
    const stopWaiting = whenAborted(signal, onAbort);
    if (signal?.aborted) onAbort();
    await new Promise<void>((resolve) => {
      this.#finish = resolve;
      this.#pump();
    });
    stopWaiting();
    this.endedMs = this.#clock.monotonicMs();
  }

  /** In reverse, going on past failures. */
  async stop(): Promise<void> {
    const releases = new Releases();
    for (const { name } of this.#plan.order) {
      const stop = this.#stops.get(name);
      if (stop !== undefined) releases.add(stop);
    }
    this.#stops.clear();
    await releases.release();
  }

  #pump(): void {
    // A step that starts without waiting ends inside #begin; the loop below then looks again.
    if (this.#isPumping) return;
    this.#isPumping = true;
    for (;;) {
      const { begin, leaveOut } = nextMove(this.#plan, this.states, this.#workers);
      for (const { step, because } of leaveOut) {
        const detail = `it needs \`${because}\``;
        this.states.set(step.name, { name: "left_out", reason: "dependency_failed", detail });
      }
      const [step] = begin;
      if (step === undefined && leaveOut.length === 0) break;
      if (step !== undefined) this.#begin(step);
    }
    this.#isPumping = false;
    if (this.#running === 0) this.#finish?.();
  }

  #begin(step: Step): void {
    const beganMs = this.#clock.monotonicMs();
    this.states.set(step.name, { name: "running", beganMs });
    this.#running += 1;
    try {
      const starting = step.start(this.#abort.signal);
      if (!(starting instanceof Promise)) this.#started(step, beganMs, starting);
      else this.#watch(step, beganMs, starting);
    } catch (error) {
      this.#failed(step, beganMs, error);
    }
  }

  #watch(step: Step, beganMs: number, starting: Promise<StopStep | undefined>): void {
    let isOver = false;
    const once = (settle: () => void): void => {
      if (isOver) return;
      isOver = true;
      timer?.cancel();
      settle();
      this.#pump();
    };
    const timer =
      step.timeoutMs === undefined
        ? undefined
        : this.#clock.after(step.timeoutMs, () => once(() => this.#failed(step, beganMs, timedOut(step))));
    starting.then(
      (stop) => {
        // Too late: whatever it acquired goes at once.
        if (isOver) Promise.resolve(stop?.()).catch(() => undefined);
        else once(() => this.#started(step, beganMs, stop));
      },
      (error) => once(() => this.#failed(step, beganMs, error)),
    );
  }

  #started(step: Step, beganMs: number, stop: StopStep | undefined): void {
    this.#running -= 1;
    this.states.set(step.name, { name: "started", beganMs, endedMs: this.#clock.monotonicMs() });
    if (stop !== undefined) this.#stops.set(step.name, stop);
  }

  #failed(step: Step, beganMs: number, error: unknown): void {
    this.#running -= 1;
    this.states.set(step.name, { name: "failed", beganMs, endedMs: this.#clock.monotonicMs(), error });
    if (this.#blockers.has(step.name)) this.#giveUp(`\`${step.name}\` failed`);
  }

  #giveUp(detail: string): void {
    for (const { name } of this.#plan.order) {
      if (!this.states.has(name)) this.states.set(name, { name: "left_out", reason: "given_up", detail });
    }
    this.#abort.abort(new MeshError("given_up", detail, { hint: "Look at the step that failed." }));
  }
}

export class Starter {
  readonly #options: StarterOptions;
  readonly #plan: StartPlan;
  #run: Run | undefined;
  #starting: Promise<StartReport> | undefined;
  #stopping: Promise<void> | undefined;

  /** Throws a MeshError for a plan that can never start: `dependency_cycle`, `unknown_dependency`, … */
  constructor(options: StarterOptions) {
    this.#options = options;
    const plan = planStart(options.steps, options.phases ?? []);
    if (!plan.ok) {
      throw new MeshError(plan.reason, plan.detail ?? plan.reason, { hint: "Correct the plan of the start." });
    }
    this.#plan = plan.value;
  }

  /** Resolves with what happened; after a failure everything is stopped again. The same promise for every call. */
  start(signal?: AbortSignal): Promise<StartReport> {
    this.#starting ??= this.#start(signal);
    return this.#starting;
  }

  /** Waits for a start that is under way, then stops in reverse. */
  stop(): Promise<void> {
    this.#stopping ??= (this.#starting ?? Promise.resolve()).then(() => this.#run?.stop());
    return this.#stopping;
  }

  async #start(signal: AbortSignal | undefined): Promise<StartReport> {
    const { mode = "parallel", fallBackToSerial = false } = this.#options;
    const first = await this.#try(mode, signal);
    if (first.isSuccess || mode === "serial" || !fallBackToSerial || signal?.aborted) {
      return this.#report(first, mode, undefined);
    }
    const failure = this.#report(first, mode, undefined).steps.find((step) => step.state === "failed");
    const again = await this.#try("serial", signal);
    return this.#report(again, "serial", failure === undefined ? "the start was given up" : `${failure.detail}`);
  }

  async #try(mode: StartMode, signal: AbortSignal | undefined): Promise<Run> {
    const { clock, groups = {}, workersMax = limits.startWorkers } = this.#options;
    const run = new Run(this.#plan, clock, {
      overall: mode === "serial" ? 1 : workersMax,
      ofGroup: (group) => groups[group] ?? limits.startGroupWorkers,
    });
    this.#run = run;
    await run.go(signal);
    if (!run.isSuccess) await run.stop();
    return run;
  }

  #report(run: Run, mode: StartMode, fellBackBecause: string | undefined): StartReport {
    const { states, beganMs, endedMs } = run;
    return reportOf({ plan: this.#plan, states, mode, fellBackBecause, beganMs, endedMs });
  }
}
