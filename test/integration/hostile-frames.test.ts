/** WebSocket frames written by hand against a real relay process: each is refused by its code, and others do not notice. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { frame, opcode, RawSocket } from "../fuzz/src/raw-socket.ts";
import { UnderFire } from "./support/fire.ts";

const fire = new UnderFire();
beforeAll(() => fire.start());
afterAll(() => fire.stop().then(() => fire.remove()));

const none = new Uint8Array(0);
const closing = (code: number, reason: readonly number[] = []): Buffer =>
  frame(Uint8Array.from([code >> 8, code & 255, ...reason]), { opcode: opcode.close });
const begun = frame(Uint8Array.of(1), { isFinal: false });
const continued = (payload: Uint8Array): Buffer => frame(payload, { isFinal: false, opcode: opcode.continuation });

/** What is written, the close code that must follow, and the name it is counted by. */
const frames: readonly (readonly [string, Uint8Array, number, string])[] = [
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
    (code) => [`reserved opcode ${code}`, frame(none, { opcode: code }), 1002, "bad_frame"] as const,
  ),
  ...[1, 2, 4, 7].map((bits) => [`reserved bits ${bits}`, frame(none, { reserved: bits }), 1002, "bad_frame"] as const),
  ["a length of 2^63 - 1", frame(none, { saidLength: 2n ** 63n - 1n }), 4413, "bad_frame"],
  ["a length of 2^40", frame(none, { saidLength: 2n ** 40n }), 4413, "bad_frame"],
  ["one byte more than a frame may have", frame(none, { saidLength: 16 * 2 ** 20 + 1 }), 4413, "bad_frame"],
  ["a frame without a mask", frame(Uint8Array.of(3), { isMasked: false }), 1002, "bad_frame"],
  ...[0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65_535].map(
    (code) => [`close code ${code}`, closing(code), 1002, "bad_frame"] as const,
  ),
  ["a close of one byte", frame(Uint8Array.of(3), { opcode: opcode.close }), 1002, "bad_frame"],
  ["a close reason that is no UTF-8", closing(1000, [0xff, 0xfe]), 1007, "bad_frame"],
  ["a ping of 126 bytes", frame(new Uint8Array(126), { opcode: opcode.ping }), 1002, "bad_frame"],
  ["a ping in two parts", frame(none, { opcode: opcode.ping, isFinal: false }), 1002, "bad_frame"],
  ["a continuation of nothing", continued(Uint8Array.of(1)), 1002, "bad_frame"],
  ["a message within a message", Buffer.concat([begun, frame(Uint8Array.of(1))]), 1002, "bad_frame"],
  [
    "fragments that never end",
    Buffer.concat([begun, Buffer.alloc(7 * 20_000, continued(Uint8Array.of(1)))]),
    1008,
    "bad_frame",
  ],
  [
    "empty fragments that never end",
    Buffer.concat([begun, Buffer.alloc(6 * 20_000, continued(none))]),
    1008,
    "bad_frame",
  ],
  ["a text message", frame(Buffer.from("hello"), { opcode: opcode.text }), 4400, "text_message"],
  ["text that is no UTF-8", frame(Uint8Array.of(0xff, 0xfe), { opcode: opcode.text }), 1007, "bad_frame"],
];

describe("frames by hand", () => {
  it("[REL-4b] are each closed with their code and counted", async () => {
    for (const reason of ["bad_frame", "text_message"]) expect(await fire.count("connection", reason)).toBe(0);
    const codes: (readonly [string, number | undefined])[] = [];
    for (const [name, bytes] of frames) {
      const socket = await RawSocket.open(fire.port);
      socket.write(bytes);
      codes.push([name, await socket.ended()]);
    }
    expect(codes).toEqual(frames.map(([name, , code]) => [name, code]));
    for (const reason of ["bad_frame", "text_message"]) {
      expect(await fire.count("connection", reason)).toBe(frames.filter((row) => row[3] === reason).length);
    }
    await fire.stillServes();
  });

  it("[REL-4b] all at once, cut off anywhere, leave nothing behind", async () => {
    const sockets = await Promise.all(frames.map(() => RawSocket.open(fire.port)));
    for (const [n, socket] of sockets.entries()) {
      const bytes = (frames[n] as (typeof frames)[number])[1];
      socket.write(bytes.subarray(0, Math.min(bytes.length, 1 + (n % 9))));
    }
    await Promise.all(sockets.map((socket) => socket.drained()));
    for (const socket of sockets) socket.destroy();
    await fire.stillServes();
  });

  it.each([
    ["pings", frame(none, { opcode: opcode.ping })],
    ["pongs", frame(none, { opcode: opcode.pong })],
    ["empty messages", frame(none)],
    ["questions", frame(Uint8Array.of(0, 0, 1, 0))],
    ["questions for presence", frame(Uint8Array.of(3))],
    ["unknown messages", frame(Uint8Array.of(100, 1))],
    ["updates that say nothing", frame(Uint8Array.of(0, 2, 2, 0, 0))],
    ["unreadable updates", frame(Uint8Array.of(0, 2, 2, 9, 9))],
    ["presence", frame(Uint8Array.of(1, 6, 1, 7, 1, 2, 123, 125))],
  ])("[REL-4b] a burst of %s holds nobody up", async (_name, bytes) => {
    const socket = await RawSocket.open(fire.port, { path: "/burst" });
    socket.write(Buffer.alloc(bytes.length * 60_000, bytes));
    await socket.drained();
    await fire.stillServes();
    socket.destroy();
  });

  it("[REL-4b] are not read at all without a handshake that ends", async () => {
    const slow = Array.from({ length: 50 }, () => new RawSocket(fire.port));
    for (const socket of slow) socket.write(Buffer.from("GET /room HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "));
    await fire.stillServes();
    const drip = setInterval(() => {
      for (const socket of slow) socket.write(Buffer.from("a"));
    }, 500);
    await Promise.all(slow.map((socket) => socket.until(() => socket.isEnded, 30_000)));
    clearInterval(drip);
    await fire.stillServes();
  });
});
