/**
 * One list of a context, kept in order while items come, go and change: binary search for the place, and a snapshot that
 * is copied only when somebody reads after a change. A change of one item among 100,000 costs one search and one splice.
 */

import type { JsonValue } from "@context-mesh/common";

/** Lists are sorted by rank, then second rank, then id. */
export interface ItemState {
  readonly entity: string;
  readonly id: string;
  readonly rank: number;
  readonly secondRank: number;
  /** The list it stands in; undefined when it is in none. */
  readonly group: string | undefined;
}

const compareItems = (a: ItemState, b: ItemState): number => {
  if (a.rank !== b.rank) return a.rank - b.rank;
  if (a.secondRank !== b.secondRank) return a.secondRank - b.secondRank;
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  return a.entity < b.entity ? -1 : a.entity > b.entity ? 1 : 0;
};

export class SortedItems {
  readonly #states: ItemState[] = [];
  readonly #values: (JsonValue | undefined)[] = [];
  readonly #stale = new Set<ItemState>();
  #snapshot: readonly JsonValue[] | undefined;

  get size(): number {
    return this.#states.length;
  }

  get states(): readonly ItemState[] {
    return this.#states;
  }

  #place(state: ItemState): number {
    let [low, high] = [0, this.#states.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareItems(this.#states[middle] as ItemState, state) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Many at once, before anybody reads. */
  fill(states: ItemState[]): void {
    states.sort(compareItems);
    for (const state of states) {
      this.#states.push(state);
      this.#values.push(undefined);
      this.#stale.add(state);
    }
    this.#snapshot = undefined;
  }

  insert(state: ItemState): void {
    const at = this.#place(state);
    this.#states.splice(at, 0, state);
    this.#values.splice(at, 0, undefined);
    this.#stale.add(state);
    this.#snapshot = undefined;
  }

  remove(state: ItemState): void {
    const at = this.#place(state);
    if (this.#states[at] !== state) return;
    this.#states.splice(at, 1);
    this.#values.splice(at, 1);
    this.#stale.delete(state);
    this.#snapshot = undefined;
  }

  /** The item changed and may have moved. */
  replace(before: ItemState, after: ItemState): void {
    if (compareItems(before, after) !== 0) {
      this.remove(before);
      this.insert(after);
      return;
    }
    const at = this.#place(before);
    this.#states[at] = after;
    this.#stale.delete(before);
    this.#stale.add(after);
    this.#snapshot = undefined;
  }

  /** The items in order. The same array as long as nothing changed; never changed afterwards. */
  read(project: (state: ItemState) => JsonValue): readonly JsonValue[] {
    if (this.#snapshot !== undefined) return this.#snapshot;
    for (const state of this.#stale) this.#values[this.#place(state)] = project(state);
    this.#stale.clear();
    this.#snapshot = this.#values.slice() as JsonValue[];
    return this.#snapshot;
  }
}
