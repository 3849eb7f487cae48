/** Updates with gaps, held back until what lies before them has come; bounded in bytes and time. */

import type { Member } from "../room/member.ts";
import type { Receipt } from "../session/acks.ts";
import type { Part } from "./judge.ts";

export interface HeldUpdate {
  readonly part: Part;
  readonly from: Member;
  readonly receipt: Receipt;
  /** Per client a clock that must be known before it is worth looking again. */
  missing: Map<number, number>;
  readonly heldMs: number;
}

export interface HeldBounds {
  readonly bytesMax: number;
  readonly countMax: number;
  readonly timeMs: number;
}

export interface ReadyQuestions {
  readonly isReady: (held: HeldUpdate) => boolean;
  readonly mayGoOn: () => boolean;
}

/** What is given up at once: each part of it is cut out, hashed and named, and the room has other work to do. */
const expiredMax = 100;
const expiredBytesMax = 256 * 2 ** 10;

/** All of them must come, so it is enough to listen for one at a time. */
const firstMissing = ({ missing }: HeldUpdate): number => {
  const [client = -1] = missing.keys();
  return client;
};

export class HeldUpdates {
  readonly #bounds: HeldBounds;
  /** Each with one of the clients that it waits for, oldest first. */
  readonly #held = new Map<HeldUpdate, number>();
  /** By that client: news of others need not be held against it. */
  readonly #waiting = new Map<number, Set<HeldUpdate>>();
  #bytes = 0;

  constructor(bounds: HeldBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Returns what had to give way, oldest first; the update itself when it alone is too large. */
  add(held: HeldUpdate): readonly HeldUpdate[] {
    this.#bytes += held.part.update.length;
    this.#wait(held);
    const dropped: HeldUpdate[] = [];
    const { bytesMax, countMax } = this.#bounds;
    while (this.#bytes > bytesMax || this.#held.size > countMax) dropped.push(this.#takeOut(this.#oldest()));
    return dropped;
  }

  /**
   * Takes out one update that waits for this client and is whole now. `isReady` brings `missing` up to date where it is not,
   * which takes as long as the update is large: "later" when there was no time to look at all of them.
   */
  takeReady(client: number, { isReady, mayGoOn }: ReadyQuestions): HeldUpdate | "later" | undefined {
    for (const held of this.#waiting.get(client) ?? []) {
      if (!mayGoOn()) return "later";
      if (isReady(held)) return this.#takeOut(held);
      if (firstMissing(held) === client) continue;
      this.#stopWaiting(held);
      this.#wait(held);
    }
    return undefined;
  }

  /** Takes out what was held for too long; not more at once than takes a moment. */
  expire(nowMs: number): readonly HeldUpdate[] {
    const expired: HeldUpdate[] = [];
    let bytes = 0;
    for (const held of this.#held.keys()) {
      const isEnough = expired.length >= expiredMax || bytes >= expiredBytesMax;
      if (isEnough || nowMs - held.heldMs < this.#bounds.timeMs) break;
      bytes += held.part.update.length;
      expired.push(this.#takeOut(held));
    }
    return expired;
  }

  #oldest(): HeldUpdate {
    const [oldest] = this.#held.keys();
    return oldest as HeldUpdate;
  }

  #takeOut(held: HeldUpdate): HeldUpdate {
    this.#stopWaiting(held);
    this.#held.delete(held);
    this.#bytes -= held.part.update.length;
    return held;
  }

  #wait(held: HeldUpdate): void {
    const client = firstMissing(held);
    this.#held.set(held, client);
    const waiting = this.#waiting.get(client);
    if (waiting === undefined) this.#waiting.set(client, new Set([held]));
    else waiting.add(held);
  }

  #stopWaiting(held: HeldUpdate): void {
    const client = this.#held.get(held) as number;
    const waiting = this.#waiting.get(client);
    waiting?.delete(held);
    if (waiting?.size === 0) this.#waiting.delete(client);
  }
}
