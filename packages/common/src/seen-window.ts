/** Which numbers of one source came already, in bounded memory: each is let through once, late ones within a window. */

export class SeenWindow {
  #highest = 0;
  /** Numbers below the highest that have not come. */
  readonly #missing = new Set<number>();
  readonly #gapsMax: number;

  constructor(gapsMax: number) {
    this.#gapsMax = gapsMax;
  }

  /** True the first time. A number that came too late to be told from a duplicate counts as one. */
  isNew(n: number): boolean {
    if (n <= this.#highest) return this.#missing.delete(n);
    const from = Math.max(this.#highest + 1, n - this.#gapsMax);
    for (let skipped = from; skipped < n; skipped++) this.#missing.add(skipped);
    this.#highest = n;
    for (const old of this.#missing) {
      if (this.#missing.size <= this.#gapsMax) break;
      this.#missing.delete(old);
    }
    return true;
  }
}

/** One window for each of the sources heard last. */
export class SeenWindows {
  readonly #bySource = new Map<string, SeenWindow>();
  readonly #sourcesMax: number;
  readonly #gapsMax: number;

  constructor(options: { readonly sourcesMax: number; readonly gapsMax: number }) {
    this.#sourcesMax = options.sourcesMax;
    this.#gapsMax = options.gapsMax;
  }

  isNew(source: string, n: number): boolean {
    const known = this.#bySource.get(source);
    const window = known ?? new SeenWindow(this.#gapsMax);
    if (known === undefined) {
      this.#bySource.set(source, window);
      const [oldest] = this.#bySource.keys();
      if (this.#bySource.size > this.#sourcesMax && oldest !== undefined) this.#bySource.delete(oldest);
    }
    return window.isNew(n);
  }
}
