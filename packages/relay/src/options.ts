/** What a relay is made of: ports, peers, bounds. Everything it touches is passed in, so that a simulator runs it unchanged. */

import type { Clock, Limits, Logger, Random } from "@context-mesh/common";
import type { ArbiterStore, Dialer, DocStore } from "@context-mesh/ports";
import type { AwarenessState } from "@context-mesh/protocol";
import type { BulkWork } from "./bulk-work.ts";

export type Permission = "write" | "read" | "refuse";

export interface RelayOptions {
  readonly store: DocStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Needed for peers. */
  readonly dialer?: Dialer;
  /**
   * Other relays: `ws://host:port` for every room, `ws://host:port/room` for one. Stock y-websocket servers have no room
   * list: with them the rooms known here are exchanged. A `?token=` goes along with each dial.
   */
  readonly peers?: readonly string[];
  readonly limits?: Partial<Limits>;
  /** Everybody may write unless this says otherwise. */
  readonly authorize?: (token: string | undefined, room: string, origin: string | undefined) => Permission;
  /** Made and stored at the first start unless given. */
  readonly relayId?: string;
  /** Rooms (or `*`) whose confirmed claims are decided here. The store must be the one that this relay alone starts with. */
  readonly arbiter?: { readonly rooms: readonly string[]; readonly store: ArbiterStore };
  /** Hears of all that clients say of themselves, as it comes. */
  readonly onPresence?: (room: string, states: readonly AwarenessState[]) => void;
  /** In process unless given. */
  readonly bulk?: BulkWork;
}

/** What the listener tells of a connection. */
export interface ConnectionInfo {
  readonly room: string;
  readonly offeredSubprotocol: boolean;
  readonly token?: string;
  /** Of the page that connects; programs have none. */
  readonly origin?: string;
  readonly remote: string;
}

export interface Readiness {
  readonly ok: boolean;
  /** In words, also when it is ready but something is wrong. */
  readonly reasons: readonly string[];
}
