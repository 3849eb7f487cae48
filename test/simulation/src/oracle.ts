/**
 * The independent judge of a simulated run: a naive model of who had seen what. It shares no code with the document; it
 * knows writes only by their unique values and decides what each replica must show from the happens-before relation.
 */

export interface WrittenValue {
  /** Unique text of the value; it names the write. */
  readonly id: string;
  /** What was written, e.g. `task-3/title`. */
  readonly field: string;
  /** One life of one agent's store: a store that was lost starts a new one. */
  readonly lineage: string;
  /** Values that the author had been shown when it decided to write. */
  readonly shown: readonly string[];
}

interface Known extends WrittenValue {
  /** Every write that this one knowingly replaces, transitively. */
  readonly covers: ReadonlySet<string>;
}

export class Oracle {
  readonly #known = new Map<string, Known>();
  readonly #lastOwn = new Map<string, string>();

  /** Takes note of a write at the moment its author decided it. */
  record(write: WrittenValue): void {
    const own = this.#lastOwn.get(`${write.lineage} ${write.field}`);
    const covers = new Set<string>();
    for (const id of own === undefined ? write.shown : [...write.shown, own]) {
      covers.add(id);
      for (const older of this.#known.get(id)?.covers ?? []) covers.add(older);
    }
    this.#known.set(write.id, { ...write, covers });
    this.#lastOwn.set(`${write.lineage} ${write.field}`, write.id);
  }

  has(id: string): boolean {
    return this.#known.has(id);
  }

  fieldOf(id: string): string | undefined {
    return this.#known.get(id)?.field;
  }

  get size(): number {
    return this.#known.size;
  }

  /** What a reader of `field` must see after receiving exactly `received`: the values nobody among them replaced. */
  current(field: string, received: Iterable<string>): ReadonlySet<string> {
    const here = [...received].map((id) => this.#known.get(id)).filter((write) => write?.field === field);
    const replaced = new Set<string>();
    for (const write of here) for (const id of write?.covers ?? []) replaced.add(id);
    return new Set(here.map((write) => (write as Known).id).filter((id) => !replaced.has(id)));
  }

  /** True when `id` is in `received`, or a write in `received` knowingly replaced it. */
  isAccountedFor(id: string, received: ReadonlySet<string>): boolean {
    if (received.has(id)) return true;
    for (const other of received) if (this.#known.get(other)?.covers.has(id)) return true;
    return false;
  }
}
