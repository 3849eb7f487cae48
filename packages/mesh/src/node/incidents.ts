/** What went wrong and was dealt with, or was not: the newest of it, for whoever looks at the status. */

import type { Clock } from "@context-mesh/common";

interface Incident {
  readonly at: number;
  readonly code: string;
  readonly detail: string;
}

const keptMax = 20;

export class Incidents {
  readonly #clock: Clock;
  readonly #kept: Incident[] = [];
  #renewedMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(code: string, detail: string): void {
    const last = this.#kept.at(-1);
    // The same at every reconnect is one incident that lasts.
    if (last?.code === code && last.detail === detail) this.#kept.pop();
    this.#kept.push({ at: this.#clock.wallMs(), code, detail });
    if (this.#kept.length > keptMax) this.#kept.shift();
  }

  list(): readonly Incident[] {
    return [...this.#kept];
  }

  /** True at most once a minute: what is refused again as a new writer is not mended by another one. */
  mayRenew(): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#renewedMs < renewPauseMs) return false;
    this.#renewedMs = nowMs;
    return true;
  }
}

const renewPauseMs = 60_000;
