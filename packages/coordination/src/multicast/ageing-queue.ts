/** A queue by priority in which waiting counts: whoever waits long enough overtakes newcomers of a higher priority. */

import { limits } from "@context-mesh/common";
import { type Priority, priorities, rankOfPriority } from "./message.ts";

interface Waiting<T> {
  readonly item: T;
  readonly sinceMs: number;
}

/** Ranks gained by waiting: one for each period. */
export const agedRank = (priority: Priority, waitedMs: number): number =>
  rankOfPriority(priority) + Math.max(0, waitedMs) / limits.priorityAgeMs;

class Lane<T> {
  #items: (Waiting<T> | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  get first(): Waiting<T> | undefined {
    return this.#items[this.#head];
  }

  push(waiting: Waiting<T>): void {
    this.#items.push(waiting);
  }

  unshift(waiting: Waiting<T>): void {
    if (this.#head === 0) this.#items.unshift(waiting);
    else {
      this.#head -= 1;
      this.#items[this.#head] = waiting;
    }
  }

  shift(): T | undefined {
    const first = this.first;
    if (first === undefined) return undefined;
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head > 1_024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return first.item;
  }
}

export class AgeingQueue<T> {
  readonly #lanes = new Map<Priority, Lane<T>>(priorities.map((priority) => [priority, new Lane<T>()]));
  readonly #itemsMax: number;
  #size = 0;

  constructor(itemsMax: number) {
    this.#itemsMax = itemsMax;
  }

  get size(): number {
    return this.#size;
  }

  /** False, and nothing changed, when it is full. */
  push(item: T, priority: Priority, nowMs: number): boolean {
    if (this.#size >= this.#itemsMax) return false;
    this.#size += 1;
    this.#lanes.get(priority)?.push({ item, sinceMs: nowMs });
    return true;
  }

  /** Back to the front of its priority, waiting since `sinceMs`: for what was shifted and not used. */
  unshift(item: T, priority: Priority, sinceMs: number): void {
    this.#size += 1;
    this.#lanes.get(priority)?.unshift({ item, sinceMs });
  }

  /** The most urgent now; of equals the one of the higher priority, then the one that waits longer. */
  shift(nowMs: number): T | undefined {
    let best: { readonly lane: Lane<T>; readonly rank: number } | undefined;
    for (const [priority, lane] of this.#lanes) {
      if (lane.first === undefined) continue;
      const rank = agedRank(priority, nowMs - lane.first.sinceMs);
      if (best === undefined || rank >= best.rank) best = { lane, rank };
    }
    if (best === undefined) return undefined;
    this.#size -= 1;
    return best.lane.shift();
  }
}
