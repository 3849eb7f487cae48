/** A new incarnation inside one store transaction: identity, counters, and what waits stamped anew for the new writer. */

import { type Entry, encodeEntry, type ReplicaSurface } from "@context-mesh/document";
import type { AgentTransaction, Identity } from "@context-mesh/ports";
import { adopt } from "./load.ts";
import { dropAllPublications, publicationsOf } from "./publications.ts";
import type { EntryQueue } from "./queue.ts";

export interface Renewal {
  readonly tx: AgentTransaction;
  readonly replica: ReplicaSurface;
  readonly queue: EntryQueue;
  readonly next: Identity;
  /** Published entries that no relay acknowledged may have been displaced by another user of the id: write them again. */
  readonly writesUnacknowledged: boolean;
}

/** Old seq to new, for receipts. The queue and the replica's overlay hold the new entries afterwards. */
export const renewIncarnation = (renewal: Renewal): ReadonlyMap<number, number> => {
  const { tx, replica, queue, next } = renewal;
  const former = tx.identity();
  const waiting = queue.list();
  const unacknowledged = renewal.writesUnacknowledged && former !== undefined ? lostPublications(renewal, former) : [];
  replica.dequeue(waiting.map((queued) => queued.entry.seq));
  for (const queued of waiting) queue.remove(queued.entry.seq);
  dropAllPublications(tx);
  tx.setIdentity(next);
  adopt(replica, next, tx.seq());
  const seqs = new Map<number, number>();
  const queuedKeys = new Set(waiting.map((queued) => queued.entry.key));
  for (const entry of unacknowledged) if (!queuedKeys.has(entry.key)) seqs.set(entry.seq, stampAnew(renewal, entry));
  for (const { entry } of waiting) seqs.set(entry.seq, stampAnew(renewal, entry));
  queue.replaceBy(tx.outbox());
  for (const { entry } of queue.list()) replica.enqueue(entry);
  return seqs;
};

const stampAnew = ({ tx, replica }: Renewal, entry: Entry): number => {
  const seq = tx.nextSeqs(1);
  const draft = replica.restamp(entry, { seq, ownSeen: tx.seenOf(entry.key) });
  tx.setSeen(entry.key, draft.seen);
  const level = entry.meta?.level ?? "periodic";
  tx.putOutbox({ seq, key: entry.key, bytes: encodeEntry(draft.entry), level, at: entry.hlc });
  return seq;
};

/** Having written it, its author had been shown it: the new entry replaces the old one wherever that turns up. */
const asWritten = ({ key, value, hlc, writer, seq, seen, meta }: Entry): Entry => {
  const entry = { key, value, hlc, writer, seq, seen: new Map([...seen, [writer, seq] as const]) };
  return meta === undefined ? entry : { ...entry, meta };
};

/** Current own entries that were published and that no relay is known to have on disk. */
const lostPublications = ({ tx, replica }: Renewal, former: Identity): Entry[] => {
  const lost: Entry[] = [];
  for (const { entries } of publicationsOf(tx)) {
    for (const { seq, key } of entries) {
      const mine = replica.read(key).candidates.find((it) => it.writer === former.writer && it.seq === seq);
      if (mine !== undefined) lost.push(asWritten(mine));
    }
  }
  return lost;
};
