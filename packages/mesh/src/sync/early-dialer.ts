/**
 * Connections that are opened while the document is still being read: the handshakes need nothing of it. Nobody handles them
 * before the first dial of their address takes them. Nothing is sent but one question, which any peer understands, once the
 * stored document is read; what a relay says waits in the connection, in order and within its bound. A failure counts when the connection is asked for.
 */

import { type Clock, limits, nextTurn } from "@context-mesh/common";
import type { Connection, Dialer, DialOptions } from "@context-mesh/ports";

interface Early {
  readonly connection: Promise<Connection>;
  readonly sinceMs: number;
}

const release = ({ connection }: Early): void => {
  connection.then((it) => it.close(1000, "no longer wanted")).catch(() => undefined);
};

export class EarlyDialer implements Dialer {
  readonly #dialer: Dialer;
  readonly #clock: Clock;
  readonly #early = new Map<string, Early>();
  readonly #asked = new WeakMap<Connection, Uint8Array>();

  constructor(dialer: Dialer, clock: Clock) {
    this.#dialer = dialer;
    this.#clock = clock;
  }

  /** The first `dial` of this url will have the same options. */
  begin(url: string, options: DialOptions): void {
    if (this.#early.has(url)) return;
    const connection = this.#dialer.dial(url, options);
    connection.catch(() => undefined);
    this.#early.set(url, { connection, sinceMs: this.#clock.monotonicMs() });
  }

  /** Sends one question over all that are waiting here, as soon as they stand; the answers wait with what else is said. */
  ask(question: Uint8Array): void {
    const send = (connection: Connection): void => {
      this.#asked.set(connection, question);
      connection.send(question);
    };
    for (const { connection } of this.#early.values()) connection.then(send).catch(() => undefined);
  }

  /** The question that was sent over this connection before it was handed over. */
  askedOf(connection: Connection): Uint8Array | undefined {
    return this.#asked.get(connection);
  }

  /** A connection opened early is handed over in a turn of its own, as any other: who dials has ended its own start by then. */
  dial(url: string, options: DialOptions): Promise<Connection> {
    const early = this.#early.get(url);
    this.#early.delete(url);
    if (early === undefined) return this.#dialer.dial(url, options);
    if (this.#clock.monotonicMs() - early.sinceMs <= limits.earlyDialMsMax)
      return nextTurn().then(() => early.connection);
    release(early);
    return this.#dialer.dial(url, options);
  }

  /** Ends what nobody took. */
  stop(): void {
    for (const early of this.#early.values()) release(early);
    this.#early.clear();
  }
}
