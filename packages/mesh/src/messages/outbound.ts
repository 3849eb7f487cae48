/**
 * Ephemeral messages on their way out: gathered into parcels by destination, urgent ones first. What goes to one agent waits for
 * its word, in a bounded window, and is sent again if that does not come; what goes to many is sent once.
 */

import { type Clock, limits, type Timer } from "@context-mesh/common";
import {
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
import type { AnswerSink } from "./answers.ts";
import { type Draft, refused } from "./draft.ts";
import { Lane, type OutgoingParcel, type Run } from "./lane.ts";
import { messageId } from "./parcel.ts";
import { encodeParcelPost, ephemeralId } from "./wire.ts";

/** A parcel that has left, as far as its answers need it. */
interface Sent {
  readonly n: number;
  readonly recipients: readonly string[];
  readonly runs: readonly Run[];
  readonly count: number;
  /** As counted while it waited. */
  readonly waitingBytes: number;
}

/** It waits for its recipient's word. */
interface Flight extends Sent {
  readonly lane: Lane;
  readonly body: Uint8Array;
  attempt: Attempt;
}

export interface OutboundOptions {
  readonly clock: Clock;
  readonly session: string;
  readonly agent: string;
  /** Hands a post to every relay that is there; how many took it. */
  readonly post: (names: readonly string[], body: Uint8Array) => number;
  /** True when the agent is known not to be here. */
  readonly isAbsent: (agent: string) => boolean;
  /** The largest body that every relay of ours carries. */
  readonly bodyBytesMax: () => number;
}

const retryCheckMs = 250;

export class Outbound {
  readonly #options: OutboundOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #flights = new Map<number, Flight>();
  #lastLane: Lane | undefined;
  #n = 0;
  #waitingCount = 0;
  #waitingBytes = 0;
  #batch: BatchState = emptyBatch(defaultBatchBounds);
  #timer: { readonly timer: Timer; readonly dueMs: number } | undefined;
  #retries: Timer | undefined;

  constructor(options: OutboundOptions) {
    this.#options = options;
  }

  send(draft: Draft, sink: AnswerSink, at: number): void {
    const { plan, bytes } = draft;
    if (this.#waitingCount >= limits.ephemeralWaitingMax || this.#waitingBytes > limits.ephemeralWaitingBytesMax) {
      sink.put(at, refused("queue_full", `${this.#waitingCount} messages wait to be sent or acknowledged`));
      return;
    }
    this.#waitingCount += 1;
    this.#waitingBytes += bytes;
    const nowMs = this.#clock.monotonicMs();
    this.#laneOf(draft).push(draft, sink, at, this.#options.bodyBytesMax(), nowMs);
    const isUrgent = rankOfPriority(plan.priority) >= rankOfPriority("high");
    const batch = addToBatch(this.#batch, { bytes, isPatient: plan.mayWait, isUrgent }, nowMs, defaultBatchBounds);
    this.#batch = batch;
    if (closesBy(batch, nowMs, defaultBatchBounds) === "size") this.flush("size");
    else this.#arm(batch.dueMs);
  }

  /** The recipient has them. */
  acknowledged(numbers: readonly number[]): void {
    for (const n of numbers) {
      const flight = this.#flights.get(n);
      if (flight !== undefined) this.#land(flight, undefined);
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
    for (const flight of this.#flights.values()) this.#land(flight, "not_acknowledged");
    for (const lane of this.#lanes.values()) {
      for (let parcel = lane.shift(0); parcel !== undefined; parcel = lane.shift(0)) {
        this.#settle(sentOf(0, parcel), "not_sent", "sent");
      }
    }
    this.#lanes.clear();
  }

  get #clock(): Clock {
    return this.#options.clock;
  }

  /** The last lane is looked at first: many messages in a row go the same way. */
  #laneOf({ names, recipients }: Draft): Lane {
    const last = this.#lastLane;
    const [name] = names;
    if (last !== undefined && names.length === 1 && last.names.length === 1 && last.names[0] === name) {
      if (this.#lanes.get(last.key) === last) return last;
    }
    const isAcked = names.length === 1 && names[0] === `agent:${recipients[0]}`;
    const key = names.length === 1 ? `${isAcked}${names[0]}` : JSON.stringify([isAcked, ...names]);
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = new Lane(key, names, isAcked);
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
    const nowMs = this.#clock.monotonicMs();
    for (const [key, lane] of this.#lanes) {
      while (lane.hasRoomInFlight) {
        const parcel = lane.shift(nowMs);
        if (parcel === undefined) break;
        this.#launch(lane, parcel, nowMs);
      }
      if (lane.isEmpty && lane.flightBytes === 0) this.#lanes.delete(key);
    }
  }

  #launch(lane: Lane, parcel: OutgoingParcel, nowMs: number): void {
    const { session, agent, post } = this.#options;
    const { plan, to, recipients } = parcel.draft;
    const { type, priority, ttlMs } = plan;
    this.#n += 1;
    const head = { to, recipients, type, priority, ttlMs, sentAt: this.#clock.wallMs() };
    const body = encodeParcelPost(session, this.#n, agent, head, parcel.items);
    const took = post(lane.names, body);
    const sent = sentOf(this.#n, parcel);
    if (!lane.isAcked) {
      this.#settle(sent, took > 0 ? undefined : "no_relay", "sent");
      return;
    }
    lane.flightBytes += body.length;
    this.#flights.set(this.#n, { ...sent, lane, body, attempt: firstAttempt(nowMs, ttlMs) });
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
    for (const flight of this.#flights.values()) {
      const { attempt, isAgain } = retry(flight.attempt, nowMs);
      flight.attempt = attempt;
      const [recipient = ""] = flight.recipients;
      if (attempt.kind === "failed") this.#land(flight, attempt.reason);
      else if (isAgain && this.#options.isAbsent(recipient)) this.#land(flight, "not_here");
      else if (isAgain) this.#options.post(flight.lane.names, flight.body);
    }
    this.#pump();
  }

  #land(flight: Flight, failure: string | undefined): void {
    this.#flights.delete(flight.n);
    flight.lane.flightBytes -= flight.body.length;
    this.#settle(flight, failure, "delivered");
  }

  #settle(sent: Sent, failure: string | undefined, state: "delivered" | "sent"): void {
    const { n, recipients, runs, count, waitingBytes } = sent;
    this.#waitingCount -= count;
    this.#waitingBytes -= waitingBytes;
    const parcel = ephemeralId(this.#options.session, n);
    const failed =
      failure === undefined ? undefined : refused(failure, failures[failure] ?? failure, { retryable: true });
    let at = 0;
    for (const { sink, from, count: length } of runs) {
      for (let place = from; place < from + length; place++) {
        sink.put(place, failed ?? arrived(messageId(parcel, at, count), recipients, state));
        at += 1;
      }
    }
  }
}

const sentOf = (n: number, { draft, items, runs, bytes }: OutgoingParcel): Sent => ({
  n,
  recipients: draft.recipients,
  runs,
  count: items.length,
  waitingBytes: bytes,
});

/** What is kept nowhere fills no inbox. */
const none: readonly string[] = [];

const arrived = (id: string, recipients: readonly string[], state: "delivered" | "sent"): SendAnswer => ({
  ok: true,
  id,
  recipients,
  full: none,
  state,
  again: false,
  receipt: undefined,
});

const failures: Readonly<Record<string, string>> = {
  not_acknowledged: "the recipient did not say that it has the message; it may or may not have come",
  not_here: "the recipient is not here, and did not say that it has the message",
  not_sent: "this node left before it was sent",
  expired: "the message expired before its recipient said that it has it",
  no_relay: "no relay is there to pass it on",
};
