/** What keys show: the current entries of the document with the own queued ones laid over them, and which of them conflict. */

import { currentOf } from "../causal/dominance.ts";
import { isConflict } from "../causal/reading.ts";
import type { Entry, Key } from "../entry/types.ts";
import { isBookkeeping } from "../entry/writers.ts";
import type { EntryIndex } from "./entry-index.ts";
import { isSameContent, Queued, type Shown } from "./present.ts";

export class Showing {
  readonly #index: EntryIndex;
  readonly #queued = new Map<Key, Queued>();
  readonly #keyBySeq = new Map<number, Key>();
  readonly #conflicts = new Set<Key>();

  constructor(index: EntryIndex) {
    this.#index = index;
  }

  get conflicts(): ReadonlySet<Key> {
    return this.#conflicts;
  }

  get hasQueued(): boolean {
    return this.#queued.size > 0;
  }

  isQueued(key: Key): boolean {
    return this.#queued.has(key);
  }

  shown(key: Key): readonly Shown[] {
    const current = this.#index.current(key);
    const queued = this.#queued.get(key);
    return queued === undefined ? current : currentOf<Shown>([...current, queued], isSameContent).current;
  }

  *keys(prefix: string): Iterable<Key> {
    if (this.#index.mayHave(prefix)) {
      for (const key of this.#index.keys()) if (key.startsWith(prefix)) yield key;
    }
    for (const key of this.#queued.keys()) if (key.startsWith(prefix) && !this.#index.has(key)) yield key;
  }

  /** A queued entry of the same key is replaced. */
  enqueue(entry: Entry, agent: string): void {
    if (isBookkeeping(entry.key)) return;
    this.#forget(entry.key);
    this.#queued.set(entry.key, new Queued(entry, agent));
    this.#keyBySeq.set(entry.seq, entry.key);
    this.refresh(entry.key);
  }

  /** Returns the keys that lost their queued entry. */
  dequeue(seqs: Iterable<number>): Key[] {
    const gone: Key[] = [];
    for (const seq of seqs) {
      const key = this.#keyBySeq.get(seq);
      if (key === undefined) continue;
      this.#forget(key);
      gone.push(key);
    }
    for (const key of gone) this.refresh(key);
    return gone;
  }

  #forget(key: Key): void {
    const former = this.#queued.get(key);
    if (former === undefined) return;
    this.#queued.delete(key);
    this.#keyBySeq.delete(former.entry.seq);
  }

  /** Call after any change of what the key shows. */
  refresh(key: Key): void {
    if (this.#isSettled(key) || !isConflict(this.shown(key))) this.#conflicts.delete(key);
    else this.#conflicts.add(key);
  }

  #isSettled(key: Key): boolean {
    return !this.#queued.has(key) && this.#index.sole(key) !== undefined;
  }
}
