/** Connections to relays over WebSockets, from a browser. */

import { type Clock, type Logger, silentLogger, systemClock } from "@context-mesh/common";
import type { Dialer } from "@context-mesh/ports";
import { BrowserDialer, type WebSocketClass } from "./browser-dialer.ts";

export interface DialerOptions {
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** A dialer over the global `WebSocket`. */
export const createDialer = (options: DialerOptions = {}): Dialer =>
  new BrowserDialer({
    clock: systemClock,
    logger: silentLogger,
    WebSocket: (globalThis as unknown as { WebSocket: WebSocketClass }).WebSocket,
    ...options,
  });
