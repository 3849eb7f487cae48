/** Collects changes: only what differs from what is shown, each with the basis of the read it follows from. */

import { err, type JsonValue, jsonEqual, ok } from "@context-mesh/common";
import { standsForSeveral } from "../context/conflicts.ts";
import type { ContextView } from "../context/view.ts";
import type { EntryMeta, Key, Reading } from "../entry/types.ts";
import { normaliseValue } from "../entry/value.ts";
import type { Author, Change, OperationRefusal, Outcome } from "./types.ts";

const metaOf = (author: Author, reading: Reading): EntryMeta | undefined => {
  const meta = {
    ...(author.level === undefined ? {} : { level: author.level }),
    ...(author.reason === undefined ? {} : { reason: author.reason }),
    ...(author.standing === undefined ? {} : { standing: author.standing }),
    ...carried(reading),
  };
  return Object.keys(meta).length === 0 ? undefined : meta;
};

/** An undone resolution stands for several values. Writing over the one that is shown leaves the others standing. */
const carried = (reading: Reading): EntryMeta => {
  const { winner } = reading;
  if (!standsForSeveral(winner) || winner.meta?.undoes === undefined) return {};
  const others = (winner.meta.resolves ?? []).filter((loser) => !jsonEqual(loser.value, winner.value));
  return others.length === 0 ? {} : { undoes: winner.meta.undoes, resolves: others };
};

export class ChangeSet {
  readonly view: ContextView;
  readonly author: Author;
  readonly #changes = new Map<Key, Change>();
  #refusal: { readonly reason: OperationRefusal; readonly detail: string } | undefined;

  constructor(view: ContextView, author: Author) {
    this.view = view;
    this.author = author;
  }

  /** What the key will hold when the changes are applied. */
  valueOf(key: Key): JsonValue | undefined {
    const change = this.#changes.get(key);
    return change === undefined ? this.view.replica.valueOf(key) : change.value;
  }

  has(key: Key): boolean {
    return this.#changes.has(key);
  }

  set(key: Key, value: JsonValue): void {
    const normal = normaliseValue(value);
    if (!normal.ok) {
      this.refuse(normal.reason, `${this.view.keyToPath(key)}: ${normal.detail ?? ""}`);
      return;
    }
    this.#changes.delete(key);
    const reading = this.view.replica.read(key);
    if (reading.winner !== undefined && jsonEqual(reading.winner.value, normal.value)) return;
    this.put(key, normal.value, reading);
  }

  /** `explicit`: says "not there" even where nothing was ever written. */
  remove(key: Key, explicit = false): void {
    this.#changes.delete(key);
    const reading = this.view.replica.read(key);
    if (
      reading.winner === undefined ? !explicit && reading.candidates.length === 0 : reading.winner.value === undefined
    )
      return;
    this.put(key, undefined, reading);
  }

  /** Writes whatever is shown now. */
  put(key: Key, value: JsonValue | undefined, reading: Reading, more: Partial<Change> = {}): void {
    const meta = { ...metaOf(this.author, reading), ...more.meta };
    this.#changes.set(key, {
      key,
      value,
      basis: more.basis ?? this.author.basis?.[key] ?? reading.basis,
      ...(Object.keys(meta).length === 0 ? {} : { meta }),
      ...(this.author.level === undefined ? {} : { level: this.author.level }),
    });
  }

  refuse(reason: OperationRefusal, detail: string): void {
    this.#refusal ??= { reason, detail };
  }

  get size(): number {
    return this.#changes.size;
  }

  outcome(): Outcome {
    if (this.#refusal !== undefined) return err(this.#refusal.reason, this.#refusal.detail);
    return ok([...this.#changes.values()]);
  }
}
