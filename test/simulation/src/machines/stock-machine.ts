/** A stock peer: a Y.Doc with the plain sync protocol, no hello, no store; as y-websocket's provider it passes on what it hears. */

import type { Connection, Dialer } from "@context-mesh/ports";
import { LocalClock } from "@context-mesh/testkit";
import { createDecoder, readVarUint } from "lib0/decoding";
import { createEncoder, length, toUint8Array, writeVarUint } from "lib0/encoding";
import { readSyncMessage, writeSyncStep1, writeUpdate } from "y-protocols/sync";
import * as Y from "yjs";
import { type Machinery, room } from "./machinery.ts";

/** Stock providers hang up after this silence, and come back soon. */
const silenceMs = 30_000;
const redialMs = 2_000;
const syncMessage = 0;

interface Line {
  readonly url: string;
  connection: Connection | undefined;
  heardMs: number;
}

const message = (write: (encoder: ReturnType<typeof createEncoder>) => void): Uint8Array => {
  const encoder = createEncoder();
  writeVarUint(encoder, syncMessage);
  write(encoder);
  return toUint8Array(encoder);
};

export class StockMachine {
  readonly name: string;
  readonly doc = new Y.Doc();
  readonly #world: Machinery;
  readonly #lines: readonly Line[];
  #clock: LocalClock | undefined;

  constructor(world: Machinery, name: string, urls: readonly string[]) {
    this.#world = world;
    this.name = name;
    this.#lines = urls.map((url) => ({ url, connection: undefined, heardMs: 0 }));
    this.doc.clientID = 1 + world.random.int(2 ** 31);
    this.doc.on("update", (update: Uint8Array, origin: unknown) => this.#passOn(update, origin));
  }

  get isUp(): boolean {
    return this.#clock !== undefined;
  }

  start(): void {
    this.#clock = new LocalClock(this.#world.clock);
    const dialer = this.#world.network.dialer(this.name);
    for (const line of this.#lines) this.#dial(line, dialer, this.#clock);
    this.#clock.every(5_000, () => this.#hangUp());
  }

  crash(): void {
    this.#clock?.kill();
    this.#clock = undefined;
    this.#world.network.kill(this.name);
    for (const line of this.#lines) line.connection = undefined;
  }

  #dial(line: Line, dialer: Dialer, clock: LocalClock): void {
    const again = (): void => void clock.after(redialMs, () => this.#dial(line, dialer, clock));
    dialer.dial(`${line.url}/${room}`, { subprotocols: [], timeoutMs: 8_000 }).then((connection) => {
      if (this.#clock !== clock) return connection.terminate();
      line.connection = connection;
      line.heardMs = clock.monotonicMs();
      connection.handle({
        onMessage: (bytes) => {
          line.heardMs = clock.monotonicMs();
          this.#hear(connection, bytes);
        },
        onClose: () => {
          line.connection = undefined;
          again();
        },
      });
      connection.send(message((encoder) => writeSyncStep1(encoder, this.doc)));
    }, again);
  }

  #hear(connection: Connection, bytes: Uint8Array): void {
    const decoder = createDecoder(bytes);
    if (readVarUint(decoder) !== syncMessage) return;
    const answer = createEncoder();
    writeVarUint(answer, syncMessage);
    readSyncMessage(decoder, answer, this.doc, connection);
    if (length(answer) > 1) connection.send(toUint8Array(answer));
  }

  #passOn(update: Uint8Array, origin: unknown): void {
    const others = this.#lines.filter(({ connection }) => connection !== undefined && connection !== origin);
    if (others.length === 0) return;
    this.#world.ledger.note("a stock peer passed on what others wrote");
    const bytes = message((encoder) => writeUpdate(encoder, update));
    for (const { connection } of others) connection?.send(bytes);
  }

  #hangUp(): void {
    const nowMs = this.#world.clock.monotonicMs();
    for (const { connection, heardMs } of this.#lines) if (nowMs - heardMs > silenceMs) connection?.terminate();
  }
}
