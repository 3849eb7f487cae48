/** A WebSocket client that writes its frames by hand, right ones and wrong ones, and reads what comes back. */

import { connect, type Socket } from "node:net";

export const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface FrameShape {
  readonly opcode?: number;
  readonly isFinal?: boolean;
  /** The three reserved bits. */
  readonly reserved?: number;
  readonly isMasked?: boolean;
  /** What the header says, where that is not the length of the payload. */
  readonly saidLength?: number | bigint;
}

/** One frame with a mask of zeros, so that the payload stands as it is. */
export const frame = (payload: Uint8Array, shape: FrameShape = {}): Buffer => {
  const { isFinal = true, reserved = 0, isMasked = true, saidLength = payload.length } = shape;
  const first = (isFinal ? 0x80 : 0) | (reserved << 4) | (shape.opcode ?? opcode.binary);
  const mask = isMasked ? 0x80 : 0;
  const length = BigInt(saidLength);
  let header: Buffer;
  if (length < 126n) header = Buffer.from([first, mask | Number(length)]);
  else if (length < 65_536n) {
    header = Buffer.from([first, mask | 126, 0, 0]);
    header.writeUInt16BE(Number(length), 2);
  } else {
    header = Buffer.from([first, mask | 127, 0, 0, 0, 0, 0, 0, 0, 0]);
    header.writeBigUInt64BE(length, 2);
  }
  return Buffer.concat([header, isMasked ? Buffer.alloc(4) : Buffer.alloc(0), payload]);
};

interface Received {
  readonly opcode: number;
  readonly payload: Buffer;
}

export interface RawOptions {
  readonly path?: string;
  readonly headers?: readonly string[];
  /** Any of 127.0.0.0/8: to a relay each is another visitor. */
  readonly localAddress?: string;
}

export class RawSocket {
  /** Code of the close frame that came, if one did. */
  closeCode: number | undefined;
  isEnded = false;
  /** Everything before the first frame. */
  head = "";
  readonly #socket: Socket;
  #bytes: Buffer = Buffer.alloc(0);
  #early: Uint8Array[] = [];
  #pings = 0;
  #pongs = 0;
  #onMessage: (message: Uint8Array) => void = (message) => void this.#early.push(message);
  #onChange: () => void = () => {};

  constructor(port: number, localAddress = "127.0.0.1") {
    this.#socket = connect({ port, host: "127.0.0.1", localAddress });
    this.#socket.on("error", () => {});
    this.#socket.on("data", (bytes: Buffer) => this.#onData(bytes));
    this.#socket.on("close", () => {
      this.isEnded = true;
      this.#onChange();
    });
  }

  /** Connected and upgraded. */
  static async open(port: number, options: RawOptions = {}): Promise<RawSocket> {
    const raw = new RawSocket(port, options.localAddress);
    const { path = "/room", headers = [] } = options;
    const lines = [`GET ${path} HTTP/1.1`, "Host: 127.0.0.1", "Connection: Upgrade", "Upgrade: websocket"];
    const key = `Sec-WebSocket-Key: ${"A".repeat(22)}==`;
    raw.write(Buffer.from([...lines, "Sec-WebSocket-Version: 13", key, ...headers, "", ""].join("\r\n")));
    await raw.until(() => raw.head !== "" || raw.isEnded);
    return raw;
  }

  /** Calls `onMessage` with each whole message, those that came before too. */
  listen(onMessage: (message: Uint8Array) => void): void {
    this.#onMessage = onMessage;
    for (const message of this.#early.splice(0)) onMessage(message);
  }

  write(bytes: Uint8Array): boolean {
    return this.#socket.writable && this.#socket.write(bytes);
  }

  /** One whole message. */
  send(message: Uint8Array): boolean {
    return this.write(frame(message));
  }

  /** The system has taken what was written. */
  async drained(): Promise<void> {
    await this.until(() => this.isEnded || this.#socket.writableLength === 0);
  }

  /** The other end has read all that was written so far, or has ended the link. Rejects when neither happens in time. */
  async read(timeoutMs?: number): Promise<void> {
    this.#pings += 1;
    const upTo = this.#pings;
    const name = Buffer.alloc(4);
    name.writeUInt32BE(upTo);
    this.write(frame(name, { opcode: opcode.ping }));
    await this.until(() => this.#pongs >= upTo || this.isEnded || this.closeCode !== undefined, timeoutMs);
  }

  /** Stops reading: the other end's writes pile up. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Drops the link without a word. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Waits for an event of this socket after which `isDone`. */
  async until(isDone: () => boolean, timeoutMs = 20_000): Promise<void> {
    if (isDone()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("nothing of the kind happened in time")), timeoutMs);
      this.#onChange = () => {
        if (!isDone()) return;
        clearTimeout(timer);
        this.#onChange = () => {};
        resolve();
      };
      this.#socket.on("drain", this.#onChange);
    });
    this.#socket.removeAllListeners("drain");
  }

  /** Waits for the end of the link; returns the code of the close frame. */
  async ended(): Promise<number | undefined> {
    await this.until(() => this.isEnded);
    return this.closeCode;
  }

  #onData(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    if (this.head === "") this.#readHead();
    while (this.head !== "" && this.#readFrame());
    this.#onChange();
  }

  #readHead(): void {
    const at = this.#bytes.indexOf("\r\n\r\n");
    if (at < 0) return;
    this.head = this.#bytes.subarray(0, at).toString();
    this.#bytes = this.#bytes.subarray(at + 4);
  }

  #readFrame(): boolean {
    const bytes = this.#bytes;
    if (bytes.length < 2) return false;
    const short = (bytes[1] as number) & 0x7f;
    const headerLength = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (bytes.length < headerLength) return false;
    const length = short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
    if (bytes.length < headerLength + length) return false;
    const payload = bytes.subarray(headerLength, headerLength + length);
    this.#bytes = bytes.subarray(headerLength + length);
    this.#take({ opcode: (bytes[0] as number) & 0x0f, payload });
    return true;
  }

  #take(received: Received): void {
    if (received.opcode === opcode.binary) this.#onMessage(received.payload);
    if (received.opcode === opcode.pong && received.payload.length === 4)
      this.#pongs = received.payload.readUInt32BE(0);
    if (received.opcode !== opcode.close) return;
    this.closeCode = received.payload.length >= 2 ? received.payload.readUInt16BE(0) : 1005;
    // The other end waits for the answer before it lets go.
    this.write(frame(received.payload, { opcode: opcode.close }));
  }
}
