/** Drafted entries on their way out of a store turn: straight into the document, or into the outbox while that is not possible. */

import { moreUrgent } from "@context-mesh/coordination";
import { type Entry, encodeEntry } from "@context-mesh/document";
import type { SyncLevel } from "@context-mesh/schema";
import type { SyncMode } from "../api/types.ts";
import type { QueuedEntry } from "../replica/queue.ts";
import type { ReplicaStore, StoreTurn } from "../replica/replica-store.ts";
import { companionsOf } from "./outbox.ts";
import type { Publisher } from "./publisher.ts";
import type { ReceiptBook } from "./receipts.ts";

export interface Ways {
  readonly replicas: ReplicaStore;
  readonly publisher: Publisher;
  readonly receipts: ReceiptBook;
  readonly mode: SyncMode;
}

/** The entries wait; what waited for the same keys is superseded. */
export const enqueueEntries = (
  { replicas, receipts }: Ways,
  turn: StoreTurn,
  entries: readonly Entry[],
  level: SyncLevel,
  at: number,
): void => {
  const queued = entries.map((entry): QueuedEntry => {
    const urgency = moreUrgent(level, replicas.queue.ofKey(entry.key)?.level ?? level);
    const bytes = encodeEntry(entry);
    turn.tx.putOutbox({ seq: entry.seq, key: entry.key, bytes, level: urgency, at });
    return { entry, level: urgency, at, bytes: bytes.length };
  });
  turn.afterCommit(() => {
    for (const item of queued) {
      const former = replicas.queue.ofKey(item.entry.key)?.entry.seq;
      if (former !== undefined) {
        replicas.replica.dequeue([former]);
        receipts.superseded([former]);
      }
      replicas.queue.add(item);
      replicas.replica.enqueue(item.entry);
    }
  });
};

/** The entries leave with this turn's commit; what waited for the same keys is overtaken. */
export const publishEntries = (
  { replicas, receipts, publisher, mode }: Ways,
  turn: StoreTurn,
  entries: readonly Entry[],
  level: SyncLevel,
): void => {
  const { queue } = replicas;
  const keys = new Set(entries.map((entry) => entry.key));
  const overtaken = [...keys].flatMap((key) => queue.ofKey(key)?.entry.seq ?? []);
  if (overtaken.length > 0) {
    turn.touch();
    turn.tx.deleteOutbox(overtaken);
    replicas.replica.dequeue(overtaken);
    turn.afterCommit(() => {
      for (const seq of overtaken) queue.remove(seq);
      receipts.superseded(overtaken);
    });
  }
  const waiting = queue.list().filter((queued) => !keys.has(queued.entry.key));
  const companions = mode === "live" ? [] : companionsOf(entries, waiting);
  publisher.publish(turn, [...entries, ...companions.map((queued) => queued.entry)], level);
};
