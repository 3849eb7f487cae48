/** `Connection`: one ordered, reliable, message-framed link; a WebSocket in real use, a simulated one under test. */

export interface ConnectionHandlers {
  /** One binary message. The bytes are the receiver's to keep. Text messages never get here: the adapter closes with 4400. */
  onMessage(bytes: Uint8Array): void;
  /**
   * Exactly once, also after a local close. 1006 when the other end vanished: also without a word, noticed by pings within
   * `limits.pingMs` × (`limits.pingsUnansweredMax` + 1). Only a browser's socket cannot ask; who uses one must bound the
   * silence itself.
   */
  onClose(code: number, reason: string): void;
  /** The send buffer became empty after it had not been. */
  onDrain?(): void;
}

export interface Connection {
  /** The agreed WebSocket subprotocol, "" for none. An echo of the offer is no proof of anything. */
  readonly subprotocol: string;
  /** Bytes accepted by `send` that the operating system has not taken yet. */
  readonly bufferedBytes: number;
  /** Sets the handlers; messages that arrived before are delivered at once, in order. */
  handle(handlers: ConnectionHandlers): void;
  /** One message per frame. Never throws; sending on a closed connection does nothing. */
  send(message: Uint8Array): void;
  /**
   * The same as `send` for each message. Who sends one list to many connections passes the same array to each: an
   * adapter that has this method builds the bytes once per array. The array must not change afterwards. `except`: places
   * in the list, ascending, that this connection is not sent.
   */
  sendBatch?(messages: readonly Uint8Array[], except?: readonly number[]): void;
  /** Stops and restarts reading, so that the other end feels the pressure. */
  pause?(): void;
  resume?(): void;
  /** Orderly close; falls back to `terminate` after two seconds. */
  close(code: number, reason: string): void;
  /** Drops the link at once. */
  terminate(): void;
}

export interface DialOptions {
  readonly subprotocols: readonly string[];
  /** Sent as `Authorization: Bearer` where headers can be set, else as `?token=`. Never logged. */
  readonly token?: string | undefined;
  readonly timeoutMs: number;
}

/** Opens connections. Rejects with a MeshError: `dial_failed`, `dial_timeout`. A close code in the first moments arrives as `onClose`. */
export interface Dialer {
  dial(url: string, options: DialOptions): Promise<Connection>;
}
