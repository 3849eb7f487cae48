/** Reconnect delays with full jitter: uniform in [0, min(cap, base · 2^attempt)), so a crowd does not come back at once. */

import type { Random } from "./random.ts";

export interface BackoffOptions {
  readonly baseMs: number;
  readonly capMs: number;
}

/** Delay in ms before attempt number `attempt` (0 for the first retry). */
export const backoffMs = (attempt: number, options: BackoffOptions, random: Random): number => {
  const ceiling = Math.min(options.capMs, options.baseMs * 2 ** Math.min(attempt, 30));
  return random.float() * ceiling;
};
