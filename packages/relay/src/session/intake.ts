/** The reading half of a session: messages one by one, updates at a bounded rate, and what the sender is owed for them. */

import { messageOf } from "@context-mesh/common";
import type { Connection } from "@context-mesh/ports";
import { decodeMessage, type Message, type SetAside } from "@context-mesh/protocol";
import type { RelayContext } from "../context.ts";
import { AckLedger, type Acknowledgement, type Receipt } from "./acks.ts";
import { type HoldReason, Inbox } from "./inbox.ts";
import { Rate } from "./rate.ts";

export interface IntakeOptions {
  readonly context: RelayContext;
  readonly connection: Connection;
  /** A promise holds the next message back until it settles. */
  readonly onMessage: (message: Message) => Promise<void> | undefined;
  readonly onBadMessage: (reason: string) => void;
  /** All that had come was handled. */
  readonly onEmpty: () => void;
}

export class Intake {
  readonly #context: RelayContext;
  readonly #inbox: Inbox;
  readonly #rate: Rate;
  readonly #acks = new AckLedger();

  constructor(options: IntakeOptions) {
    const { context, connection } = options;
    const { limits, clock } = context;
    this.#context = context;
    this.#inbox = new Inbox({
      connection,
      waitingBytesMax: limits.openingBytesMax,
      handle: (bytes) => {
        const message = decodeMessage(bytes);
        if (message.ok) return options.onMessage(message.value);
        options.onBadMessage(message.reason);
        return undefined;
      },
      onEmpty: options.onEmpty,
    });
    this.#rate = new Rate(limits.updatesPerSecondMax, limits.updatesPerSecondMax, clock.monotonicMs());
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
    const { clock } = this.#context;
    const waitMs = this.#rate.take(clock.monotonicMs());
    if (waitMs <= 0) return;
    this.#inbox.hold("rate");
    clock.after(waitMs, () => this.#inbox.release("rate"));
  }

  /**
   * Paces the sender, has a large update decoded in the background, and gives it to `receive`. `isSound` is undefined
   * where the receiver is to find out itself.
   */
  update(update: Uint8Array, receive: (isSound: boolean | undefined) => void): Promise<void> | undefined {
    const { limits, bulk, logger } = this.#context;
    this.pace();
    if (update.length <= limits.decodeInlineBytesMax) {
      receive(undefined);
      return undefined;
    }
    return bulk.isSound(update).then(receive, (error) => {
      logger.error({ error: messageOf(error) }, "an update could not be checked in the background");
      receive(undefined);
    });
  }

  /** One update-carrying message was handed to the room. */
  owe(receipt: Receipt, bytes: number, settledTicket: number): void {
    this.#acks.received(receipt, bytes);
    this.settle(settledTicket);
    if (this.#acks.waitingBytes > this.#context.limits.unackedBytesMax) this.#inbox.hold("unacked");
  }

  /** Everything up to this ticket is on disk. */
  settle(ticket: number): void {
    if (!this.#acks.hasWaiting) return;
    this.#acks.settle(ticket);
    if (this.#acks.waitingBytes <= this.#context.limits.unackedBytesMax) this.#inbox.release("unacked");
  }

  setAside(parts: readonly SetAside[]): void {
    this.#acks.setAside(parts);
  }

  takeAck(): Acknowledgement | undefined {
    return this.#acks.take();
  }
}
