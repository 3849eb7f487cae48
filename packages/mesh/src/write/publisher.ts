/**
 * From the outbox (or straight from a write) into the document: one Yjs transaction and one store transaction a
 * publication. What was published is counted by a mark, so that receipts and relays can speak of the same thing.
 */

import { type Clock, Emitter, type Logger, limits, messageOf } from "@context-mesh/common";
import { moreUrgent } from "@context-mesh/coordination";
import type { Entry } from "@context-mesh/document";
import type { SyncLevel } from "@context-mesh/schema";
import { addPublication } from "../replica/publications.ts";
import type { QueuedEntry } from "../replica/queue.ts";
import type { ReplicaStore, StoreTurn } from "../replica/replica-store.ts";
import { companionsOf, inBatches } from "./outbox.ts";

/** One publication, committed: ready to be sent. */
interface Publication {
  readonly update: Uint8Array;
  /** Own Yjs clock that it reaches up to. */
  readonly clock: number;
  /** Rises by one with each publication of this process. */
  readonly mark: number;
  readonly seqs: readonly number[];
  readonly level: SyncLevel;
}

export interface PublisherEvents {
  published: Publication;
  /** The store refused; the entries still wait. */
  failed: { readonly error: unknown };
}

export interface FlushReport {
  /** The store took not everything; the rest still waits. */
  readonly isRefused?: boolean;
  readonly entries: number;
  readonly bytes: number;
}

/** A publication larger than this is split, so that its frames fit any relay. */
const batch = { entriesMax: limits.publicationEntriesMax, bytesMax: limits.catchUpChunkBytesMax } as const;

export class Publisher extends Emitter<PublisherEvents> {
  readonly #replicas: ReplicaStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #mark = 1;

  constructor(options: { readonly replicas: ReplicaStore; readonly clock: Clock; readonly logger: Logger }) {
    super(options.logger);
    this.#replicas = options.replicas;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  /** Everything published so far has this mark or a lower one. */
  get mark(): number {
    return this.#mark;
  }

  /** Another process published for this agent: what is pushed from now on carries that too. */
  noteForeign(): number {
    this.#mark += 1;
    return this.#mark;
  }

  /** Inside a store turn: appends the entries to the document. They leave once the turn is committed. */
  publish(turn: StoreTurn, entries: readonly Entry[], level: SyncLevel): void {
    const { tx } = turn;
    const { replica, queue } = this.#replicas;
    const inOrder = [...entries].sort((a, b) => a.seq - b.seq);
    const seqs = inOrder.map((entry) => entry.seq);
    turn.touch();
    replica.dequeue(seqs);
    const { update, clock } = replica.publish(inOrder, () => tx.nextSeqs(1));
    turn.logOwn(update);
    // What comes straight from a write was never in the outbox.
    tx.deleteOutbox(seqs.filter((seq) => queue.has(seq)));
    const at = this.#clock.wallMs();
    addPublication(tx, { clock, at, entries: inOrder.map(({ seq, key }) => ({ seq, key })) });
    turn.afterCommit(() => {
      for (const seq of seqs) queue.remove(seq);
      this.#mark += 1;
      this.emit("published", { update, clock, mark: this.#mark, seqs, level });
    });
  }

  /** Publishes what waits at this level and above (everything by default), and what it depends on. */
  flush(upTo?: SyncLevel): FlushReport {
    const { queue } = this.#replicas;
    const chosen = queue.list(upTo);
    const companions =
      upTo === undefined
        ? []
        : companionsOf(
            chosen.map((queued) => queued.entry),
            queue.list(),
          );
    const all = new Map([...chosen, ...companions].map((queued) => [queued.entry.seq, queued]));
    const report = { entries: 0, bytes: 0 };
    for (const part of inBatches([...all.values()], batch)) {
      const sent = this.#flushBatch(part);
      if (sent === undefined) return { ...report, isRefused: true };
      report.entries += sent.entries;
      report.bytes += sent.bytes;
    }
    return report;
  }

  /** Undefined when the store refused. Another process may have published some of them meanwhile. */
  #flushBatch(part: readonly QueuedEntry[]): FlushReport | undefined {
    try {
      return this.#replicas.transact((turn) => {
        const left = part.filter((queued) => this.#replicas.queue.has(queued.entry.seq));
        if (left.length === 0) return { entries: 0, bytes: 0 };
        this.publish(
          turn,
          left.map((queued) => queued.entry),
          left.map((queued) => queued.level).reduce(moreUrgent),
        );
        return { entries: left.length, bytes: left.reduce((sum, queued) => sum + queued.bytes, 0) };
      });
    } catch (error) {
      this.#logger.error({ error: messageOf(error) }, "the store refused a flush; the entries wait");
      this.emit("failed", { error });
      return undefined;
    }
  }
}
