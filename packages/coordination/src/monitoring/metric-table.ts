/** What the values of each metric came to. */

import { limits } from "@context-mesh/common";

export interface MetricFigures {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly last: number;
}

export class MetricTable {
  readonly #byName = new Map<string, MetricFigures>();

  /** Values of names beyond the bound, and what is no number, are left out. */
  add(name: string, value: number): void {
    if (!Number.isFinite(value)) return;
    const known = this.#byName.get(name);
    if (known === undefined && this.#byName.size >= limits.metricNamesMax) return;
    const { count = 0, sum = 0, min = value, max = value } = known ?? {};
    this.#byName.set(name, {
      count: count + 1,
      sum: sum + value,
      min: Math.min(min, value),
      max: Math.max(max, value),
      last: value,
    });
  }

  figures(): Readonly<Record<string, MetricFigures>> {
    return Object.fromEntries(this.#byName);
  }
}
