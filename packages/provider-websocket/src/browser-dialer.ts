/** Opens WebSockets with the browser's own class, which can neither set headers nor tell when its buffer is empty. */

import { type Clock, type Logger, limits, MeshError } from "@context-mesh/common";
import type { Connection, ConnectionHandlers, Dialer, DialOptions } from "@context-mesh/ports";
import { closeCode } from "@context-mesh/protocol";
import { EarlyEvents } from "./early-events.ts";

/** The part of the standard's `WebSocket` that is used here. */
interface BrowserSocket {
  readonly protocol: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  onerror: (() => void) | null;
  send(data: Uint8Array): void;
  close(code?: number, reason?: string): void;
}

export type WebSocketClass = new (url: string, protocols?: string[]) => BrowserSocket;

export interface BrowserDialerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly WebSocket: WebSocketClass;
}

const openState = 1;
/** How often the buffer is looked at while it is not empty. */
const drainPollMs = 50;

const nothing = (): void => {};

class BrowserConnection implements Connection {
  readonly subprotocol: string;
  readonly #socket: BrowserSocket;
  readonly #clock: Clock;
  readonly #events = new EarlyEvents();
  #watching = false;

  constructor(socket: BrowserSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    this.subprotocol = socket.protocol;
    socket.onmessage = ({ data }) => this.#onMessage(data);
    socket.onclose = ({ code, reason }) => this.#events.close(code, reason);
    socket.onerror = nothing;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  handle(handlers: ConnectionHandlers): void {
    this.#events.handle(handlers);
  }

  send(message: Uint8Array): void {
    if (this.#socket.readyState !== openState) return;
    this.#socket.send(message);
    if (this.#watching || this.#socket.bufferedAmount === 0) return;
    this.#watching = true;
    this.#clock.after(drainPollMs, () => this.#watchBuffer());
  }

  /** Pages may close with 1000 and 3000 to 4999 only; other codes go out as 1000. */
  close(code: number, reason: string): void {
    if (this.#socket.readyState > openState) return;
    this.#socket.close(code >= 3_000 && code <= 4_999 ? code : 1_000, reason.slice(0, 40));
    this.#clock.after(limits.closeAnswerMs, () => this.#events.close(1006, "no answer to close"));
  }

  terminate(): void {
    this.#socket.onmessage = null;
    this.#socket.close();
    this.#events.close(1006, "terminated");
  }

  #watchBuffer(): void {
    if (this.#socket.readyState === openState && this.#socket.bufferedAmount > 0) {
      this.#clock.after(drainPollMs, () => this.#watchBuffer());
      return;
    }
    this.#watching = false;
    this.#events.drain();
  }

  #onMessage(data: unknown): void {
    if (data instanceof ArrayBuffer) this.#events.message(new Uint8Array(data));
    else this.close(closeCode.badRequest.code, "text messages are not part of the protocol");
  }
}

export class BrowserDialer implements Dialer {
  readonly #options: BrowserDialerOptions;

  constructor(options: BrowserDialerOptions) {
    this.#options = options;
  }

  dial(url: string, options: DialOptions): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const fail = (code: "dial_failed" | "dial_timeout"): void => {
        const hint = "Check that a relay runs at this address.";
        reject(new MeshError(code, `could not connect to ${url.split("?")[0]}`, { hint, retryable: true }));
      };
      let socket: BrowserSocket;
      try {
        socket = new this.#options.WebSocket(withToken(url, options.token), [...options.subprotocols]);
      } catch {
        fail("dial_failed");
        return;
      }
      socket.binaryType = "arraybuffer";
      const timer = this.#options.clock.after(options.timeoutMs, () => {
        fail("dial_timeout");
        socket.close();
      });
      socket.onopen = () => {
        timer.cancel();
        resolve(new BrowserConnection(socket, this.#options.clock));
      };
      socket.onerror = nothing;
      socket.onclose = () => {
        timer.cancel();
        fail("dial_failed");
      };
    });
  }
}

const withToken = (url: string, token: string | undefined): string =>
  token === undefined ? url : `${url}${url.includes("?") ? "&" : "?"}token=${encodeURIComponent(token)}`;
