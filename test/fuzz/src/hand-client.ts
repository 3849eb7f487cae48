/** A client of the subprotocol over hand-made frames: says hello, answers questions, counts what it sends and what is acknowledged. */

import {
  decodeMessage,
  encodeHello,
  encodeStep1,
  encodeStep2,
  encodeUpdate,
  type Message,
  type SetAside,
  scanUpdate,
} from "@context-mesh/protocol";
import { RawSocket } from "./raw-socket.ts";

const emptyUpdate = Uint8Array.of(0, 0);
const emptyVector = Uint8Array.of(0);

export class HandClient {
  readonly socket: RawSocket;
  /** Update-carrying messages. */
  sent = 0;
  acked = 0;
  readonly setAside: SetAside[] = [];
  readonly updates: Uint8Array[] = [];
  readonly awareness: Uint8Array[] = [];
  readonly #name: string;
  /** The relay has answered our question. */
  isSynced = false;
  #isGreeted = false;

  private constructor(socket: RawSocket, name: string) {
    this.socket = socket;
    this.#name = name;
    socket.listen((bytes) => {
      const message = decodeMessage(bytes);
      if (!message.ok) throw new Error(`the relay sent ${message.reason}`);
      this.#take(message.value);
    });
  }

  static async open(port: number, room: string, name = "hand"): Promise<HandClient> {
    const headers = ["Sec-WebSocket-Protocol: context-mesh.1"];
    const socket = await RawSocket.open(port, { path: `/${room}`, headers });
    const client = new HandClient(socket, name);
    await socket.until(() => client.#isGreeted || socket.isEnded);
    return client;
  }

  send(update: Uint8Array): void {
    this.sent += 1;
    this.socket.send(encodeUpdate(update));
  }

  /** Everything sent so far is acknowledged. */
  async settled(timeoutMs = 20_000): Promise<void> {
    await this.socket.until(() => this.acked >= this.sent || this.socket.isEnded, timeoutMs);
    if (this.socket.isEnded) throw new Error(`closed with ${this.socket.closeCode}`);
  }

  /** Next clock of each Yjs client, as far as the relay has told. */
  clocks(): ReadonlyMap<number, number> {
    const clocks = new Map<number, number>();
    for (const update of this.updates) {
      const scan = scanUpdate(update);
      if (!scan.ok) throw new Error(`the relay sent an update that is ${scan.reason}`);
      for (const { client, to } of scan.value.clients) clocks.set(client, Math.max(to, clocks.get(client) ?? 0));
    }
    return clocks;
  }

  clients(): ReadonlySet<number> {
    return new Set(this.clocks().keys());
  }

  #take(message: Message): void {
    switch (message.type) {
      case "hello":
        this.socket.send(encodeHello({ v: 1, id: this.#name, role: "node", agent: this.#name, features: ["ack"] }));
        this.socket.send(encodeStep1(emptyVector));
        return;
      case "sync-step-1":
        this.sent += 1;
        this.socket.send(encodeStep2(emptyUpdate));
        this.#isGreeted = true;
        return;
      case "ack":
        this.acked = message.count;
        this.setAside.push(...message.setAside);
        return;
      case "update":
      case "sync-step-2":
        this.isSynced ||= message.type === "sync-step-2";
        this.updates.push(message.update.slice());
        return;
      case "awareness":
        this.awareness.push(message.update.slice());
        return;
      default:
    }
  }
}
