/** The sending half of a session: what may still be queued at its socket, and when it last heard from us. */

import type { Connection } from "@context-mesh/ports";
import type { RelayContext } from "../context.ts";

export class Outlet {
  readonly #connection: Connection;
  readonly #context: RelayContext;
  #sentMs: number;

  constructor(connection: Connection, context: RelayContext) {
    this.#connection = connection;
    this.#context = context;
    this.#sentMs = context.clock.monotonicMs();
  }

  /** Everything handed over has gone to the operating system. */
  get isEmpty(): boolean {
    return this.#connection.bufferedBytes === 0;
  }

  get bufferedBytes(): number {
    return this.#connection.bufferedBytes;
  }

  get sentMs(): number {
    return this.#sentMs;
  }

  /** True when `bytes` more stay within what may be queued; a single large message to an empty queue always does. */
  fits(bytes: number): boolean {
    const { bufferedBytes } = this.#connection;
    return bufferedBytes === 0 || bufferedBytes + bytes <= this.#context.limits.sessionQueueBytesMax;
  }

  send(message: Uint8Array): void {
    this.#sentMs = this.#context.clock.monotonicMs();
    this.#connection.send(message);
  }

  /** The same array for every session of a room: the adapter builds the bytes once. `except`: places that are left out. */
  sendBatch(messages: readonly Uint8Array[], except: readonly number[] = []): void {
    const connection = this.#connection;
    this.#sentMs = this.#context.clock.monotonicMs();
    if (connection.sendBatch !== undefined) {
      connection.sendBatch(messages, except);
      return;
    }
    messages.forEach((message, at) => {
      if (!except.includes(at)) connection.send(message);
    });
  }
}
