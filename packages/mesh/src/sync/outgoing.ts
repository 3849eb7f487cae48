/** Frames on their way out of one connection, in order; no more than the window is handed to the socket at a time. */

import { limits } from "@context-mesh/common";
import type { Connection } from "@context-mesh/ports";
import type { Reach } from "./ack-window.ts";

export interface OutgoingFrame {
  readonly bytes: Uint8Array;
  /** Of a frame that carries an update: how far own publications reach with it. */
  readonly reach: Reach | undefined;
}

export class Outgoing {
  readonly #connection: Connection;
  readonly #onSent: (frame: OutgoingFrame) => void;
  #frames: OutgoingFrame[] = [];
  #head = 0;

  constructor(connection: Connection, onSent: (frame: OutgoingFrame) => void) {
    this.#connection = connection;
    this.#onSent = onSent;
  }

  get size(): number {
    return this.#frames.length - this.#head;
  }

  push(frame: OutgoingFrame): void {
    this.#frames.push(frame);
    this.pump();
  }

  /** Call when the socket has drained. */
  pump(): void {
    while (this.size > 0 && this.#connection.bufferedBytes < limits.sessionQueueBytesMax) {
      const frame = this.#frames[this.#head] as OutgoingFrame;
      this.#head += 1;
      this.#connection.send(frame.bytes);
      this.#onSent(frame);
    }
    if (this.size === 0) {
      this.#frames = [];
      this.#head = 0;
    }
  }
}
