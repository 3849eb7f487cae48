/** A binary heap of timers, ordered by time and then by creation. Cancelled ones are dropped when they come up. */

import type { Timer } from "@context-mesh/common";

export interface DueTimer {
  readonly atMs: number;
  readonly fn: () => void;
}

interface Slot extends DueTimer {
  readonly order: number;
  isLive: boolean;
}

const isBefore = (a: Slot, b: Slot): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

export class TimerHeap {
  readonly #slots: Slot[] = [];
  #created = 0;
  #live = 0;

  /** Timers that have neither been taken nor cancelled. */
  get size(): number {
    return this.#live;
  }

  add(atMs: number, fn: () => void): Timer {
    const slot: Slot = { atMs, fn, order: this.#created++, isLive: true };
    this.#live += 1;
    this.#slots.push(slot);
    this.#rise(this.#slots.length - 1);
    return {
      cancel: () => {
        if (!slot.isLive) return;
        slot.isLive = false;
        this.#live -= 1;
      },
    };
  }

  /** Takes out the first timer that is due at `endMs` or earlier. */
  takeBefore(endMs: number): DueTimer | undefined {
    for (;;) {
      const first = this.#slots[0];
      if (first === undefined || (first.isLive && first.atMs > endMs)) return undefined;
      this.#removeFirst();
      if (!first.isLive) continue;
      first.isLive = false;
      this.#live -= 1;
      return first;
    }
  }

  #removeFirst(): void {
    const last = this.#slots.pop();
    if (last === undefined || this.#slots.length === 0) return;
    this.#slots[0] = last;
    this.#sink(0);
  }

  #rise(start: number): void {
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfBefore(at, parent)) return;
      at = parent;
    }
  }

  #sink(start: number): void {
    let at = start;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const child = this.#isSlotBefore(right, left) ? right : left;
      if (child >= this.#slots.length || !this.#swapIfBefore(child, at)) return;
      at = child;
    }
  }

  #isSlotBefore(i: number, j: number): boolean {
    const a = this.#slots[i];
    const b = this.#slots[j];
    return a !== undefined && b !== undefined && isBefore(a, b);
  }

  #swapIfBefore(i: number, j: number): boolean {
    const a = this.#slots[i] as Slot;
    const b = this.#slots[j] as Slot;
    if (!isBefore(a, b)) return false;
    this.#slots[i] = b;
    this.#slots[j] = a;
    return true;
  }
}
