/** A first-in first-out queue with a bound in weight (bytes, usually). */

export class BoundedQueue<T> {
  #items: { readonly item: T; readonly weight: number }[] = [];
  #head = 0;
  #weight = 0;
  readonly #weightMax: number;

  constructor(weightMax: number) {
    this.#weightMax = weightMax;
  }

  get weight(): number {
    return this.#weight;
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  /** False, and nothing changed, when the item does not fit. */
  push(item: T, weight: number): boolean {
    if (this.#weight + weight > this.#weightMax) return false;
    this.#items.push({ item, weight });
    this.#weight += weight;
    return true;
  }

  shift(): T | undefined {
    const entry = this.#items[this.#head];
    if (entry === undefined) return undefined;
    this.#head += 1;
    this.#weight -= entry.weight;
    if (this.#head > 1_024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return entry.item;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
    this.#weight = 0;
  }
}
