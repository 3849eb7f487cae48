/** One machine's view of a shared clock: its own wall offset, sleep, and the loss of all its timers when it dies. */

import type { Clock, Timer } from "@context-mesh/common";

export class LocalClock implements Clock {
  readonly #base: Clock;
  readonly #timers = new Set<Timer>();
  #sleptMs = 0;
  #asleepSince: number | undefined;
  #missed: (() => void)[] = [];
  #isDead = false;
  /** Added to the wall time of the base clock. */
  wallOffsetMs: number;
  /** Wall milliseconds gained per millisecond: 0.001 is a clock that runs a thousandth too fast. */
  drift = 0;

  constructor(base: Clock, wallOffsetMs = 0) {
    this.#base = base;
    this.wallOffsetMs = wallOffsetMs;
  }

  wallMs(): number {
    return this.#base.wallMs() + this.wallOffsetMs + Math.round(this.#base.monotonicMs() * this.drift);
  }

  /** Stands still while the machine sleeps. */
  monotonicMs(): number {
    const now = this.#asleepSince ?? this.#base.monotonicMs();
    return now - this.#sleptMs;
  }

  after(delayMs: number, fn: () => void): Timer {
    return this.#own(fn, (run) => {
      const timer = this.#base.after(delayMs, () => {
        this.#timers.delete(timer);
        run();
      });
      return timer;
    });
  }

  every(periodMs: number, fn: () => void): Timer {
    return this.#own(fn, (run) => this.#base.every(periodMs, run));
  }

  /** The lid is closed: no timer runs, the monotonic clock stands still, the wall clock goes on. */
  sleep(): void {
    this.#asleepSince ??= this.#base.monotonicMs();
  }

  /** Timers that came due during the sleep run now, in order. */
  wake(): void {
    if (this.#asleepSince === undefined) return;
    this.#sleptMs += this.#base.monotonicMs() - this.#asleepSince;
    this.#asleepSince = undefined;
    const missed = this.#missed;
    this.#missed = [];
    for (const fn of new Set(missed)) fn();
  }

  /** The process is gone: no timer of this view ever fires again. */
  kill(): void {
    this.#isDead = true;
    this.#missed = [];
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  #own(fn: () => void, start: (run: () => void) => Timer): Timer {
    if (this.#isDead) return { cancel: () => {} };
    let isCancelled = false;
    const fire = (): void => {
      if (isCancelled || this.#isDead) return;
      try {
        fn();
      } catch (error) {
        // A process that was killed inside its own timer does not go on to throw.
        if (!this.#isDead) throw error;
      }
    };
    const timer = start(() => {
      if (this.#asleepSince === undefined) fire();
      else this.#missed.push(fire);
    });
    this.#timers.add(timer);
    return {
      cancel: () => {
        isCancelled = true;
        timer.cancel();
        this.#timers.delete(timer);
      },
    };
  }
}
