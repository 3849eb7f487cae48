/**
 * The independent judge of a simulated run: a naive model of who had seen what. It shares no code with the document; it
 * knows writes only by their unique values and decides what each replica must show from the happens-before relation.
 */

export interface WrittenValue {
  /** Unique text of the value; it names the write. */
  readonly id: string;
  /** What was written, e.g. `task-3/title`. */
  readonly field: string;
  /** One life of one agent's store: a store that was lost or put back starts a new one. */
  readonly lineage: string;
  /** Values that the author had been shown when it decided to write. */
  readonly shown: readonly string[];
}

interface Known extends WrittenValue {
  /** Every write that this one knowingly replaces, transitively. */
  readonly covers: ReadonlySet<string>;
  readonly predecessor: string | undefined;
}

/** The newest own write to each field, as a life of a store knows it. */
export type OwnWrites = ReadonlyMap<string, string>;

export class Oracle {
  readonly #known = new Map<string, Known>();
  readonly #byField = new Map<string, Known[]>();
  readonly #lastOwn = new Map<string, Map<string, string>>();

  /** Takes note of a write at the moment its author decided it. */
  record(write: WrittenValue): void {
    const own = this.#ownOf(write.lineage);
    const predecessor = own.get(write.field);
    const covers = new Set<string>();
    for (const id of predecessor === undefined ? write.shown : [...write.shown, predecessor]) {
      covers.add(id);
      for (const older of this.#known.get(id)?.covers ?? []) covers.add(older);
    }
    const known = { ...write, covers, predecessor };
    this.#known.set(write.id, known);
    this.#writesTo(write.field).push(known);
    own.set(write.field, write.id);
  }

  /** The newest write of a life never came to its disk: for everybody it has not happened. */
  forget(id: string): void {
    const known = this.#known.get(id);
    if (known === undefined) return;
    this.#known.delete(id);
    this.#byField.set(
      known.field,
      this.#writesTo(known.field).filter((write) => write !== known),
    );
    const own = this.#ownOf(known.lineage);
    if (own.get(known.field) !== id) return;
    if (known.predecessor === undefined) own.delete(known.field);
    else own.set(known.field, known.predecessor);
  }

  /** What a backup of this life's store holds of its own writes. */
  ownWrites(lineage: string): OwnWrites {
    return new Map(this.#ownOf(lineage));
  }

  /** A new life that begins with what an older store knew. */
  begin(lineage: string, from: OwnWrites): void {
    this.#lastOwn.set(lineage, new Map(from));
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
  current(field: string, received: ReadonlySet<string>): ReadonlySet<string> {
    const writes = this.#writesTo(field);
    const replaced = new Set<string>();
    const current = new Set<string>();
    // Newest first: what a replaced write covers, its replacer covers too.
    for (let at = writes.length - 1; at >= 0; at -= 1) {
      const write = writes[at] as Known;
      if (!received.has(write.id) || replaced.has(write.id)) continue;
      current.add(write.id);
      for (const id of write.covers) replaced.add(id);
    }
    return current;
  }

  /** True when `id` is in `received`, or a write in `received` knowingly replaced it. */
  isAccountedFor(id: string, received: ReadonlySet<string>): boolean {
    if (received.has(id)) return true;
    const field = this.fieldOf(id);
    return field !== undefined && this.#writesTo(field).some((other) => other.covers.has(id) && received.has(other.id));
  }

  /** True when `received` holds a later write to the same field for which `isOf` holds. */
  hasLater(id: string, received: ReadonlySet<string>, isOf: (other: string) => boolean): boolean {
    const writes = this.#writesTo(this.fieldOf(id) ?? "");
    const at = writes.findIndex((write) => write.id === id);
    return at >= 0 && writes.slice(at + 1).some((write) => received.has(write.id) && isOf(write.id));
  }

  #writesTo(field: string): Known[] {
    const writes = this.#byField.get(field);
    if (writes !== undefined) return writes;
    const fresh: Known[] = [];
    this.#byField.set(field, fresh);
    return fresh;
  }

  #ownOf(lineage: string): Map<string, string> {
    const own = this.#lastOwn.get(lineage);
    if (own !== undefined) return own;
    const fresh = new Map<string, string>();
    this.#lastOwn.set(lineage, fresh);
    return fresh;
  }
}
