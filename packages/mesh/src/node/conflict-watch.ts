/** Notices conflicts as they arise and as they are settled, and counts them for the health checks. */

import type { Clock } from "@context-mesh/common";
import type { Conflict, ContextView, Key } from "@context-mesh/document";

const hourMs = 3_600_000;
/** From here on looking through all conflicts is cheaper than looking at every changed key. */
const manyKeys = 500;

export class ConflictWatch {
  readonly #clock: Clock;
  /** What stood against each other when the conflict was last told, by key. */
  readonly #told = new Map<Key, string>();
  #times: number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Conflicts that are new, or have new candidates, among the changed keys. */
  changed(view: ContextView, keys: ReadonlySet<Key>): readonly Conflict[] {
    const fresh: Conflict[] = [];
    for (const key of keys.size > manyKeys ? this.#concerned(view, keys) : keys) {
      const conflict = view.conflictAt(key);
      if (conflict === undefined) {
        this.#told.delete(key);
        continue;
      }
      const standing = conflict.candidates.map((candidate) => candidate.id).join(" ");
      if (this.#told.get(key) === standing) continue;
      this.#told.set(key, standing);
      this.#times.push(this.#clock.monotonicMs());
      fresh.push(conflict);
    }
    return fresh;
  }

  /** Of very many keys only those that are in conflict, or were. */
  #concerned(view: ContextView, keys: ReadonlySet<Key>): readonly Key[] {
    const open = view.conflicts().map((conflict) => conflict.key);
    return [...new Set([...open, ...this.#told.keys()])].filter((key) => keys.has(key));
  }

  /** Takes what stands for known, without telling it again. */
  loaded(view: ContextView): void {
    this.#told.clear();
    for (const { key, candidates } of view.conflicts()) {
      this.#told.set(key, candidates.map((candidate) => candidate.id).join(" "));
    }
  }

  get lastHour(): number {
    const sinceMs = this.#clock.monotonicMs() - hourMs;
    this.#times = this.#times.filter((atMs) => atMs >= sinceMs);
    return this.#times.length;
  }
}
