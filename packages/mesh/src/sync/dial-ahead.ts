/** Dials a room's relays before there is a node: opening and checking a large store takes as long as a round trip. */

import type { Clock } from "@context-mesh/common";
import type { Dialer } from "@context-mesh/ports";
import { roomToPath } from "@context-mesh/protocol";
import { EarlyDialer } from "./early-dialer.ts";
import { addressOf, dialOptions } from "./link.ts";

export interface DialAhead {
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly room: string;
  readonly relays: readonly string[];
  readonly token: string | undefined;
}

/**
 * The dialer for the node to be: its first dial of each relay takes the connection opened here. `stop` closes what nobody
 * took. A name that is no room's dials nothing; the node says what is wrong with it.
 */
export const dialAhead = ({ dialer, clock, room, relays, token }: DialAhead): Dialer & { stop(): void } => {
  const early = new EarlyDialer(dialer, clock);
  const path = roomToPath(room);
  if (path.ok) for (const url of relays) early.begin(addressOf(url, path.value), dialOptions(true, token));
  return early;
};
