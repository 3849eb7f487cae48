/** Keeps one connection to one address: dials, waits with full jitter, dials again. */

import {
  backoffMs,
  type Clock,
  type Limits,
  type Logger,
  messageOf,
  type Random,
  type Timer,
} from "@context-mesh/common";
import type { Connection, Dialer } from "@context-mesh/ports";
import { subprotocol } from "@context-mesh/protocol";

export interface RedialOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly limits: Limits;
  readonly dialer: Dialer;
  readonly url: string;
  readonly token: string | undefined;
  /** The connection is the caller's, who calls `ended` once when it is gone. */
  readonly onOpen: (connection: Connection, ended: (code: number) => void) => void;
  readonly onFailed: () => void;
  /** Dials wait here for their turn. */
  readonly gate: DialGate;
}

type State =
  | { readonly kind: "idle" }
  | { readonly kind: "dialing" }
  | { readonly kind: "open"; readonly connection: Connection; readonly sinceMs: number }
  | { readonly kind: "waiting"; readonly timer: Timer }
  | { readonly kind: "stopped" };

/** Bounds how many dials run at once. */
export class DialGate {
  readonly #max: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  async run<T>(dial: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#max) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
    try {
      return await dial();
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }
}

/** Codes 4400 to 4499 say that coming back at once is useless. */
const isFinal = (code: number): boolean => code >= 4_400 && code < 4_500;

export class Redial {
  readonly #options: RedialOptions;
  #state: State = { kind: "idle" };
  #attempt = 0;

  constructor(options: RedialOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#state.kind === "idle") void this.#dial();
  }

  /** Ends the connection and never dials again. */
  stop(code: number, reason: string): void {
    const state = this.#state;
    this.#state = { kind: "stopped" };
    if (state.kind === "waiting") state.timer.cancel();
    if (state.kind === "open") state.connection.close(code, reason);
  }

  async #dial(): Promise<void> {
    this.#state = { kind: "dialing" };
    try {
      this.#opened(await this.#options.gate.run(() => this.#dialOnce()));
    } catch (error) {
      if (this.#is("stopped")) return;
      const { logger, url, onFailed } = this.#options;
      logger.debug({ url: url.split("?")[0], error: messageOf(error) }, "a peer could not be dialled");
      onFailed();
      this.#wait(0);
    }
  }

  /** The subprotocol is only an offer: servers that fail the handshake over it are asked once more without. */
  async #dialOnce(): Promise<Connection> {
    const { dialer, url, token, limits } = this.#options;
    const options = { token, timeoutMs: limits.peerDialMs };
    try {
      return await dialer.dial(url, { ...options, subprotocols: [subprotocol] });
    } catch (error) {
      if (this.#is("stopped")) throw error;
      return await dialer.dial(url, { ...options, subprotocols: [] });
    }
  }

  #opened(connection: Connection): void {
    if (this.#is("stopped")) {
      connection.close(1000, "");
      return;
    }
    const { clock, limits, onOpen } = this.#options;
    const sinceMs = clock.monotonicMs();
    this.#state = { kind: "open", connection, sinceMs };
    onOpen(connection, (code) => {
      if (this.#state.kind !== "open" || this.#state.connection !== connection) return;
      if (clock.monotonicMs() - sinceMs >= limits.stableConnectionMs) this.#attempt = 0;
      this.#wait(isFinal(code) ? limits.reconnectCapMs : 0);
    });
  }

  #wait(atLeastMs: number): void {
    const { clock, random, limits } = this.#options;
    const early = { capMs: limits.reconnectEarlyCapMs, attempts: limits.reconnectEarlyAttempts };
    const schedule = { baseMs: limits.reconnectBaseMs, capMs: limits.reconnectCapMs, early };
    const delayMs = atLeastMs + backoffMs(this.#attempt, schedule, random);
    this.#attempt += 1;
    this.#state = { kind: "waiting", timer: clock.after(delayMs, () => void this.#dial()) };
  }

  #is(kind: State["kind"]): boolean {
    return this.#state.kind === kind;
  }
}
