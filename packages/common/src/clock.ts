/** Time as a dependency. Wall time is for people and for order hints; durations are measured on the monotonic clock. */

import { whenAborted } from "./abort.ts";

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. May jump in either direction. */
  wallMs(): number;
  /** Milliseconds since an arbitrary point; never goes back. Stands still while the machine is suspended. */
  monotonicMs(): number;
  /** Calls `fn` once after `delayMs`. Timers do not keep a process alive unless `keepAlive` is true. */
  after(delayMs: number, fn: () => void, options?: { readonly keepAlive?: boolean }): Timer;
  /** Calls `fn` every `periodMs`, first after one period. */
  every(periodMs: number, fn: () => void): Timer;
}

type NodeTimer = { unref?: () => void };

const relax = (timer: unknown): void => {
  (timer as NodeTimer).unref?.();
};

// The types of timers differ between Node and browsers, so they are reached through globalThis.
const timers = globalThis as unknown as {
  setTimeout(fn: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  setInterval(fn: () => void, ms: number): unknown;
  clearInterval(timer: unknown): void;
  setImmediate?: (fn: () => void) => unknown;
  performance: { now(): number };
};

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => timers.performance.now(),
  after(delayMs, fn, options) {
    const timer = timers.setTimeout(fn, delayMs);
    if (options?.keepAlive !== true) relax(timer);
    return { cancel: () => timers.clearTimeout(timer) };
  },
  every(periodMs, fn) {
    const timer = timers.setInterval(fn, periodMs);
    relax(timer);
    return { cancel: () => timers.clearInterval(timer) };
  },
};

/** Resolves after `delayMs` on the given clock, or rejects with the signal's reason. Keeps the process alive. */
export const sleep = (clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const stopWaiting = whenAborted(signal, () => {
      timer.cancel();
      reject(signal?.reason);
    });
    const timer = clock.after(
      delayMs,
      () => {
        stopWaiting();
        resolve();
      },
      { keepAlive: true },
    );
  });

/** Resolves in the next turn of the event loop, after every promise chain that needs no timer and no I/O has gone on. */
export const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    if (timers.setImmediate === undefined) timers.setTimeout(resolve, 0);
    else timers.setImmediate(resolve);
  });
