/** Encoders of the messages. Each returns a whole frame. */

import * as encoding from "lib0/encoding";
import type { Hello } from "./hello.ts";
import { authType, messageType, type SetAside, syncType } from "./message.ts";

const framed = (write: (encoder: encoding.Encoder) => void): Uint8Array => {
  const encoder = encoding.createEncoder();
  write(encoder);
  return encoding.toUint8Array(encoder);
};

const varUintLength = (value: number): number => {
  let length = 1;
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) length += 1;
  return length;
};

/** Writes types and payload into one exact buffer: updates are large, and lib0's encoder would copy them twice. */
const withPayload = (types: readonly number[], payload: Uint8Array): Uint8Array => {
  const { bytes, at } = frameFor(types, payload.length);
  bytes.set(payload, at);
  return bytes;
};

/** Types and length written; the payload belongs at `at`. */
const frameFor = (
  types: readonly number[],
  payloadLength: number,
): { readonly bytes: Uint8Array; readonly at: number } => {
  const header = types.length + varUintLength(payloadLength);
  const bytes = new Uint8Array(header + payloadLength);
  bytes.set(types);
  let rest = payloadLength;
  for (let at = types.length; at < header; at++) {
    bytes[at] = (rest % 128) | (at + 1 < header ? 0x80 : 0);
    rest = Math.floor(rest / 128);
  }
  return { bytes, at: header };
};

/** Asks for what a state vector lacks. */
export const encodeStep1 = (vector: Uint8Array): Uint8Array => withPayload([messageType.sync, syncType.step1], vector);
/** Answers step 1; the last of several answers. */
export const encodeStep2 = (update: Uint8Array): Uint8Array => withPayload([messageType.sync, syncType.step2], update);
export const encodeUpdate = (update: Uint8Array): Uint8Array =>
  withPayload([messageType.sync, syncType.update], update);
export const encodeAwareness = (update: Uint8Array): Uint8Array => withPayload([messageType.awareness], update);
export const encodeQueryAwareness = (): Uint8Array => Uint8Array.of(messageType.queryAwareness);
export const encodeClaim = (payload: Uint8Array): Uint8Array => withPayload([messageType.claim], payload);
export const encodeMulticast = (payload: Uint8Array): Uint8Array => withPayload([messageType.multicast], payload);
/** The same from two pieces of the payload, each copied once. */
export const encodeMulticastOf = (head: Uint8Array, body: Uint8Array): Uint8Array => {
  const { bytes, at } = frameFor([messageType.multicast], head.length + body.length);
  bytes.set(head, at);
  bytes.set(body, at + head.length);
  return bytes;
};

export const encodeAuthDenied = (reason: string): Uint8Array =>
  framed((encoder) => {
    encoding.writeVarUint(encoder, messageType.auth);
    encoding.writeVarUint(encoder, authType.denied);
    encoding.writeVarString(encoder, reason);
  });

/** `count`: update-carrying messages of this connection that are on disk, from its first; `seq`: room seq of the last. */
export const encodeAck = (count: number, seq: number, setAside: readonly SetAside[] = []): Uint8Array =>
  framed((encoder) => {
    encoding.writeVarUint(encoder, messageType.ack);
    encoding.writeVarUint(encoder, count);
    encoding.writeVarUint(encoder, seq);
    encoding.writeVarUint(encoder, setAside.length);
    for (const { client, reason } of setAside) {
      encoding.writeVarUint(encoder, client);
      encoding.writeVarString(encoder, reason);
    }
  });

export const encodeHello = (hello: Hello): Uint8Array =>
  framed((encoder) => {
    encoding.writeVarUint(encoder, messageType.hello);
    encoding.writeVarString(encoder, JSON.stringify(hello));
  });
