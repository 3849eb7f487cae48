/** Updates with gaps, held back until what lies before them has come; bounded in bytes and time. */

import type { Member } from "../room/member.ts";
import type { Receipt } from "../session/acks.ts";
import type { Part } from "./judge.ts";

export interface HeldUpdate {
  readonly part: Part;
  readonly from: Member;
  readonly receipt: Receipt;
  /** Per client a clock that must be known before it is worth looking again. */
  missing: ReadonlyMap<number, number>;
  readonly heldMs: number;
}

export interface HeldBounds {
  readonly bytesMax: number;
  readonly countMax: number;
  readonly timeMs: number;
}

export class HeldUpdates {
  readonly #bounds: HeldBounds;
  #held: HeldUpdate[] = [];
  #bytes = 0;

  constructor(bounds: HeldBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#held.length;
  }

  /** Returns what had to give way, oldest first; the update itself when it alone is too large. */
  add(held: HeldUpdate): readonly HeldUpdate[] {
    this.#held.push(held);
    this.#bytes += held.part.update.length;
    const dropped: HeldUpdate[] = [];
    const { bytesMax, countMax } = this.#bounds;
    while (this.#bytes > bytesMax || this.#held.length > countMax) dropped.push(this.#shift());
    return dropped;
  }

  /** Takes out one update that is whole now. */
  takeReady(isReady: (held: HeldUpdate) => boolean): HeldUpdate | undefined {
    const at = this.#held.findIndex(isReady);
    if (at < 0) return undefined;
    const [ready] = this.#held.splice(at, 1);
    this.#bytes -= ready?.part.update.length ?? 0;
    return ready;
  }

  /** Takes out what was held for too long. */
  expire(nowMs: number): readonly HeldUpdate[] {
    const expired: HeldUpdate[] = [];
    while (this.#held[0] !== undefined && nowMs - this.#held[0].heldMs >= this.#bounds.timeMs) {
      expired.push(this.#shift());
    }
    return expired;
  }

  #shift(): HeldUpdate {
    const first = this.#held.shift() as HeldUpdate;
    this.#bytes -= first.part.update.length;
    return first;
  }
}
