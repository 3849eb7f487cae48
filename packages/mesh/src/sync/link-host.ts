/** What a relay link needs of its node, as a type. */

import type { Clock, Logger, Random } from "@context-mesh/common";
import type { Connection, Dialer } from "@context-mesh/ports";
import type { AwarenessState, Hello, SetAside, StateVector } from "@context-mesh/protocol";
import type { Reach } from "./ack-window.ts";

/** A link as its node sees it. */
export interface LinkEnd {
  readonly url: string;
  readonly relayId: string | undefined;
}

/** Everything that leaves is committed before these return. */
export interface LinkHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly dialer: Dialer;
  readonly token: string | undefined;
  /** The question that was sent over it before it was handed over; undefined for none. */
  askedEarly(connection: Connection): Uint8Array | undefined;
  ownHello(): Hello;
  /** Own Yjs client id and clock, after catching up with other processes of this agent. */
  own(): { readonly clientId: number; readonly clock: number };
  /** Undefined when the store cannot commit: then nothing may leave. */
  committedVector(): StateVector | undefined;
  diff(vector: StateVector): Uint8Array;
  /** Everything published so far. */
  reach(): Reach;
  receive(update: Uint8Array, url: string): void;
  renew(reason: string): void;
  /** The relay said how much of ours it has. */
  told(link: LinkEnd, ownClock: number): void;
  checked(link: LinkEnd): void;
  synced(link: LinkEnd): void;
  /** A question of ours was answered, perhaps with nothing new. */
  answered(): void;
  lost(link: LinkEnd): void;
  proven(link: LinkEnd, reach: Reach, state: "relayed" | "durable"): void;
  setAside(link: LinkEnd, parts: readonly SetAside[]): void;
  awareness(link: LinkEnd, states: readonly AwarenessState[]): void;
  /** The payload of a message 66. */
  posted(payload: Uint8Array): void;
  sayPresence(link: LinkEnd): void;
  /** A message 65. */
  claim(link: LinkEnd, payload: Uint8Array): void;
  changed(link: LinkEnd): void;
}
