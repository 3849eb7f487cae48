/**
 * Ephemeral messages with one destination on their way out: gathered in parcels, which queue by priority and age. What
 * follows another message of its priority and has the same terms goes into the same parcel, so that a message alone costs no
 * place in the queue.
 */

import { limits } from "@context-mesh/common";
import { AgeingQueue, type Priority } from "@context-mesh/coordination";
import type { AnswerSink } from "./answers.ts";
import type { Draft } from "./draft.ts";
import type { ParcelItem } from "./parcel.ts";

/** Messages next to each other in a parcel whose answers go to neighbouring places of one sink. */
export interface Run {
  readonly sink: AnswerSink;
  readonly from: number;
  count: number;
}

export interface OutgoingParcel {
  /** Its first message's: all have these terms. */
  readonly draft: Draft;
  readonly items: ParcelItem[];
  readonly runs: Run[];
  bytes: number;
}

const hasSameTerms = (a: Draft, b: Draft): boolean =>
  a.to === b.to &&
  (a.plan === b.plan || (a.plan.type === b.plan.type && a.plan.ttlMs === b.plan.ttlMs)) &&
  (a.recipients === b.recipients ||
    (a.recipients.length === b.recipients.length && a.recipients.every((agent, at) => agent === b.recipients[at])));

export class Lane {
  readonly key: string;
  readonly names: readonly string[];
  /** Its recipient says that it has what comes. */
  readonly isAcked: boolean;
  readonly #queue = new AgeingQueue<OutgoingParcel>(limits.ephemeralWaitingMax + 1);
  /** The last one of each priority, while more fits into it. */
  readonly #open = new Map<Priority, OutgoingParcel>();
  /** Bytes on their way without the recipient's word. */
  flightBytes = 0;

  constructor(key: string, names: readonly string[], isAcked: boolean) {
    this.key = key;
    this.names = names;
    this.isAcked = isAcked;
  }

  get isEmpty(): boolean {
    return this.#queue.size === 0;
  }

  get hasRoomInFlight(): boolean {
    return !this.isAcked || this.flightBytes < limits.ephemeralFlightBytesMax;
  }

  push(draft: Draft, sink: AnswerSink, at: number, bytesMax: number, nowMs: number): void {
    const open = this.#open.get(draft.plan.priority);
    const fits =
      open !== undefined &&
      open.items.length < limits.messageBatchItemsMax &&
      open.bytes + draft.bytes <= bytesMax &&
      hasSameTerms(open.draft, draft);
    if (fits) add(open, draft, sink, at);
    else this.#begin(draft, sink, at, nowMs);
  }

  /** The next parcel to leave. */
  shift(nowMs: number): OutgoingParcel | undefined {
    const parcel = this.#queue.shift(nowMs);
    if (parcel === undefined) return undefined;
    const { priority } = parcel.draft.plan;
    if (this.#open.get(priority) === parcel) this.#open.delete(priority);
    return parcel;
  }

  #begin(draft: Draft, sink: AnswerSink, at: number, nowMs: number): void {
    const { item, bytes, plan } = draft;
    const parcel = { draft, items: [item], runs: [{ sink, from: at, count: 1 }], bytes };
    this.#open.set(plan.priority, parcel);
    this.#queue.push(parcel, plan.priority, nowMs);
  }
}

const add = (parcel: OutgoingParcel, { item, bytes }: Draft, sink: AnswerSink, at: number): void => {
  parcel.items.push(item);
  parcel.bytes += bytes;
  const last = parcel.runs.at(-1);
  if (last !== undefined && last.sink === sink && last.from + last.count === at) last.count += 1;
  else parcel.runs.push({ sink, from: at, count: 1 });
};
