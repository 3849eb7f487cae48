/** The sending half of a session: what may still be queued at its socket, and when it last heard from us. */

import type { Clock } from "@context-mesh/common";
import type { Connection } from "@context-mesh/ports";

export interface OutletOptions {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly queueBytesMax: number;
}

export class Outlet {
  readonly #options: OutletOptions;
  #sentMs: number;

  constructor(options: OutletOptions) {
    this.#options = options;
    this.#sentMs = options.clock.monotonicMs();
  }

  /** Everything handed over has gone to the operating system. */
  get isEmpty(): boolean {
    return this.#options.connection.bufferedBytes === 0;
  }

  get bufferedBytes(): number {
    return this.#options.connection.bufferedBytes;
  }

  get sentMs(): number {
    return this.#sentMs;
  }

  /** True when `bytes` more stay within what may be queued; a single large message to an empty queue always does. */
  fits(bytes: number): boolean {
    const { bufferedBytes } = this.#options.connection;
    return bufferedBytes === 0 || bufferedBytes + bytes <= this.#options.queueBytesMax;
  }

  send(message: Uint8Array): void {
    this.#sentMs = this.#options.clock.monotonicMs();
    this.#options.connection.send(message);
  }

  /** The same array for every session of a room: the adapter builds the bytes once. `except`: places that are left out. */
  sendBatch(messages: readonly Uint8Array[], except: readonly number[] = []): void {
    const { connection } = this.#options;
    this.#sentMs = this.#options.clock.monotonicMs();
    if (connection.sendBatch !== undefined) {
      connection.sendBatch(messages, except);
      return;
    }
    messages.forEach((message, at) => {
      if (!except.includes(at)) connection.send(message);
    });
  }
}
