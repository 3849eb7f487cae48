/** What was read or built for one reader of a log, kept for the others that come to the same place. Bounded; the oldest go first. */

export interface SharedReadsOptions<V> {
  readonly bytesMax: number;
  readonly bytesOf: (value: V) => number;
}

export class SharedReads<K, V> {
  readonly #options: SharedReadsOptions<V>;
  readonly #kept = new Map<K, V>();
  readonly #running = new Map<K, Promise<V>>();
  #bytes = 0;

  constructor(options: SharedReadsOptions<V>) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: K): V | undefined {
    return this.#kept.get(key);
  }

  keep(key: K, value: V): void {
    this.#drop(key);
    this.#kept.set(key, value);
    this.#bytes += this.#options.bytesOf(value);
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#options.bytesMax) return;
      this.#drop(oldest);
    }
  }

  /** Reads once for all who ask before it has come. Failures are not kept. */
  once(key: K, read: () => Promise<V>): Promise<V> {
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const reading = read().finally(() => this.#running.delete(key));
    this.#running.set(key, reading);
    return reading;
  }

  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }

  #drop(key: K): void {
    const value = this.#kept.get(key);
    if (value === undefined) return;
    this.#kept.delete(key);
    this.#bytes -= this.#options.bytesOf(value);
  }
}
