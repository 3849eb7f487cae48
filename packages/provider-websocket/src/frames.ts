/**
 * WebSocket frames of a server (RFC 6455 §5.2: binary, final, not masked), built once and shared by every connection that
 * sends the same message or the same list of messages.
 */

/** Payloads above this go out beside their header instead of being copied behind it. */
const copyBytesMax = 16 * 2 ** 10;

const headerOf = (length: number): Buffer => {
  if (length < 126) return Buffer.from([0x82, length]);
  if (length < 2 ** 16) {
    const header = Buffer.allocUnsafe(4);
    header[0] = 0x82;
    header[1] = 126;
    header.writeUInt16BE(length, 2);
    return header;
  }
  const header = Buffer.allocUnsafe(10);
  header[0] = 0x82;
  header[1] = 127;
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
};

/** The pieces to write, in order. */
export type Frames = readonly Uint8Array[];

const framesOf = (messages: readonly Uint8Array[]): Frames => {
  const pieces: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  const flush = (): void => {
    if (small.length > 0) pieces.push(Buffer.concat(small));
    small = [];
  };
  for (const message of messages) {
    small.push(headerOf(message.length));
    if (message.length <= copyBytesMax) {
      small.push(message);
      continue;
    }
    flush();
    pieces.push(message);
  }
  flush();
  return pieces;
};

/** Remembers the last message and the last list: a fan-out asks for the same one again and again. */
export class FrameCache {
  #message: Uint8Array | undefined;
  #messageFrames: Frames = [];
  #list: readonly Uint8Array[] | undefined;
  #listFrames: Frames = [];

  of(message: Uint8Array): Frames {
    if (this.#message !== message) {
      this.#message = message;
      this.#messageFrames = framesOf([message]);
    }
    return this.#messageFrames;
  }

  ofList(messages: readonly Uint8Array[]): Frames {
    if (this.#list !== messages) {
      this.#list = messages;
      this.#listFrames = framesOf(messages);
    }
    return this.#listFrames;
  }

  /** Lets go of what it remembers; called at the end of a turn. */
  clear(): void {
    this.#message = undefined;
    this.#messageFrames = [];
    this.#list = undefined;
    this.#listFrames = [];
  }
}
