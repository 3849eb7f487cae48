/**
 * A WebSocket frame of a client (RFC 6455 §5.3): one binary message, masked with a key of its own. Masked four bytes at a
 * time, which takes a quarter of the time of a byte at a time.
 */

import { randomFillSync } from "node:crypto";
import { headerLength, writeHeader } from "./frames.ts";

const maskBytes = 4;
const maskedBit = 0x80;

/** Random bytes are drawn for many keys at once: each draw costs a system call. */
const pool = new Uint8Array(8 * 2 ** 10);
let poolAt = pool.length;

const drawKey = (into: Buffer, at: number): void => {
  if (poolAt === pool.length) {
    randomFillSync(pool);
    poolAt = 0;
  }
  into.set(pool.subarray(poolAt, poolAt + maskBytes), at);
  poolAt += maskBytes;
};

export const maskedFrame = (message: Uint8Array): Buffer => {
  const header = headerLength(message.length);
  const head = header + maskBytes;
  // In front of the frame stay as many bytes as bring the payload to a multiple of four.
  const before = (maskBytes - (head % maskBytes)) % maskBytes;
  const start = before + head;
  const words = Math.ceil(message.length / maskBytes);
  const room = Buffer.allocUnsafeSlow(start + words * maskBytes);
  writeHeader(room, before, message.length);
  room[before + 1] = (room[before + 1] as number) | maskedBit;
  drawKey(room, before + header);
  room.set(message, start);
  mask(new Int32Array(room.buffer, before + header, words + 1));
  return room.subarray(before, start + message.length);
};

/** The key is the first word. */
const mask = (words: Int32Array): void => {
  const key = words[0] as number;
  for (let at = 1; at < words.length; at++) words[at] = (words[at] as number) ^ key;
};
