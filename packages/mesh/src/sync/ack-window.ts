/**
 * What an acknowledgement proves. Per connection the update-carrying messages are counted as they are sent; when the first
 * n of them are acknowledged, everything that those messages, and what the peer had at the check, reach up to is proven.
 */

/** How far own publications reach: by the process's own count, and by the own Yjs clock. */
export interface Reach {
  readonly mark: number;
  readonly clock: number;
  /** Yjs client that the clock is of: a later incarnation counts anew. */
  readonly clientId: number;
}

export interface Acknowledged extends Reach {
  /** Of the newest message covered. */
  readonly roundTripMs: number;
}

interface SentMessage extends Reach {
  readonly sentMs: number;
}

const trimAt = 256;

export class AckWindow {
  #waiting: SentMessage[] = [];
  #head = 0;
  #sent = 0;
  #acked = 0;

  /** A sync step 2 or update was sent; with it everything within `reach` has been. */
  sent(reach: Reach, nowMs: number): void {
    this.#sent += 1;
    this.#waiting.push({ ...reach, sentMs: nowMs });
  }

  /** The first `count` messages are on disk. Undefined when that is no news. */
  acked(count: number, nowMs: number): Acknowledged | undefined {
    const upTo = Math.min(count, this.#sent);
    let proven: Acknowledged | undefined;
    while (this.#acked < upTo) {
      const { sentMs, ...reach } = this.#waiting[this.#head] as SentMessage;
      proven = { ...reach, roundTripMs: nowMs - sentMs };
      this.#head += 1;
      this.#acked += 1;
    }
    if (this.#head > trimAt) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return proven;
  }

  get unacknowledged(): number {
    return this.#sent - this.#acked;
  }

  /** Monotonic ms at which the oldest message without an answer was sent. */
  get oldestMs(): number | undefined {
    return this.#waiting[this.#head]?.sentMs;
  }
}
