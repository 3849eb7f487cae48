/** The clocks of one machine: skewed, drifting, stopped with the process or asleep with the machine. */

import type { Clock, Timer } from "@context-mesh/common";

export class MachineClock implements Clock {
  readonly #base: Clock;
  readonly #rate: number;
  readonly #skewMs: number;
  readonly #timers = new Set<Timer>();
  #isStopped = false;
  #isDead = false;
  #sleptMs = 0;
  #asleepSinceMs: number | undefined;
  #missed: (() => void)[] = [];

  constructor(base: Clock, options: { readonly rate: number; readonly skewMs: number }) {
    this.#base = base;
    this.#rate = options.rate;
    this.#skewMs = options.skewMs;
  }

  wallMs(): number {
    return Math.floor(this.#base.wallMs() * this.#rate + this.#skewMs);
  }

  monotonicMs(): number {
    return ((this.#asleepSinceMs ?? this.#base.monotonicMs()) - this.#sleptMs) * this.#rate;
  }

  after(delayMs: number, fn: () => void): Timer {
    if (this.#isDead) return { cancel: () => {} };
    // Whole milliseconds: a rest that rounds to nothing would fire for ever at one moment.
    const timer = this.#base.after(Math.ceil(delayMs / this.#rate), () => {
      this.#timers.delete(timer);
      this.#run(fn);
    });
    this.#timers.add(timer);
    return timer;
  }

  every(periodMs: number, fn: () => void): Timer {
    if (this.#isDead) return { cancel: () => {} };
    const timer = this.#base.every(periodMs / this.#rate, () => this.#run(fn));
    this.#timers.add(timer);
    return timer;
  }

  /** The process is stopped; its clocks go on. With `asleep` the machine sleeps, and the monotonic clock stands still. */
  stop(asleep: boolean): void {
    this.#isStopped = true;
    if (asleep) this.#asleepSinceMs ??= this.#base.monotonicMs();
  }

  goOn(): void {
    if (this.#asleepSinceMs !== undefined) this.#sleptMs += this.#base.monotonicMs() - this.#asleepSinceMs;
    this.#asleepSinceMs = undefined;
    this.#isStopped = false;
    const missed = this.#missed;
    this.#missed = [];
    for (const fn of new Set(missed)) fn();
  }

  kill(): void {
    this.#isDead = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  #run(fn: () => void): void {
    if (this.#isDead) return;
    if (this.#isStopped) this.#missed.push(fn);
    else fn();
  }
}
