/** What a room knows of the sessions in it. */

import type { SetAside } from "@context-mesh/protocol";
import type { PresenceMessages } from "../multicast/audience.ts";
import type { Addressee } from "../multicast/post-office.ts";
import type { Speaker } from "../presence/table.ts";

/** One commit's updates of one room, built once for all its sessions. */
export interface FanOut {
  readonly messages: readonly Uint8Array[];
  /** Places in `messages` of what each member brought, ascending; that is not sent back there. */
  readonly ownPlaces: ReadonlyMap<Member, readonly number[]>;
  readonly bytes: number;
  /** The largest message. */
  readonly bytesMax: number;
  readonly lastSeq: number;
}

export interface Member extends Speaker, Addressee {
  /** Relay-local, for the log's stamps. */
  readonly label: string;
  readonly agent: string;
  readonly canWrite: boolean;
  /** Held back or refused updates are answered with our state, so that the other end sends what is missing. */
  ask(): void;
  /** Asks as well, unless nothing has changed since both ends were found equal. */
  reconcile(): void;
  deliver(fanOut: FanOut): void;
  /** More of what this session sent may be on disk now. */
  settle(): void;
  setAside(parts: readonly SetAside[]): void;
  tellPresence(messages: PresenceMessages): void;
  tick(nowMs: number): void;
  /** The room goes from memory; peer links stay. */
  unloaded(): void;
  close(code: number, reason: string): void;
  /** Closes with the code that the protocol's table gives for this reason, and counts it. */
  refuse(reason: string): void;
  /** What it was sent, or what it has sent, is still being handed over. */
  readonly isBusy: boolean;
}
