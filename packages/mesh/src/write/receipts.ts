/**
 * What is known about each write. Publications are counted by a mark that only rises within this process; a relay has
 * proven a mark once it acknowledged a message that carried everything up to it. Nothing is reported before it is true.
 */

import { type JsonValue, limits, whenAborted } from "@context-mesh/common";
import type { Receipt, ReceiptState, SyncLevelName } from "../api/types.ts";

export interface Proof {
  readonly url: string;
  /** Two addresses of one relay count once. */
  readonly relayId: string | undefined;
  /** Highest mark on disk there, and highest known to have arrived. */
  readonly durable: number;
  readonly relayed: number;
}

export interface ReceiptContent {
  readonly id: string;
  readonly subject: string | undefined;
  readonly at: number;
  readonly level: SyncLevelName;
  readonly paths: readonly string[];
  readonly conflicts: readonly string[];
  readonly replaced: Readonly<Record<string, JsonValue | undefined>>;
  readonly seqs: readonly number[];
  readonly proposed?: readonly string[];
  /** Why something was only proposed. */
  readonly kept?: Pick<Refusal, "reason" | "detail" | "hint"> | undefined;
}

export interface Refusal {
  readonly reason: string;
  readonly detail: string;
  readonly hint?: string | undefined;
  readonly subject?: string | undefined;
}

interface Waiter {
  readonly isDone: () => boolean;
  readonly done: () => void;
}

type Goal = "queued" | "relayed" | "durable";

class OpenReceipt implements Receipt {
  readonly ok = true;
  readonly reason: string | undefined;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly proposed: readonly string[];
  readonly id: string;
  readonly subject: string | undefined;
  readonly at: number;
  readonly level: SyncLevelName;
  readonly paths: readonly string[];
  readonly conflicts: readonly string[];
  readonly replaced: Readonly<Record<string, JsonValue | undefined>>;
  /** Seqs that wait in the outbox. */
  readonly waiting: Set<number>;
  /** Mark of the latest publication of a part; 0 while nothing is published. */
  mark = 0;
  readonly #book: ReceiptBook;

  constructor(book: ReceiptBook, content: ReceiptContent) {
    this.#book = book;
    this.id = content.id;
    this.subject = content.subject;
    this.at = content.at;
    this.level = content.level;
    this.paths = content.paths;
    this.conflicts = content.conflicts;
    this.replaced = content.replaced;
    this.proposed = content.proposed ?? [];
    this.reason = content.kept?.reason;
    this.detail = content.kept?.detail;
    this.hint = content.kept?.hint;
    this.waiting = new Set(content.seqs);
  }

  get state(): ReceiptState {
    if (this.waiting.size > 0) return "queued";
    if (this.mark === 0) return "superseded";
    if (this.relays.length > 0) return "durable";
    return this.#book.isRelayed(this.mark) ? "relayed" : "queued";
  }

  get relays(): readonly string[] {
    return this.waiting.size > 0 || this.mark === 0 ? [] : this.#book.durableAt(this.mark);
  }

  async reached(goal: Goal, options: { readonly n?: number; readonly signal?: AbortSignal } = {}): Promise<Receipt> {
    const { n = 1, signal } = options;
    await this.#book.wait(() => this.#isOver(goal, n), signal);
    return this;
  }

  toJSON(): Omit<Receipt, "reached"> {
    const { id, ok, subject, state, relays, at, level, paths, conflicts, proposed, replaced } = this;
    const { reason, detail, hint } = this;
    return { id, ok, subject, state, relays, at, level, paths, conflicts, proposed, replaced, reason, detail, hint };
  }

  #isOver(goal: Goal, n: number): boolean {
    const { state } = this;
    if (state === "superseded" || goal === "queued") return true;
    if (goal === "relayed") return state !== "queued";
    return state === "durable" && this.#book.relayCount(this.mark) >= n;
  }
}

export const refusedReceipt = (refusal: Refusal, at: number, level: SyncLevelName): Receipt => {
  const receipt: Receipt = {
    id: "refused",
    ok: false,
    subject: refusal.subject,
    state: "refused",
    relays: [],
    at,
    level,
    paths: [],
    conflicts: [],
    proposed: [],
    replaced: {},
    reason: refusal.reason,
    detail: refusal.detail,
    hint: refusal.hint,
    reached: async () => receipt,
  };
  return receipt;
};

export class ReceiptBook {
  readonly #proofs = new Map<string, Proof>();
  readonly #waitingBySeq = new Map<number, OpenReceipt>();
  /** Published entries that no relay has on disk yet: a new incarnation may have to write them again. */
  readonly #unprovenBySeq = new Map<number, OpenReceipt>();
  readonly #waiters = new Set<Waiter>();
  readonly #byId = new Map<string, OpenReceipt>();
  #isClosed = false;

  /** A write whose entries wait in the outbox. An empty one is done at once. */
  open(content: ReceiptContent, emptyMark: number): Receipt {
    const receipt = new OpenReceipt(this, content);
    this.#byId.set(content.id, receipt);
    for (const id of this.#byId.keys()) {
      if (this.#byId.size <= limits.receiptsRememberedMax) break;
      this.#byId.delete(id);
    }
    for (const seq of content.seqs) this.#waitingBySeq.set(seq, receipt);
    if (content.seqs.length === 0) receipt.mark = Math.max(1, emptyMark);
    return receipt;
  }

  byId(id: string): Receipt | undefined {
    return this.#byId.get(id);
  }

  published(seqs: Iterable<number>, mark: number): void {
    this.#leave(seqs, (receipt, seq) => {
      receipt.mark = Math.max(receipt.mark, mark);
      this.#unprovenBySeq.set(seq, receipt);
    });
  }

  superseded(seqs: Iterable<number>): void {
    this.#leave(seqs, () => {});
  }

  /** Entries were stamped anew and wait (again): from old seq to new. */
  restamped(seqs: ReadonlyMap<number, number>): void {
    for (const [from, to] of seqs) {
      const receipt = this.#waitingBySeq.get(from) ?? this.#unprovenBySeq.get(from);
      if (receipt === undefined) continue;
      this.#waitingBySeq.delete(from);
      this.#unprovenBySeq.delete(from);
      this.#waitingBySeq.set(to, receipt);
      receipt.waiting.delete(from);
      receipt.waiting.add(to);
    }
  }

  prove(proof: Proof): void {
    this.#proofs.set(proof.url, proof);
    for (const [seq, receipt] of this.#unprovenBySeq) {
      if (receipt.mark <= proof.durable) this.#unprovenBySeq.delete(seq);
    }
    this.#wake();
  }

  durableAt(mark: number): readonly string[] {
    return [...this.#proofs.values()].filter((proof) => proof.durable >= mark).map((proof) => proof.url);
  }

  /** Different relays that have the mark on disk. */
  relayCount(mark: number): number {
    const proven = [...this.#proofs.values()].filter((proof) => proof.durable >= mark);
    return new Set(proven.map((proof) => proof.relayId ?? proof.url)).size;
  }

  isRelayed(mark: number): boolean {
    return [...this.#proofs.values()].some((proof) => Math.max(proof.durable, proof.relayed) >= mark);
  }

  /** Resolves when the condition holds or the book is closed; rejects with the signal's reason. */
  wait(isDone: () => boolean, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.#isClosed || isDone()) return resolve();
      const stopWaiting = whenAborted(signal, () => {
        this.#waiters.delete(waiter);
        reject(signal?.reason);
      });
      const waiter: Waiter = {
        isDone,
        done: () => {
          stopWaiting();
          resolve();
        },
      };
      this.#waiters.add(waiter);
    });
  }

  /** The node leaves: whoever waits is told how far it came. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  #leave(seqs: Iterable<number>, each: (receipt: OpenReceipt, seq: number) => void): void {
    for (const seq of seqs) {
      const receipt = this.#waitingBySeq.get(seq);
      if (receipt === undefined) continue;
      this.#waitingBySeq.delete(seq);
      receipt.waiting.delete(seq);
      each(receipt, seq);
    }
    this.#wake();
  }

  #wake(): void {
    for (const waiter of [...this.#waiters]) {
      if (!this.#isClosed && !waiter.isDone()) continue;
      this.#waiters.delete(waiter);
      waiter.done();
    }
  }
}
