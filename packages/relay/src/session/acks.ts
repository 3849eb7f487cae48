/**
 * What a connection is owed: its update-carrying messages in order of arrival, each settled by a commit. A duplicate waits
 * for the commit that covers it like everything else; a message held for a gap keeps those behind it waiting.
 */

import type { SetAside } from "@context-mesh/protocol";

/** Stands for one update-carrying message. The room fills in the ticket of the commit that settles it. */
export interface Receipt {
  /** Place in the room's order of commits; undefined while the message is held back. */
  ticket: number | undefined;
}

export interface Acknowledgement {
  /** The first `count` update-carrying messages of the connection are settled. */
  readonly count: number;
  readonly setAside: readonly SetAside[];
}

/** Names in one acknowledgement; clients that never said hello are sent none, so theirs would pile up. */
const setAsideMax = 256;

export class AckLedger {
  #waiting: { readonly receipts: readonly Receipt[]; readonly bytes: number }[] = [];
  #head = 0;
  #settled = 0;
  #said = 0;
  #waitingBytes = 0;
  /** By client and reason: who sends the same again is told once an acknowledgement. */
  #setAside: Map<string, SetAside> | undefined;

  /** Bytes of messages that are not settled yet. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  get hasWaiting(): boolean {
    return this.#head < this.#waiting.length;
  }

  /** A large message is taken in as several parts, and settled with the last of them. */
  received(receipts: readonly Receipt[], bytes: number): void {
    this.#waiting.push({ receipts, bytes });
    this.#waitingBytes += bytes;
  }

  /** Named in the next acknowledgement. */
  setAside(parts: readonly SetAside[]): void {
    this.#setAside ??= new Map();
    for (const part of parts) {
      if (this.#setAside.size < setAsideMax) this.#setAside.set(`${part.client} ${part.reason}`, part);
    }
  }

  /** Everything up to this ticket is on disk. */
  settle(ticket: number): void {
    for (;;) {
      const first = this.#waiting[this.#head];
      if (first === undefined || !first.receipts.every((receipt) => isSettled(receipt, ticket))) break;
      this.#head += 1;
      this.#settled += 1;
      this.#waitingBytes -= first.bytes;
    }
    // With nothing left nothing is kept: what was settled would be held for as long as a connection writes little.
    if (this.#head === this.#waiting.length && this.#head > 0) {
      this.#waiting = [];
      this.#head = 0;
    } else if (this.#head > 256 && this.#head * 2 > this.#waiting.length) {
      this.#waiting.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /** What is to be said now; undefined when there is nothing new. */
  take(): Acknowledgement | undefined {
    if (this.#settled === this.#said) return undefined;
    this.#said = this.#settled;
    const setAside = [...(this.#setAside?.values() ?? [])];
    this.#setAside = undefined;
    return { count: this.#settled, setAside };
  }
}

const isSettled = (receipt: Receipt, ticket: number): boolean =>
  receipt.ticket !== undefined && receipt.ticket <= ticket;
