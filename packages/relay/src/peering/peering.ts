/** All peers of a relay, and the relays that have it as theirs. Loop-free because only news is passed on. */

import type { Connection, Dialer } from "@context-mesh/ports";
import { closeCode } from "@context-mesh/protocol";
import type { RelayContext } from "../context.ts";
import { Peer, type PeerOptions } from "./peer.ts";
import { parsePeerUrl } from "./peer-url.ts";
import { DialGate } from "./redial.ts";
import { RoomListTalk } from "./room-list.ts";

export interface PeeringOptions {
  readonly context: RelayContext;
  readonly dialer: Dialer | undefined;
  readonly peers: readonly string[];
  readonly attach: PeerOptions["attach"];
}

/** Dials at once; a relay with thousands of rooms would otherwise open thousands of sockets in one instant. */
const dialsAtOnce = 16;

export class Peering {
  readonly #options: PeeringOptions;
  readonly #peers: readonly Peer[];
  /** Talks with relays that dialled us. */
  readonly #talks = new Set<RoomListTalk>();
  readonly #stored = new Set<string>();
  readonly #loaded = new Set<string>();

  /** Throws `bad_peer` on an address that is none. */
  constructor(options: PeeringOptions) {
    const { context, dialer, peers, attach } = options;
    const gate = new DialGate(dialsAtOnce);
    const ownRooms = (): readonly string[] => [...new Set([...this.#stored, ...this.#loaded])];
    this.#options = options;
    this.#peers = peers.flatMap((url) => {
      const address = parsePeerUrl(url);
      return dialer === undefined ? [] : [new Peer({ context, dialer, gate, address, ownRooms, attach })];
    });
  }

  get hasPeers(): boolean {
    return this.#peers.length > 0;
  }

  start(storedRooms: readonly string[]): void {
    for (const room of storedRooms) this.#stored.add(room);
    for (const peer of this.#peers) peer.start();
  }

  stop(): void {
    const { code } = closeCode.restart;
    for (const peer of this.#peers) peer.stop(code, "the relay stops");
    for (const talk of this.#talks) talk.close(code, "the relay stops");
    this.#talks.clear();
  }

  /** A connection to the room of lists. */
  accept(connection: Connection): void {
    const talk = new RoomListTalk({
      context: this.#options.context,
      connection,
      speaksFirst: true,
      ownRooms: () => [...this.#stored],
      // The relay that dialled opens the links, for its rooms and for ours.
      onRooms: () => {},
      onStranger: () => talk.close(closeCode.forbidden.code, "for relays only"),
      onClosed: () => this.#talks.delete(talk),
    });
    this.#talks.add(talk);
    talk.start();
  }

  roomOpened(room: string): void {
    this.#loaded.add(room);
    for (const peer of this.#peers) peer.want(room);
  }

  roomStored(room: string): void {
    if (this.#stored.has(room)) return;
    this.#stored.add(room);
    for (const talk of this.#talks) talk.announce(room);
    for (const peer of this.#peers) peer.announce(room);
  }

  roomUnloaded(room: string): void {
    this.#loaded.delete(room);
    if (this.#stored.has(room)) return;
    for (const peer of this.#peers) peer.drop(room);
  }
}
