/**
 * A client without a store that writes as fast as the relay acknowledges, into a room of its own: a kill then falls into the
 * midst of commits, acknowledgements and, every few strikes, a compaction. It keeps count of what was acknowledged.
 */

import type { Connection } from "@context-mesh/ports";
import {
  decodeMessage,
  encodeHello,
  encodeStep1,
  encodeStep2,
  encodeUpdate,
  type Message,
} from "@context-mesh/protocol";
import { createDialer } from "@context-mesh/provider-websocket";
import * as Y from "yjs";
import { within } from "./patience.ts";

export const bulkRoom = "bulk";
const dialTimeoutMs = 10_000;
/** So many updates are under way at most. */
const windowUpdates = 200;
const emptyUpdate = Uint8Array.of(0, 0);
const emptyVector = Uint8Array.of(0);

/** One connection, with a Yjs client of its own: one update is one clock. */
class Life {
  readonly #connection: Connection;
  readonly #doc = new Y.Doc({ gc: false });
  readonly #values = this.#doc.getArray<number>("values");
  #sent = 0;
  #updates = 0;
  #acked = 0;
  #isWriting = false;
  /** The relay has asked what is here, and was answered: every message after that is an update. */
  readonly greeted: Promise<void>;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#doc.on("update", (update: Uint8Array) => this.#send(encodeUpdate(update)));
    this.greeted = new Promise((resolve, reject) => {
      connection.handle({
        onMessage: (bytes) => {
          const message = decodeMessage(bytes);
          if (message.ok) this.#take(message.value, resolve);
          else reject(new Error(`the relay sent ${message.reason}`));
        },
        onClose: (code) => reject(new Error(`the relay closed with ${code}`)),
      });
    });
    // After the greeting a close is what a kill looks like.
    this.greeted.catch(() => undefined);
  }

  get client(): number {
    return this.#doc.clientID;
  }

  /** Updates that are said to be on the relay's disk. */
  get acknowledged(): number {
    return Math.max(0, this.#acked - (this.#sent - this.#updates));
  }

  write(isWriting: boolean): void {
    this.#isWriting = isWriting;
    this.#pump();
  }

  #take(message: Message, onGreeted: () => void): void {
    if (message.type === "hello") {
      this.#connection.send(encodeHello({ v: 1, id: "bulk", role: "node", agent: "bulk", features: ["ack"] }));
      this.#connection.send(encodeStep1(emptyVector));
    }
    if (message.type === "sync-step-1") {
      this.#send(encodeStep2(emptyUpdate));
      onGreeted();
    }
    if (message.type !== "ack") return;
    if (message.setAside.length > 0) throw new Error("the relay set aside what an honest client wrote");
    this.#acked = message.count;
    this.#pump();
  }

  #pump(): void {
    while (this.#isWriting && this.#sent - this.#acked < windowUpdates) {
      this.#updates += 1;
      this.#values.push([this.#updates]);
    }
  }

  #send(message: Uint8Array): void {
    this.#sent += 1;
    this.#connection.send(message);
  }
}

export class BulkWriter {
  readonly #lives: Life[] = [];

  get acknowledged(): number {
    return this.#lives.reduce((sum, life) => sum + life.acknowledged, 0);
  }

  async connect(relay: string): Promise<void> {
    const options = { subprotocols: ["context-mesh.1"], timeoutMs: dialTimeoutMs };
    const life = new Life(await createDialer().dial(`${relay}/${bulkRoom}`, options));
    this.#lives.push(life);
    await within(life.greeted, "the bulk writer is greeted");
  }

  /** Writes from now on, or no more: what is under way goes on. */
  write(isWriting: boolean): void {
    this.#lives.at(-1)?.write(isWriting);
  }

  /** What was acknowledged and is not in the document. */
  missingIn(doc: Y.Doc): readonly string[] {
    const clocks = Y.decodeStateVector(Y.encodeStateVector(doc));
    return this.#lives.flatMap(({ client, acknowledged }) => {
      const stored = clocks.get(client) ?? 0;
      return stored >= acknowledged ? [] : [`bulk: ${acknowledged - stored} of ${acknowledged} updates of ${client}`];
    });
  }
}
