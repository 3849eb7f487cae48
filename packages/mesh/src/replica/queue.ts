/** What waits in the durable outbox, mirrored in memory: at most one entry a key. The store's rows are the truth. */

import { levelOr, rankOf } from "@context-mesh/coordination";
import { decodeEntry, type Entry } from "@context-mesh/document";
import type { OutboxRecord } from "@context-mesh/ports";
import type { SyncLevel } from "@context-mesh/schema";

export interface QueuedEntry {
  readonly entry: Entry;
  readonly level: SyncLevel;
  readonly at: number;
  /** Encoded size. */
  readonly bytes: number;
}

const queuedFrom = (record: OutboxRecord): QueuedEntry => ({
  entry: decodeEntry(record.bytes),
  level: levelOr(record.level),
  at: record.at,
  bytes: record.bytes.length,
});

export interface QueueDifference {
  readonly added: readonly QueuedEntry[];
  readonly removed: readonly QueuedEntry[];
}

export class EntryQueue {
  readonly #bySeq = new Map<number, QueuedEntry>();
  readonly #seqByKey = new Map<string, number>();
  #bytes = 0;

  get size(): number {
    return this.#bySeq.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Wall clock of the oldest write that waits. */
  get oldestAt(): number | undefined {
    let oldest: number | undefined;
    for (const { at } of this.#bySeq.values()) oldest = oldest === undefined ? at : Math.min(oldest, at);
    return oldest;
  }

  add(queued: QueuedEntry): void {
    const { seq, key } = queued.entry;
    const before = this.#seqByKey.get(key);
    if (before !== undefined) this.remove(before);
    this.#bySeq.set(seq, queued);
    this.#seqByKey.set(key, seq);
    this.#bytes += queued.bytes;
  }

  remove(seq: number): void {
    const queued = this.#bySeq.get(seq);
    if (queued === undefined) return;
    this.#bySeq.delete(seq);
    if (this.#seqByKey.get(queued.entry.key) === seq) this.#seqByKey.delete(queued.entry.key);
    this.#bytes -= queued.bytes;
  }

  has(seq: number): boolean {
    return this.#bySeq.has(seq);
  }

  ofKey(key: string): QueuedEntry | undefined {
    const seq = this.#seqByKey.get(key);
    return seq === undefined ? undefined : this.#bySeq.get(seq);
  }

  /** In seq order; with a level, only what is at least that urgent. */
  list(level?: SyncLevel): readonly QueuedEntry[] {
    const all = [...this.#bySeq.values()];
    const chosen = level === undefined ? all : all.filter((queued) => rankOf(queued.level) <= rankOf(level));
    return chosen.sort((a, b) => a.entry.seq - b.entry.seq);
  }

  /** Takes over the store's rows and says what that changed. */
  replaceBy(records: readonly OutboxRecord[]): QueueDifference {
    const seqs = new Set(records.map((record) => record.seq));
    const removed = [...this.#bySeq.values()].filter((queued) => !seqs.has(queued.entry.seq));
    const added = records.filter((record) => !this.#bySeq.has(record.seq)).map(queuedFrom);
    for (const { entry } of removed) this.remove(entry.seq);
    for (const queued of added) this.add(queued);
    return { added, removed };
  }
}
