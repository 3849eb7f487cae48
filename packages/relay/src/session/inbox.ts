/** What a connection has sent, handled one message after the other; can be held, and then makes the sender feel it. */

import type { Connection } from "@context-mesh/ports";
import type { RelayContext } from "../context.ts";

/** One bit each: a connection that idles should cost little. */
const holdBits = { opening: 1, busy: 2, rate: 4, unacked: 8, stopping: 16, turn: 32 } as const;

export type HoldReason = keyof typeof holdBits;

/** An object and no functions of its own, for the sake of those that idle. */
export interface InboxReader {
  /** A promise holds the next message back until it settles. It must not reject. */
  handle(message: Uint8Array): Promise<void> | undefined;
  /** All that was waiting has been handled. */
  onEmpty(): void;
}

export class Inbox {
  readonly #connection: Pick<Connection, "pause" | "resume">;
  /** The time of a turn is shared with others: when it is used up, the rest waits for the next turn. */
  readonly #context: Pick<RelayContext, "turn" | "limits">;
  readonly #reader: InboxReader;
  #holds = 0;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #isReading = true;
  #isDraining = false;

  constructor(
    connection: Pick<Connection, "pause" | "resume">,
    context: Pick<RelayContext, "turn" | "limits">,
    reader: InboxReader,
  ) {
    this.#connection = connection;
    this.#context = context;
    this.#reader = reader;
  }

  /** Something that came is not handled yet. */
  get isBusy(): boolean {
    return this.#waiting.length > 0 || this.#isHeld("busy");
  }

  push(message: Uint8Array): void {
    this.#waiting.push(message);
    this.#waitingBytes += message.length;
    this.#drain();
  }

  hold(reason: HoldReason): void {
    this.#holds |= holdBits[reason];
    this.#regulate();
  }

  release(reason: HoldReason): void {
    if (!this.#isHeld(reason)) return;
    this.#holds &= ~holdBits[reason];
    this.#drain();
  }

  clear(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#holds |= holdBits.opening;
  }

  #drain(): void {
    if (this.#isDraining || this.#holds !== 0) {
      this.#regulate();
      return;
    }
    this.#isDraining = true;
    let at = 0;
    while (this.#holds === 0 && at < this.#waiting.length) {
      if (!this.#context.turn.hasTime()) {
        this.#rest();
        break;
      }
      const message = this.#waiting[at] as Uint8Array;
      at += 1;
      this.#waitingBytes -= message.length;
      const work = this.#reader.handle(message);
      this.#context.turn.worked();
      if (work !== undefined) this.#waitFor(work);
    }
    this.#waiting = at === this.#waiting.length ? [] : this.#waiting.slice(at);
    this.#isDraining = false;
    this.#regulate();
    if (at > 0) this.#reader.onEmpty();
  }

  #isHeld(reason: HoldReason): boolean {
    return (this.#holds & holdBits[reason]) !== 0;
  }

  #rest(): void {
    this.#holds |= holdBits.turn;
    this.#context.turn.wait(() => this.release("turn"));
  }

  #waitFor(work: Promise<void>): void {
    this.#holds |= holdBits.busy;
    work.finally(() => {
      this.release("busy");
      if (this.#waiting.length === 0) this.#reader.onEmpty();
    });
  }

  #regulate(): void {
    const isPressed = this.#isHeld("rate") || this.#isHeld("unacked");
    const shouldRead = !isPressed && this.#waitingBytes <= this.#context.limits.openingBytesMax;
    if (shouldRead === this.#isReading) return;
    this.#isReading = shouldRead;
    if (shouldRead) this.#connection.resume?.();
    else this.#connection.pause?.();
  }
}
