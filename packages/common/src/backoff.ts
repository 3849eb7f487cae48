/** Reconnect delays with full jitter: uniform below a ceiling that doubles with each attempt, so a crowd does not come back at once. */

import { limits } from "./limits.ts";
import type { Random } from "./random.ts";

export interface BackoffOptions {
  readonly baseMs: number;
  readonly capMs: number;
  /** The ceiling stays at `capMs` of these for so many attempts before it goes on to double. */
  readonly early?: { readonly capMs: number; readonly attempts: number };
}

/** Of nodes and peer links: what is away for less than half a minute is a restart, after which all want to be back in seconds. */
export const reconnectBackoff: BackoffOptions = {
  baseMs: limits.reconnectBaseMs,
  capMs: limits.reconnectCapMs,
  early: { capMs: limits.reconnectEarlyCapMs, attempts: limits.reconnectEarlyAttempts },
};

/** The longest delay in ms before attempt number `attempt` (0 for the first retry). */
export const backoffCeilingMs = (attempt: number, { baseMs, capMs, early }: BackoffOptions): number => {
  const doubled = baseMs * 2 ** Math.min(attempt, 30);
  if (early === undefined) return Math.min(capMs, doubled);
  const late = attempt - early.attempts;
  return Math.min(capMs, late < 0 ? Math.min(early.capMs, doubled) : early.capMs * 2 ** Math.min(late + 1, 30));
};

/** Delay in ms before attempt number `attempt`. */
export const backoffMs = (attempt: number, options: BackoffOptions, random: Random): number =>
  random.float() * backoffCeilingMs(attempt, options);
