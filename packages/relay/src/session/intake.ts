/** The reading half of a session: messages one by one, updates at a bounded rate, and what the sender is owed for them. */

import { messageOf } from "@context-mesh/common";
import type { Connection } from "@context-mesh/ports";
import { decodeMessage, type Message, type SetAside } from "@context-mesh/protocol";
import type { BadPart } from "../admission/by-client.ts";
import type { RelayContext } from "../context.ts";
import { AckLedger, type Acknowledgement, type Receipt } from "./acks.ts";
import { type HoldReason, Inbox, type InboxReader } from "./inbox.ts";
import { Rate } from "./rate.ts";

/** What becomes of one update-carrying message. Receipts are undefined when the room is gone. */
export interface Admit {
  /** `isSound`: Yjs is known to decode it. */
  part(update: Uint8Array, isSound?: true): Receipt | undefined;
  /** Refused already. */
  bad(parts: readonly BadPart[]): Receipt | undefined;
  /** All of the message was handed over. */
  done(receipts: readonly Receipt[], parts: readonly Uint8Array[]): void;
  /** It could not be looked at: nothing of it may be acknowledged. */
  failed(): void;
}

export interface Reader {
  /** A promise holds the next message back until it settles. */
  take(message: Message): Promise<void> | undefined;
  onBadMessage(reason: string): void;
  /** All that had come was handled. */
  onEmpty(): void;
}

export class Intake implements InboxReader {
  readonly #context: RelayContext;
  readonly #reader: Reader;
  readonly #inbox: Inbox;
  /** These two are made with the first update: many connections never send one. */
  #rate: Rate | undefined;
  #acks: AckLedger | undefined;

  constructor(context: RelayContext, connection: Connection, reader: Reader) {
    this.#context = context;
    this.#reader = reader;
    this.#inbox = new Inbox(connection, context, this);
  }

  handle(bytes: Uint8Array): Promise<void> | undefined {
    const message = decodeMessage(bytes);
    if (message.ok) return this.#reader.take(message.value);
    this.#reader.onBadMessage(message.reason);
    return undefined;
  }

  onEmpty(): void {
    this.#reader.onEmpty();
  }

  get isBusy(): boolean {
    return this.#inbox.isBusy;
  }

  push(bytes: Uint8Array): void {
    this.#context.metrics.add("messages_in");
    this.#inbox.push(bytes);
  }

  hold(reason: HoldReason): void {
    this.#inbox.hold(reason);
  }

  release(reason: HoldReason): void {
    this.#inbox.release(reason);
  }

  clear(): void {
    this.#inbox.clear();
  }

  /** Keeps the sender to its rate: beyond it the connection is not read for a while. */
  pace(): void {
    const { clock, limits } = this.#context;
    const nowMs = clock.monotonicMs();
    this.#rate ??= new Rate(limits.updatesPerSecondMax, limits.updatesPerSecondMax, nowMs);
    const waitMs = this.#rate.take(nowMs);
    if (waitMs <= 0) return;
    this.#inbox.hold("rate");
    clock.after(waitMs, () => this.#inbox.release("rate"));
  }

  /** Paces the sender and gives the update to `admit`; a large one in parts, after it was looked at in the background. */
  update(update: Uint8Array, admit: Admit): Promise<void> | undefined {
    const { limits, metrics } = this.#context;
    metrics.add("updates_in");
    this.pace();
    if (update.length <= limits.decodeInlineBytesMax) {
      const receipt = admit.part(update);
      if (receipt !== undefined) admit.done([receipt], [update]);
      return undefined;
    }
    return this.#takeApart(update, admit);
  }

  async #takeApart(update: Uint8Array, admit: Admit): Promise<void> {
    const { bulk, turn, logger } = this.#context;
    try {
      const { parts, bad } = await bulk.takeApart(update);
      const receipts: Receipt[] = [];
      const take = (receipt: Receipt | undefined): boolean => receipt !== undefined && receipts.push(receipt) > 0;
      if (bad.length > 0 && !take(admit.bad(bad))) return;
      for (const part of parts) {
        await turn.time();
        const isTaken = take(admit.part(part, true));
        turn.worked();
        if (!isTaken) return;
      }
      admit.done(receipts, parts);
    } catch (error) {
      logger.error({ error: messageOf(error) }, "an update could not be checked in the background");
      admit.failed();
    }
  }

  /** One update-carrying message was handed to the room. */
  owe(receipts: readonly Receipt[], bytes: number, settledTicket: number): void {
    this.#acks ??= new AckLedger();
    this.#acks.received(receipts, bytes);
    this.settle(settledTicket);
    if (this.#acks.waitingBytes > this.#context.limits.unackedBytesMax) this.#inbox.hold("unacked");
  }

  /** Everything up to this ticket is on disk. */
  settle(ticket: number): void {
    if (!this.#acks?.hasWaiting) return;
    this.#acks.settle(ticket);
    if (this.#acks.waitingBytes <= this.#context.limits.unackedBytesMax) this.#inbox.release("unacked");
  }

  setAside(parts: readonly SetAside[]): void {
    this.#acks ??= new AckLedger();
    this.#acks.setAside(parts);
  }

  takeAck(): Acknowledgement | undefined {
    return this.#acks?.take();
  }
}
