/**
 * Slows down whoever opens many rooms or comes back after a refusal: old clients ignore close codes and return at once.
 * Refused ones are counted by address, room and token together, so that one bad tab does not lock out its neighbours.
 */

import { sha256, toHex, utf8 } from "@context-mesh/common";
import type { ConnectionInfo } from "./options.ts";
import { Rate } from "./session/rate.ts";

export interface PacingOptions {
  readonly opensPerMinute: number;
  readonly refusalsPerMinute: number;
}

export class Pacing {
  readonly #options: PacingOptions;
  readonly #opens = new Map<string, Rate>();
  readonly #refusals = new Map<string, Rate>();

  constructor(options: PacingOptions) {
    this.#options = options;
  }

  /** False when this address opens too much, or when this visitor was refused too often. */
  mayOpen(info: ConnectionInfo, nowMs: number): boolean {
    const refused = this.#refusals.get(visitorOf(info));
    if (refused !== undefined && !refused.hasToken(nowMs)) return false;
    const { opensPerMinute } = this.#options;
    return rateOf(this.#opens, info.remote, opensPerMinute, nowMs).take(nowMs) === 0;
  }

  refused(info: ConnectionInfo, nowMs: number): void {
    rateOf(this.#refusals, visitorOf(info), this.#options.refusalsPerMinute, nowMs).take(nowMs);
  }

  /** Forgets whom it makes no difference to remember. */
  tick(nowMs: number): void {
    for (const rates of [this.#opens, this.#refusals]) {
      for (const [key, rate] of rates) if (rate.isFull(nowMs)) rates.delete(key);
    }
  }
}

const rateOf = (rates: Map<string, Rate>, key: string, perMinute: number, nowMs: number): Rate => {
  const known = rates.get(key);
  if (known !== undefined) return known;
  const rate = new Rate(perMinute / 60, perMinute, nowMs);
  rates.set(key, rate);
  return rate;
};

/** A token is never kept in the clear. */
const visitorOf = ({ remote, room, token }: ConnectionInfo): string =>
  `${remote} ${room} ${token === undefined ? "" : toHex(sha256(utf8(token)).subarray(0, 8))}`;
