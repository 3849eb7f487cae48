/** Writing to the state of a tab, all or nothing. */

import { invariant, type JsonValue, limits } from "@context-mesh/common";
import type { AgentTransaction, Arrival, Identity, LogRecord, OutboxRecord, SyncRecord } from "@context-mesh/ports";
import { Journal } from "./journal.ts";
import { TabView } from "./tab-view.ts";

export class TabTransaction extends TabView implements AgentTransaction {
  readonly #journal = new Journal();
  /** Updates appended by this transaction; they go to IndexedDB when it commits. */
  readonly appended: Uint8Array[] = [];

  rollback(): void {
    this.#journal.rollback();
  }

  setIdentity(identity: Identity): void {
    this.#journal.assign(this.live(), "identity", { ...identity });
  }

  nextSeqs(count: number): number {
    invariant(Number.isInteger(count) && count > 0, "nextSeqs needs a positive count");
    const first = this.live().seq + 1;
    this.#journal.assign(this.live(), "seq", first + count - 1);
    return first;
  }

  appendLog(record: { readonly at: number; readonly origin: string; readonly bytes: Uint8Array }): number {
    const state = this.live();
    const n = state.logHead + 1;
    const bytes = record.bytes.slice();
    this.#journal.assign(state, "logHead", n);
    this.#journal.push(state.log, { n, at: record.at, origin: record.origin, bytes });
    this.appended.push(bytes);
    return n;
  }

  compactLog(base: Uint8Array, n: number): void {
    const state = this.live();
    invariant(n <= state.logHead && n >= (state.base?.n ?? 0), `a base at ${n} fits no log up to ${state.logHead}`);
    this.#journal.assign(state, "base", { bytes: base.slice(), n });
    this.#journal.assign(state, "log", this.logSince(n) as LogRecord[]);
  }

  putOutbox(record: OutboxRecord): number | undefined {
    const { outbox, outboxSeqByKey } = this.live();
    const replaced = outboxSeqByKey.get(record.key);
    if (replaced !== undefined) this.#journal.delete(outbox, replaced);
    this.#journal.set(outbox, record.seq, { ...record, bytes: record.bytes.slice() });
    this.#journal.set(outboxSeqByKey, record.key, record.seq);
    return replaced;
  }

  deleteOutbox(seqs: readonly number[]): void {
    const { outbox, outboxSeqByKey } = this.live();
    for (const seq of seqs) {
      const queued = outbox.get(seq);
      if (queued === undefined) continue;
      this.#journal.delete(outbox, seq);
      this.#journal.delete(outboxSeqByKey, queued.key);
    }
  }

  setSeen(key: string, bytes: Uint8Array): void {
    this.#journal.set(this.live().seen, key, bytes.slice());
  }

  recordArrivals(arrivals: readonly Omit<Arrival, "n">[]): number {
    const state = this.live();
    for (const arrival of arrivals) {
      const n = state.arrivalHead + 1;
      const former = state.arrivalByKey.get(arrival.key);
      if (former !== undefined) this.#journal.delete(state.arrivals, former);
      this.#journal.assign(state, "arrivalHead", n);
      this.#journal.set(state.arrivals, n, { ...arrival, n });
      this.#journal.set(state.arrivalByKey, arrival.key, n);
    }
    return state.arrivalHead;
  }

  recordSync(record: SyncRecord): void {
    const { sync } = this.live();
    this.#journal.push(sync, { ...record });
    if (sync.length > limits.syncLogEntriesMax) this.#journal.shift(sync);
  }

  setValue(name: string, value: JsonValue | undefined): void {
    const { values } = this.live();
    if (value === undefined) this.#journal.delete(values, name);
    else this.#journal.set(values, name, structuredClone(value) as JsonValue);
  }
}
