/** A stock y-websocket server, as it is: a Y.Doc a room, no durability, no hello, presence and updates passed on as they come. */

import type { MemoryNetwork } from "@context-mesh/memory";
import type { Connection } from "@context-mesh/ports";
import {
  decodeAwareness,
  decodeMessage,
  encodeAwareness,
  encodeStep1,
  encodeStep2,
  encodeUpdate,
  type Message,
} from "@context-mesh/protocol";
import * as Y from "yjs";

interface Room {
  readonly doc: Y.Doc;
  readonly connections: Set<Connection>;
  readonly presence: Set<number>;
}

export class StockRelay {
  readonly url: string;
  /** First byte of every message that came in. */
  readonly messageTypes: number[] = [];
  updatesReceived = 0;
  readonly #rooms = new Map<string, Room>();

  constructor(network: MemoryNetwork, url: string, options: { readonly refusesSubprotocols?: boolean } = {}) {
    this.url = url;
    const select = (offered: readonly string[]): string | undefined => {
      return options.refusesSubprotocols === true && offered.length > 0 ? undefined : (offered[0] ?? "");
    };
    network.listen(url, (connection, info) => this.#accept(connection, this.#room(info.path)), {
      selectSubprotocol: select,
    });
  }

  ydoc(path: string): Y.Doc {
    return this.#room(path).doc;
  }

  presenceIds(path: string): ReadonlySet<number> {
    return this.#room(path).presence;
  }

  #room(path: string): Room {
    const known = this.#rooms.get(path);
    if (known !== undefined) return known;
    const room: Room = { doc: new Y.Doc(), connections: new Set(), presence: new Set() };
    room.doc.on("update", (update: Uint8Array) => {
      for (const connection of room.connections) connection.send(encodeUpdate(update));
    });
    this.#rooms.set(path, room);
    return room;
  }

  #accept(connection: Connection, room: Room): void {
    room.connections.add(connection);
    connection.handle({
      onMessage: (bytes) => {
        this.messageTypes.push(bytes[0] as number);
        const message = decodeMessage(bytes);
        if (message.ok) this.#onMessage(connection, room, message.value, bytes);
      },
      onClose: () => room.connections.delete(connection),
    });
    connection.send(encodeStep1(Y.encodeStateVector(room.doc)));
  }

  #onMessage(connection: Connection, room: Room, message: Message, bytes: Uint8Array): void {
    if (message.type === "sync-step-1") {
      connection.send(encodeStep2(Y.encodeStateAsUpdate(room.doc, message.vector)));
    } else if (message.type === "sync-step-2" || message.type === "update") {
      if (message.type === "update") this.updatesReceived += 1;
      Y.applyUpdate(room.doc, message.update);
    } else if (message.type === "awareness") {
      const states = decodeAwareness(message.update);
      if (states.ok) for (const { client } of states.value) room.presence.add(client);
      for (const other of room.connections) other.send(encodeAwareness(message.update).slice(0, bytes.length));
    }
  }
}
