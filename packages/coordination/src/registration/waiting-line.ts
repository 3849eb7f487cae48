/** Registrations that wait: in the order they came, or by priority and then in that order. */

import { type BatchStrategy, priorityRanks, type RegistrationPriority } from "./batching.ts";

export class WaitingLine<T extends { readonly priority: RegistrationPriority }> {
  readonly #lines: T[][] = [[], [], [], []];
  readonly #isByPriority: boolean;

  constructor(strategy: BatchStrategy) {
    this.#isByPriority = strategy.kind === "priority_based";
  }

  get size(): number {
    return this.#lines.reduce((sum, line) => sum + line.length, 0);
  }

  /** The one that has waited longest in the most urgent line. */
  get first(): T | undefined {
    return this.#lines.find((line) => line.length > 0)?.[0];
  }

  add(item: T): void {
    this.#lines[this.#isByPriority ? priorityRanks[item.priority] : 0]?.push(item);
  }

  take(count: number): readonly T[] {
    const taken: T[] = [];
    for (const line of this.#lines) if (taken.length < count) taken.push(...line.splice(0, count - taken.length));
    return taken;
  }

  remove(item: T): void {
    for (const line of this.#lines) {
      const at = line.indexOf(item);
      if (at >= 0) line.splice(at, 1);
    }
  }
}
