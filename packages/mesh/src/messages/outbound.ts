/**
 * Ephemeral messages on their way out: gathered into batches by destination, urgent ones first. What goes to one agent waits for
 * its word, in a bounded window, and is sent again if that does not come; what goes to many is sent once.
 */

import { type Clock, limits, type Timer } from "@context-mesh/common";
import {
  AgeingQueue,
  type Attempt,
  addToBatch,
  type BatchState,
  closeBatch,
  closesBy,
  defaultBatchBounds,
  emptyBatch,
  firstAttempt,
  rankOfPriority,
  retry,
} from "@context-mesh/coordination";
import type { SendAnswer } from "../api/types.ts";
import { type Draft, refused } from "./draft.ts";
import { messageId } from "./parcel.ts";
import { encodeParcelPost, ephemeralId } from "./wire.ts";

interface Waiting {
  readonly draft: Draft;
  readonly resolve: (answer: SendAnswer) => void;
}

/** A batch that has left and waits for its recipient's word. */
interface Flight {
  readonly lane: Lane;
  readonly body: Uint8Array;
  readonly waiting: readonly Waiting[];
  attempt: Attempt;
}

interface Lane {
  readonly key: string;
  readonly names: readonly string[];
  readonly isAcked: boolean;
  readonly queue: AgeingQueue<Waiting>;
  flightBytes: number;
}

export interface OutboundOptions {
  readonly clock: Clock;
  readonly session: string;
  readonly agent: string;
  /** Hands a post to every relay that is there; how many took it. */
  readonly post: (names: readonly string[], body: Uint8Array) => number;
  /** The largest body that every relay of ours carries. */
  readonly bodyBytesMax: () => number;
}

const retryCheckMs = 250;

/** Same terms go into one parcel. */
const isSameTerms = (a: Draft, b: Draft): boolean =>
  a.to === b.to &&
  a.plan.type === b.plan.type &&
  a.plan.priority === b.plan.priority &&
  a.plan.ttlMs === b.plan.ttlMs &&
  a.recipients.length === b.recipients.length &&
  a.recipients.every((agent, at) => agent === b.recipients[at]);

export class Outbound {
  readonly #options: OutboundOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #flights = new Map<number, Flight>();
  #lastLane: Lane | undefined;
  #n = 0;
  #waitingCount = 0;
  #batch: BatchState = emptyBatch(defaultBatchBounds);
  #timer: { readonly timer: Timer; readonly dueMs: number } | undefined;
  #retries: Timer | undefined;

  constructor(options: OutboundOptions) {
    this.#options = options;
  }

  send(draft: Draft): Promise<SendAnswer> {
    if (this.#waitingCount >= limits.ephemeralWaitingMax) {
      return Promise.resolve(refused("queue_full", `${this.#waitingCount} messages wait to be sent or acknowledged`));
    }
    return new Promise((resolve) => {
      this.#waitingCount += 1;
      const nowMs = this.#clock.monotonicMs();
      this.#laneOf(draft).queue.push({ draft, resolve }, draft.plan.priority, nowMs);
      const isUrgent = rankOfPriority(draft.plan.priority) >= rankOfPriority("high");
      const item = { bytes: draft.bytes, isPatient: draft.plan.mayWait, isUrgent };
      const batch = addToBatch(this.#batch, item, nowMs, defaultBatchBounds);
      this.#batch = batch;
      if (closesBy(batch, nowMs, defaultBatchBounds) === "size") this.flush("size");
      else this.#arm(batch.dueMs);
    });
  }

  /** The recipient has them. */
  acknowledged(numbers: readonly number[]): void {
    for (const n of numbers) {
      const flight = this.#flights.get(n);
      if (flight !== undefined) this.#land(n, flight, undefined);
    }
    this.#pump();
  }

  flush(reason: "size" | "time" = "time"): void {
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    this.#batch = closeBatch(this.#batch, reason, defaultBatchBounds);
    this.#pump();
  }

  stop(): void {
    this.#timer?.timer.cancel();
    this.#retries?.cancel();
    for (const [n, flight] of this.#flights) this.#land(n, flight, "not_acknowledged");
    for (const lane of this.#lanes.values()) {
      for (let one = lane.queue.shift(0); one !== undefined; one = lane.queue.shift(0)) {
        one.resolve(refused("not_sent", "this node left before it was sent"));
      }
    }
    this.#lanes.clear();
  }

  get #clock(): Clock {
    return this.#options.clock;
  }

  /** The last lane is looked at first: many messages in a row go the same way. */
  #laneOf(draft: Draft): Lane {
    const { names } = draft;
    const last = this.#lastLane;
    const [name] = names;
    if (last !== undefined && names.length === 1 && last.names.length === 1 && last.names[0] === name) {
      if (this.#lanes.get(last.key) === last) return last;
    }
    const isAcked = names.length === 1 && names[0] === `agent:${draft.recipients[0]}`;
    const key = names.length === 1 ? `${isAcked}${names[0]}` : JSON.stringify([isAcked, ...names]);
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { key, names, isAcked, queue: new AgeingQueue(limits.ephemeralWaitingMax + 1), flightBytes: 0 };
      this.#lanes.set(key, lane);
    }
    this.#lastLane = lane;
    return lane;
  }

  #arm(dueMs: number): void {
    if (this.#timer !== undefined && this.#timer.dueMs <= dueMs) return;
    this.#timer?.timer.cancel();
    const delayMs = Math.max(0, dueMs - this.#clock.monotonicMs());
    this.#timer = { dueMs, timer: this.#clock.after(delayMs, () => this.flush(), { keepAlive: true }) };
  }

  #pump(): void {
    for (const [key, lane] of this.#lanes) {
      while (lane.queue.size > 0 && (!lane.isAcked || lane.flightBytes < limits.ephemeralFlightBytesMax))
        this.#launch(lane);
      if (lane.queue.size === 0 && lane.flightBytes === 0) this.#lanes.delete(key);
    }
  }

  /** One batch of a lane; what does not go into it with the same terms makes the next one. */
  #launch(lane: Lane): void {
    const bytesMax = this.#options.bodyBytesMax();
    const nowMs = this.#clock.monotonicMs();
    const batch: Waiting[] = [];
    let bytes = 0;
    for (let one = lane.queue.shift(nowMs); one !== undefined; one = lane.queue.shift(nowMs)) {
      const [first = one] = batch;
      const fits = batch.length < limits.messageBatchItemsMax && bytes + one.draft.bytes <= bytesMax;
      if (batch.length > 0 && !(fits && isSameTerms(first.draft, one.draft))) {
        this.#dispatch(lane, batch.splice(0), nowMs);
        bytes = 0;
        if (lane.isAcked && lane.flightBytes >= limits.ephemeralFlightBytesMax) {
          lane.queue.push(one, one.draft.plan.priority, nowMs);
          return;
        }
      }
      batch.push(one);
      bytes += one.draft.bytes;
    }
    if (batch.length > 0) this.#dispatch(lane, batch, nowMs);
  }

  #dispatch(lane: Lane, waiting: readonly Waiting[], nowMs: number): void {
    const { session, agent, post } = this.#options;
    const { plan, to, recipients } = (waiting[0] as Waiting).draft;
    const { type, priority, ttlMs } = plan;
    this.#n += 1;
    const head = { to, recipients, type, priority, ttlMs, sentAt: this.#clock.wallMs() };
    const items = waiting.map(({ draft }) => draft.item);
    const body = encodeParcelPost(session, this.#n, agent, head, items);
    const took = post(lane.names, body);
    if (!lane.isAcked) {
      this.#settle(this.#n, waiting, took > 0 ? undefined : "no_relay", "sent");
      return;
    }
    lane.flightBytes += body.length;
    this.#flights.set(this.#n, { lane, body, waiting, attempt: firstAttempt(nowMs, ttlMs) });
    this.#armRetries();
  }

  #armRetries(): void {
    this.#retries ??= this.#clock.after(
      retryCheckMs,
      () => {
        this.#retries = undefined;
        this.#retry();
        if (this.#flights.size > 0) this.#armRetries();
      },
      { keepAlive: true },
    );
  }

  #retry(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [n, flight] of this.#flights) {
      const { attempt, isAgain } = retry(flight.attempt, nowMs);
      flight.attempt = attempt;
      if (isAgain) this.#options.post(flight.lane.names, flight.body);
      if (attempt.kind === "failed") this.#land(n, flight, attempt.reason);
    }
    this.#pump();
  }

  #land(n: number, flight: Flight, failure: string | undefined): void {
    this.#flights.delete(n);
    flight.lane.flightBytes -= flight.body.length;
    this.#settle(n, flight.waiting, failure, "delivered");
  }

  #settle(n: number, waiting: readonly Waiting[], failure: string | undefined, state: "delivered" | "sent"): void {
    this.#waitingCount -= waiting.length;
    const parcel = ephemeralId(this.#options.session, n);
    if (failure !== undefined) {
      const answer = refused(failure, failures[failure] ?? failure, { retryable: true });
      for (const { resolve } of waiting) resolve(answer);
      return;
    }
    for (const [at, { draft, resolve }] of waiting.entries()) {
      const { recipients, full } = draft;
      const id = messageId(parcel, at, waiting.length);
      resolve({ ok: true, id, recipients, full, state, again: false, receipt: undefined });
    }
  }
}

const failures: Readonly<Record<string, string>> = {
  not_acknowledged: "the recipient did not say that it has the message; it may or may not have come",
  expired: "the message expired before its recipient said that it has it",
  no_relay: "no relay is there to pass it on",
};
