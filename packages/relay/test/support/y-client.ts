/** A client with a Y.Doc that speaks the wire by hand: as a stock client does, or, with `node`, as a client of the subprotocol. */

import type { Connection } from "@context-mesh/ports";
import {
  decodeMessage,
  encodeAwareness,
  encodeAwarenessStates,
  encodeHello,
  encodeStep1,
  encodeStep2,
  encodeUpdate,
  type Message,
} from "@context-mesh/protocol";
import * as Y from "yjs";

export interface YClientOptions {
  /** Says hello under this name. */
  readonly node?: string;
  readonly presence?: readonly number[];
  /** Presence is wanted of these groups. */
  readonly groups?: readonly string[];
  readonly subscriptions?: readonly string[];
  /** Offers the subprotocol and never says hello. */
  readonly isRude?: boolean;
  readonly doc?: Y.Doc;
  /** Sends step 1 at once, as everybody does. */
  readonly asks?: boolean;
}

export class YClient {
  readonly doc: Y.Doc;
  readonly heard: Message[] = [];
  readonly connection: Connection;
  readonly #options: YClientOptions;
  synced = false;
  closedWith: number | undefined;
  /** The last acknowledgement: messages and seq. */
  acked: { readonly count: number; readonly seq: number } | undefined;
  /** Update-carrying messages sent. */
  sent = 0;

  constructor(connection: Connection, options: YClientOptions = {}) {
    this.connection = connection;
    this.#options = options;
    this.doc = options.doc ?? new Y.Doc();
    connection.handle({
      onMessage: (bytes) => this.#onMessage(bytes),
      onClose: (code) => {
        this.closedWith = code;
        this.doc.off("update", this.#onUpdate);
      },
    });
    this.doc.on("update", this.#onUpdate);
    if (options.asks !== false) this.ask();
  }

  /** The array that all test clients write to. */
  get items(): readonly unknown[] {
    return this.doc.getArray("items").toArray();
  }

  get types(): readonly Message["type"][] {
    return this.heard.map(({ type }) => type);
  }

  add(...items: readonly unknown[]): void {
    this.doc.getArray("items").push([...items]);
  }

  ask(): void {
    this.connection.send(encodeStep1(Y.encodeStateVector(this.doc)));
  }

  send(update: Uint8Array): void {
    this.sent += 1;
    this.connection.send(encodeUpdate(update));
  }

  present(client: number, clock: number, state: { readonly [key: string]: string } | null = { name: "x" }): void {
    this.connection.send(encodeAwareness(encodeAwarenessStates([{ client, clock, state }])));
  }

  readonly #onUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin !== this) this.send(update);
  };

  #onMessage(bytes: Uint8Array): void {
    const message = decodeMessage(bytes);
    if (!message.ok) throw new Error(`the relay sent ${message.reason}`);
    this.heard.push(message.value);
    this.#answer(message.value);
  }

  #answer(message: Message): void {
    switch (message.type) {
      case "hello":
        if (this.#options.node === undefined || this.#options.isRude === true) return;
        this.connection.send(
          encodeHello({
            v: 1,
            id: this.#options.node,
            role: "node",
            agent: this.#options.node,
            features: ["ack"],
            presence: this.#options.presence ?? [],
            ...(this.#options.groups === undefined ? {} : { groups: this.#options.groups }),
            ...(this.#options.subscriptions === undefined ? {} : { subscriptions: this.#options.subscriptions }),
          }),
        );
        return;
      case "sync-step-1":
        this.sent += 1;
        this.connection.send(encodeStep2(Y.encodeStateAsUpdate(this.doc, message.vector)));
        return;
      case "sync-step-2":
        this.synced = true;
        Y.applyUpdate(this.doc, message.update, this);
        return;
      case "update":
        Y.applyUpdate(this.doc, message.update, this);
        return;
      case "ack":
        this.acked = { count: message.count, seq: message.seq };
        return;
      default:
    }
  }
}
