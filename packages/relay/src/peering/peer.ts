/** One peer relay: what it is, and a link for each room that both should have. */

import type { Connection, Dialer } from "@context-mesh/ports";
import type { Hello } from "@context-mesh/protocol";
import type { RelayContext } from "../context.ts";
import type { PeerAddress } from "./peer-url.ts";
import { type DialGate, Redial } from "./redial.ts";
import { listRoom, RoomListTalk } from "./room-list.ts";

export interface PeerOptions {
  readonly context: RelayContext;
  readonly dialer: Dialer;
  readonly gate: DialGate;
  readonly address: PeerAddress;
  readonly ownRooms: () => readonly string[];
  /** Makes a session of a link. `onHello` when the other end says who it is. */
  readonly attach: (
    connection: Connection,
    room: string,
    on: { readonly hello: (hello: Hello) => void; readonly closed: (code: number) => void },
  ) => void;
}

/** `unknown` until the room list was asked for; a stock server has none and gets the rooms known here; `self` is ourselves. */
type Kind = "unknown" | "relay" | "stock" | "self";

export class Peer {
  readonly #options: PeerOptions;
  readonly #links = new Map<string, Redial>();
  #kind: Kind = "unknown";
  #list: Redial | undefined;
  #talk: RoomListTalk | undefined;
  #isStopped = false;

  constructor(options: PeerOptions) {
    this.#options = options;
  }

  get kind(): Kind {
    return this.#kind;
  }

  start(): void {
    const { room } = this.#options.address;
    if (room !== undefined) this.#link(room);
    else this.#startList();
  }

  stop(code: number, reason: string): void {
    this.#isStopped = true;
    this.#list?.stop(code, reason);
    for (const link of this.#links.values()) link.stop(code, reason);
    this.#links.clear();
  }

  /** A room is in use or stored here. */
  want(room: string): void {
    if (this.#options.address.room !== undefined) return;
    if (this.#kind === "relay" || this.#kind === "stock") this.#link(room);
  }

  announce(room: string): void {
    this.#talk?.announce(room);
  }

  /** Nobody here uses the room any more and nothing of it is stored. */
  drop(room: string): void {
    if (this.#options.address.room !== undefined) return;
    this.#links.get(room)?.stop(1000, "");
    this.#links.delete(room);
  }

  #startList(): void {
    this.#list = this.#redial(listRoom, (connection, ended) => {
      const talk = new RoomListTalk({
        context: this.#options.context,
        connection,
        speaksFirst: false,
        ownRooms: this.#options.ownRooms,
        onRooms: (rooms, hello) => this.#onRooms(rooms, hello),
        onStranger: () => this.#onStranger(),
        onClosed: (code) => {
          if (this.#talk === talk) this.#talk = undefined;
          ended(code);
        },
      });
      this.#talk = talk;
      talk.start();
    });
    this.#list.start();
  }

  #onRooms(rooms: readonly string[], hello: Hello): void {
    if (this.#isSelf(hello)) return;
    this.#kind = "relay";
    for (const room of [...rooms, ...this.#options.ownRooms()]) this.#link(room);
  }

  #onStranger(): void {
    const { context, address } = this.#options;
    context.logger.info({ peer: address.origin }, "this peer has no room list; the rooms known here are exchanged");
    this.#kind = "stock";
    this.#list?.stop(1000, "");
    for (const room of this.#options.ownRooms()) this.#link(room);
  }

  #isSelf(hello: Hello): boolean {
    const { context, address } = this.#options;
    if (hello.id !== context.relayId()) return false;
    context.logger.warn({ peer: address.origin }, "this peer is the relay itself");
    this.#kind = "self";
    this.stop(1000, "");
    return true;
  }

  #link(room: string): void {
    const isFull = this.#links.size >= this.#options.context.limits.roomsLoadedMax;
    if (this.#isStopped || this.#links.has(room) || room === listRoom || isFull) return;
    const link = this.#redial(room, (connection, ended) =>
      this.#options.attach(connection, room, { hello: (hello) => void this.#isSelf(hello), closed: ended }),
    );
    this.#links.set(room, link);
    link.start();
  }

  #redial(room: string, onOpen: (connection: Connection, ended: (code: number) => void) => void): Redial {
    const { context, dialer, gate, address } = this.#options;
    const { clock, random, logger, limits, metrics } = context;
    return new Redial({
      clock,
      random,
      logger,
      limits,
      dialer,
      gate,
      url: `${address.origin}/${room}`,
      token: address.token,
      onOpen,
      onFailed: () => metrics.add("peer_dials_failed"),
    });
  }
}
