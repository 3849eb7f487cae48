/**
 * What this agent was last shown, per key: the basis of writes that name none. Kept in memory while the node runs, and
 * saved when it leaves, so that a later process (the next command) continues from what this one showed.
 */

import { isJsonObject, limits } from "@context-mesh/common";
import type { Basis, Key } from "@context-mesh/document";
import type { AgentTransaction, AgentView } from "@context-mesh/ports";

const rowName = (key: Key): string => `basis/${key}`;

export class BasisMemory {
  readonly #byKey = new Map<Key, Basis>();
  readonly #unsaved = new Set<Key>();

  /** Beyond the bound the longest unread are forgotten: their next write without a basis becomes a sibling. */
  remember(bases: Readonly<Record<Key, Basis>>): void {
    for (const [key, basis] of Object.entries(bases)) {
      this.#byKey.delete(key);
      this.#byKey.set(key, basis);
      this.#unsaved.add(key);
    }
    for (const key of this.#byKey.keys()) {
      if (this.#byKey.size <= limits.basisKeysMax) break;
      this.#byKey.delete(key);
      this.#unsaved.delete(key);
    }
  }

  /** The last basis shown for the key, by this process or an earlier one. */
  recall(key: Key, view: AgentView): Basis | undefined {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const row = view.getValue(rowName(key));
    if (!isJsonObject(row)) return undefined;
    const basis = row as Basis;
    this.#byKey.set(key, basis);
    return basis;
  }

  get hasUnsaved(): boolean {
    return this.#unsaved.size > 0;
  }

  save(tx: AgentTransaction): void {
    for (const key of [...this.#unsaved].slice(-limits.basisKeysSavedMax))
      tx.setValue(rowName(key), this.#byKey.get(key) ?? {});
    this.#unsaved.clear();
  }
}
