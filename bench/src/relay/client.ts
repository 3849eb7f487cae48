/** A client so cheap that it is not what is measured: a raw socket, frames built beforehand, headers read and little else. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { scanUpdate, storeBounds } from "@context-mesh/protocol";
import type { BenchServer } from "./servers.ts";

const varUint = (value: number): number[] => {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 128);
  }
};

const text = (value: string): number[] => {
  const bytes = [...Buffer.from(value)];
  return [...varUint(bytes.length), ...bytes];
};

/** One Yjs update that appends one text to the client's own array, as a Yjs client would write it. */
export const appendUpdate = (client: number, clock: number, value: string): number[] => {
  const place = clock === 0 ? [8, 1, ...text(`a/${client}`)] : [136, ...varUint(client), ...varUint(clock - 1)];
  return [1, 1, ...varUint(client), ...varUint(clock), ...place, 1, 119, ...text(value), 0];
};

const sized = (bytes: readonly number[]): number[] => [...varUint(bytes.length), ...bytes];

/** y-protocols awareness of one client. */
export const presenceMessage = (client: number, clock: number, state: object): number[] => [
  1,
  ...sized([1, ...varUint(client), ...varUint(clock), ...text(JSON.stringify(state))]),
];

export const updateMessage = (update: readonly number[]): number[] => [0, 2, ...sized(update)];

/** A client's frame; the mask is zero, which leaves the payload as it is. */
const frameOf = (payload: ArrayLike<number>): Buffer => {
  const { length } = payload;
  const head = length < 126 ? 6 : length < 65_536 ? 8 : 14;
  const frame = Buffer.alloc(head + length);
  frame[0] = 0x82;
  frame[1] = 0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (head === 8) frame.writeUInt16BE(length, 2);
  if (head === 14) frame.writeBigUInt64BE(BigInt(length), 2);
  frame.set(payload, head);
  return frame;
};

export interface Incoming {
  /** Of the payload behind the room's name, in the bytes given. */
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
}

export type Target = Pick<BenchServer, "port" | "dialect">;

export interface LoadClientOptions {
  readonly server: Target;
  readonly room: string;
  readonly subprotocol?: string;
  readonly onMessage?: (message: Incoming) => void;
}

/** A relay lets one address open so many rooms a minute; a larger crowd comes from several. */
const perAddress = 500;
let opened = 0;

const nextAddress = (): { readonly localAddress?: string } => {
  const at = Math.floor(opened / perAddress);
  opened += 1;
  return at === 0 ? {} : { localAddress: `127.1.${at >> 8}.${(at & 255) + 1}` };
};

/**
 * One for all sockets: what is read is looked at before the next read. Without it each read takes, shrinks and frees 64 KiB,
 * which costs more than all else that a client does.
 */
const readBuffer = Buffer.allocUnsafe(256 * 2 ** 10);

const nothing: Buffer = Buffer.alloc(0);

const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

export class LoadClient {
  readonly room: string;
  readonly #options: LoadClientOptions;
  readonly #prefix: readonly number[];
  #socket: Socket | undefined;
  #rest: Buffer = nothing;
  #isUpgraded = false;
  #onUpgraded: () => void = () => {};
  #onStep2: (() => void) | undefined;
  /** Updates that came in, merged ones counted by what they hold. */
  updates = 0;
  presences = 0;
  bytes = 0;

  constructor(options: LoadClientOptions) {
    this.#options = options;
    this.room = options.room;
    this.#prefix = options.server.dialect === "hocuspocus" ? text(options.room) : [];
  }

  frame(payload: readonly number[]): Buffer {
    return frameOf([...this.#prefix, ...payload]);
  }

  async open(): Promise<void> {
    const { server, room, subprotocol } = this.#options;
    const onread = { buffer: readBuffer, callback: (length: number) => this.#take(readBuffer.subarray(0, length)) };
    const socket = connect({ port: server.port, host: "127.0.0.1", onread, ...nextAddress() });
    this.#socket = socket;
    socket.setNoDelay(true);
    await once(socket, "connect");
    const offer = subprotocol === undefined ? "" : `Sec-WebSocket-Protocol: ${subprotocol}\r\n`;
    socket.write(
      `GET /${server.dialect === "hocuspocus" ? "" : room} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n` +
        `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${offer}\r\n`,
    );
    await new Promise<void>((resolve, reject) => {
      this.#onUpgraded = resolve;
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("the server hung up")));
    });
    socket.on("error", () => socket.destroy());
    if (server.dialect === "hocuspocus") this.send(this.frame([2, 0, 0]));
  }

  send(frames: Buffer): void {
    this.#socket?.write(frames);
  }

  /** Asks with a state vector (an empty one by default) and waits for the answer's end. */
  sync(vector: readonly number[] = [0]): Promise<void> {
    const answered = new Promise<void>((resolve) => {
      this.#onStep2 = resolve;
    });
    this.send(this.frame([0, 0, ...sized(vector)]));
    return answered;
  }

  close(): void {
    this.#socket?.destroy();
  }

  /** False would stop the reading. */
  #take(chunk: Buffer): boolean {
    this.bytes += chunk.length;
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (!this.#isUpgraded) {
      const end = bytes.indexOf("\r\n\r\n");
      if (end >= 0) {
        this.#isUpgraded = true;
        bytes = bytes.subarray(end + 4);
        this.#onUpgraded();
      }
    }
    const rest = this.#isUpgraded ? this.#frames(bytes) : bytes;
    // The buffer belongs to the next read.
    this.#rest = rest.length === 0 ? nothing : Buffer.from(rest);
    return true;
  }

  /** Handles whole frames; returns what is left. */
  #frames(bytes: Buffer): Buffer {
    let at = 0;
    for (;;) {
      if (bytes.length < at + 2) break;
      const short = (bytes[at + 1] as number) & 127;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (bytes.length < at + head) break;
      const length =
        short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
      const to = at + head + length;
      if (bytes.length < to) break;
      const opcode = (bytes[at] as number) & 15;
      if (opcode === 9) this.#socket?.write(pong);
      if (opcode === 2) this.#message({ bytes, from: at + head + this.#prefix.length, to });
      at = to;
    }
    return bytes.subarray(at);
  }

  #message(message: Incoming): void {
    const { bytes, from } = message;
    if (bytes[from] === 1) this.presences += 1;
    // Hocuspocus answers with a message type of its own.
    const isSync = bytes[from] === 0 || (bytes[from] === 4 && this.#prefix.length > 0);
    if (isSync && bytes[from + 1] === 2) this.updates += updatesIn(message);
    if (isSync && bytes[from + 1] === 1) {
      this.#onStep2?.();
      this.#onStep2 = undefined;
    }
    this.#options.onMessage?.(message);
  }
}

/** Reads a varUint at a place: its value and the place behind it. */
export const readVarUint = (bytes: Buffer, from: number): readonly [value: number, next: number] => {
  let value = 0;
  let factor = 1;
  for (let at = from; ; at += 1) {
    const byte = bytes[at] as number;
    value += (byte & 127) * factor;
    if (byte < 128) return [value, at + 1];
    factor *= 128;
  }
};

/** How many appends an update holds: one by far the most often; a slow reader gets them merged. */
const updatesIn = ({ bytes, from }: Incoming): number => {
  const [length, start] = readVarUint(bytes, from + 2);
  if (bytes[start] === 1 && bytes[start + 1] === 1 && length < 256) return 1;
  const scan = scanUpdate(bytes.subarray(start, start + length), storeBounds);
  return scan.ok ? scan.value.clients.reduce((sum, client) => sum + client.to - client.from, 0) : 0;
};
