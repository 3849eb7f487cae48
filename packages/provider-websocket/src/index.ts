/** Connections to relays over WebSockets, from Node. `./server` is the listening end; browsers get `index-browser.ts`. */

import { silentLogger, systemClock } from "@context-mesh/common";
import type { Dialer } from "@context-mesh/ports";
import { NodeDialer, type NodeDialerOptions } from "./dialer.ts";

export type DialerOptions = Partial<NodeDialerOptions>;

/** A dialer over the `ws` package. Time and logs are the system's and none unless given. */
export const createDialer = (options: DialerOptions = {}): Dialer =>
  new NodeDialer({ clock: systemClock, logger: silentLogger, ...options });
