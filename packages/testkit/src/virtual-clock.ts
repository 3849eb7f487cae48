/** Time that moves only when a test says so. Timers fire in order of time, then of creation; promises settle in between. */

import { type Clock, nextTurn, type Timer } from "@context-mesh/common";
import { TimerHeap } from "./timer-heap.ts";

export class VirtualClock implements Clock {
  #nowMs = 0;
  #startWallMs: number;
  #advancing = false;
  readonly #timers = new TimerHeap();

  /** `startWallMs` defaults to 2026-01-01T00:00:00Z. */
  constructor(startWallMs: number = Date.UTC(2026, 0, 1)) {
    this.#startWallMs = startWallMs;
  }

  wallMs(): number {
    return this.#startWallMs + this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  /** Lets the wall clock jump, forwards or back; timers and the monotonic clock do not notice. */
  jumpWall(byMs: number): void {
    this.#startWallMs += byMs;
  }

  /** Timers that have neither fired nor been cancelled. */
  get pending(): number {
    return this.#timers.size;
  }

  after(delayMs: number, fn: () => void): Timer {
    return this.#timers.add(this.#nowMs + Math.max(0, delayMs), fn);
  }

  every(periodMs: number, fn: () => void): Timer {
    if (!(periodMs > 0)) throw new Error("a period must be positive");
    let timer: Timer;
    const fire = (): void => {
      timer = this.after(periodMs, fire);
      fn();
    };
    timer = this.after(periodMs, fire);
    return { cancel: () => timer.cancel() };
  }

  /** Moves on by `ms`, firing what is due; resolves when promises have settled too. Rejects with what a timer throws. */
  advance(ms: number): Promise<void> {
    return this.advanceTo(this.#nowMs + ms);
  }

  /** Moves on to the given monotonic time. */
  async advanceTo(monotonicMs: number): Promise<void> {
    await this.#exclusive(async () => {
      await nextTurn();
      while (await this.#fireNext(monotonicMs)) {
        // every step is in the condition
      }
      this.#nowMs = Math.max(this.#nowMs, monotonicMs);
    });
  }

  /** Moves on, timer by timer, until `isDone` holds. False when it did not within `maxMs`. */
  async advanceUntil(isDone: () => boolean, maxMs = 60_000): Promise<boolean> {
    const endMs = this.#nowMs + maxMs;
    await this.#exclusive(async () => {
      await nextTurn();
      while (!isDone() && (await this.#fireNext(endMs))) {
        // every step is in the condition
      }
    });
    return isDone();
  }

  /** Moves on until the promise settles, and returns its outcome. Throws when it does not within `maxMs`. */
  async waitFor<T>(promise: Promise<T>, maxMs = 60_000): Promise<T> {
    let isSettled = false;
    const mark = (): void => {
      isSettled = true;
    };
    promise.then(mark, mark);
    if (!(await this.advanceUntil(() => isSettled, maxMs))) throw new Error(`not settled within ${maxMs} virtual ms`);
    return promise;
  }

  async #fireNext(endMs: number): Promise<boolean> {
    const due = this.#timers.takeBefore(endMs);
    if (due === undefined) return false;
    this.#nowMs = Math.max(this.#nowMs, due.atMs);
    due.fn();
    await nextTurn();
    return true;
  }

  async #exclusive(body: () => Promise<void>): Promise<void> {
    if (this.#advancing) throw new Error("the clock is already being advanced");
    this.#advancing = true;
    try {
      await body();
    } finally {
      this.#advancing = false;
    }
  }
}
