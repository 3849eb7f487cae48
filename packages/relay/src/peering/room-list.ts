/** The talk in which two relays tell each other their rooms: hellos only, on a room of its own, long lists in several. */

import { messageOf } from "@context-mesh/common";
import type { Connection } from "@context-mesh/ports";
import { decodeMessage, encodeHello, type Hello } from "@context-mesh/protocol";
import type { RelayContext } from "../context.ts";

/** No room of anybody: where relays exchange their lists. */
export const listRoom = "~context-mesh/rooms";

export interface RoomListOptions {
  readonly context: RelayContext;
  readonly connection: Connection;
  /** The accepting end speaks first, the dialling end answers. */
  readonly speaksFirst: boolean;
  readonly ownRooms: () => readonly string[];
  readonly onRooms: (rooms: readonly string[], hello: Hello) => void;
  /** Something else than a hello of a relay came, or nothing: this is no relay of ours. */
  readonly onStranger: () => void;
  readonly onClosed: (code: number) => void;
}

export class RoomListTalk {
  readonly #options: RoomListOptions;
  readonly #told = new Set<string>();
  #isAcquainted = false;
  #isOver = false;

  constructor(options: RoomListOptions) {
    this.#options = options;
  }

  start(): void {
    const { connection, context, speaksFirst } = this.#options;
    connection.handle({
      onMessage: (bytes) => this.#onMessage(bytes),
      onClose: (code) => {
        this.#isOver = true;
        this.#options.onClosed(code);
      },
    });
    if (speaksFirst) this.#tell(this.#options.ownRooms(), true);
    context.clock.after(context.limits.peerDialMs, () => {
      if (!this.#isAcquainted && !this.#isOver) this.#options.onStranger();
    });
  }

  /** A room was stored here for the first time. */
  announce(room: string): void {
    if (this.#isAcquainted && !this.#told.has(room)) this.#tell([room], false);
  }

  close(code: number, reason: string): void {
    this.#isOver = true;
    this.#options.connection.close(code, reason);
  }

  #onMessage(bytes: Uint8Array): void {
    if (this.#isOver) return;
    const message = decodeMessage(bytes);
    if (!message.ok || message.value.type !== "hello" || message.value.hello.role !== "relay") {
      if (!this.#isAcquainted) this.#options.onStranger();
      return;
    }
    const { hello } = message.value;
    if (!this.#isAcquainted) {
      this.#isAcquainted = true;
      if (!this.#options.speaksFirst) this.#tell(this.#options.ownRooms(), true);
    }
    this.#hear(hello);
  }

  #hear(hello: Hello): void {
    try {
      this.#options.onRooms(hello.rooms ?? [], hello);
    } catch (error) {
      this.#options.context.logger.error({ error: messageOf(error) }, "a room list could not be taken in");
    }
  }

  #tell(rooms: readonly string[], evenIfNone: boolean): void {
    const { context, connection } = this.#options;
    const { helloRoomsMax } = context.limits;
    const base: Hello = { v: 1, id: context.relayId(), role: "relay", features: ["ack", "rooms"] };
    for (let at = 0; at < rooms.length || (at === 0 && evenIfNone); at += helloRoomsMax) {
      connection.send(encodeHello({ ...base, rooms: rooms.slice(at, at + helloRoomsMax) }));
    }
    for (const room of rooms) this.#told.add(room);
  }
}
