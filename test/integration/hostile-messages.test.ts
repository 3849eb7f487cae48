/** Messages that are none, at a real relay process: each is closed or ignored as the table says, and counted by its name. */

import { closeFor, type RefusalPlace } from "@context-mesh/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HandClient } from "../fuzz/src/hand-client.ts";
import { bytesOf, varUint } from "../fuzz/src/hostile-bytes.ts";
import { RawSocket } from "../fuzz/src/raw-socket.ts";
import { UnderFire } from "./support/fire.ts";

const fire = new UnderFire();
beforeAll(() => fire.start());
afterAll(() => fire.stop().then(() => fire.remove()));

const hello = (text: string): Uint8Array => bytesOf(67, varUint(text.length), [...Buffer.from(text)]);
const helloOf = (fields: object): Uint8Array =>
  hello(JSON.stringify({ v: 1, id: "x", role: "node", features: [], ...fields }));
const large = (type: number, bytes: number): Uint8Array => {
  const head = bytesOf(type, varUint(bytes));
  const message = new Uint8Array(head.length + bytes).fill(65);
  message.set(head);
  return message;
};
/** Presence of one client with this JSON. */
const presence = (client: number, clock: number, json: string): Uint8Array => {
  const state = bytesOf(1, varUint(client), varUint(clock), varUint(json.length), [...Buffer.from(json)]);
  return bytesOf(1, varUint(state.length), [...state]);
};
const ghosts = (count: number): Uint8Array => {
  const states = [varUint(count), ...Array.from({ length: count }, (_, n) => [...varUint(1_000 + n), 1, 2, 123, 125])];
  const update = bytesOf(...states);
  return bytesOf(1, varUint(update.length), [...update]);
};
const huge = varUint(2 ** 50);

const messages: readonly (readonly [string, RefusalPlace, string, Uint8Array])[] = [
  ["nothing", "message", "truncated", bytesOf()],
  ["half a question", "message", "truncated", bytesOf(0, 0, 5, 1)],
  ["an update shorter than it says", "message", "truncated", bytesOf(0, 2, 200, 1, 0)],
  ["an update of 2^50 bytes", "message", "truncated", bytesOf(0, 2, huge)],
  ["a length above 2^53", "message", "number_too_large", bytesOf(0, 2, new Array(9).fill(255), 1)],
  ["bytes left over", "message", "trailing_bytes", bytesOf(0, 2, 2, 0, 0, 7)],
  ["a question with bytes left over", "message", "trailing_bytes", bytesOf(3, 1)],
  ["an unknown sync message", "message", "unknown_sync_type", bytesOf(0, 9)],
  ["an unknown permission", "message", "unknown_auth_type", bytesOf(2, 9)],
  ["a permission that is no UTF-8", "message", "invalid_utf8", bytesOf(2, 0, 1, 255)],
  ["an unknown message", "message", "unknown_type", bytesOf(100, 1, 2, 3)],
  ["a vector of 2^50 clients", "message", "truncated", bytesOf(0, 0, 8, huge)],
  [
    "a vector of 70,000 clients",
    "message",
    "too_many_clients",
    bytesOf(0, 0, varUint(140_003), varUint(70_000), new Array(140_000).fill(1)),
  ],
  ["a vector with a clock of 2^40", "message", "clock_too_high", bytesOf(0, 0, 8, 1, 1, varUint(2 ** 40))],
  ["an acknowledgement of 2^50 parts", "message", "too_many_entries", bytesOf(64, 0, 0, huge)],
  ["16 MB of acknowledgements", "message", "too_large", large(64, 15_000_000)],
  ["16 MB of hello", "message", "too_large", large(67, 15_000_000)],
  ["a hello that is no JSON", "message", "invalid_json", hello("{v:1}")],
  ["a hello nested 10,000 deep", "message", "invalid_json", hello("[".repeat(10_000))],
  ["a hello that is a list", "message", "invalid_hello", hello("[]")],
  ["a hello of no role", "message", "invalid_hello", helloOf({ role: "king" })],
  ["a hello for texts as ids", "message", "invalid_hello", helloOf({ presence: ["7"] })],
  ["a hello of version 2", "message", "unsupported_version", helloOf({ v: 2 })],
  ["presence cut short", "presence", "truncated", bytesOf(1, 6, 1, 7, 1, 3, 123, 125)],
  ["presence with a clock of 2^31", "presence", "clock_too_high", presence(7, 2 ** 31, "{}")],
  ["presence that is no JSON", "presence", "invalid_json", presence(7, 1, "{]")],
  ["presence that is a number", "presence", "invalid_state", presence(7, 1, "777")],
  [
    "presence nested 100 deep",
    "presence",
    "nesting_too_deep",
    presence(7, 1, `{"a":${"[".repeat(100)}${"]".repeat(100)}}`),
  ],
  ["3,000 ghosts at once", "presence", "too_many_entries", ghosts(3_000)],
  ["16 MB of presence", "presence", "too_large", large(1, 15_000_000)],
];

describe("messages by hand", () => {
  it("[REL-4b] are each answered as the table says, and counted by their name", async () => {
    const outcomes: unknown[] = [];
    for (const [name, place, reason, message] of messages) {
      const before = await fire.count(place, reason);
      const socket = await RawSocket.open(fire.port, { path: "/messages" });
      socket.send(message);
      // Where the connection goes on, the next message ends it.
      if (closeFor(place, reason) === undefined) socket.send(bytesOf(0, 9));
      const code = await socket.ended();
      outcomes.push([name, code, (await fire.count(place, reason)) - before]);
    }
    const expected = messages.map(([name, place, reason]) => [name, closeFor(place, reason)?.code ?? 4400, 1]);
    expect(outcomes).toEqual(expected);
    await fire.stillServes();
  });

  it("[REL-4b] presence of ghosts, of others and of no measure is ignored, counted, and no reason to close", async () => {
    const [victim, crook] = [await HandClient.open(fire.port, "present"), await HandClient.open(fire.port, "present")];
    victim.socket.send(presence(77, 5, '{"name":"victim"}'));
    await crook.socket.until(() => crook.awareness.length > 0);
    const before = await fire.count("presence", "presence_ignored");
    crook.socket.send(presence(99, 1, '{"name":"crook"}'));
    crook.socket.send(presence(77, 2 ** 31 - 1, "null"));
    crook.socket.send(presence(77, 2 ** 31 - 1, '{"name":"forged"}'));
    crook.socket.send(ghosts(1_000));
    crook.socket.send(presence(98, 1, `{"a":"${"x".repeat(17_000)}"}`));
    await crook.settled();
    const ignored = (): Promise<number> => fire.count("presence", "presence_ignored").then((now) => now - before);
    while ((await ignored()) < 2 + 1_000 - 15) await new Promise((resolve) => setImmediate(resolve));
    expect(await ignored()).toBe(2 + 1_000 - 15);
    const late = await HandClient.open(fire.port, "present");
    late.socket.send(bytesOf(3));
    await late.socket.until(() => late.awareness.length > 0);
    const told = Buffer.from(late.awareness[0] as Uint8Array).toString();
    expect([told.includes("victim"), told.includes("forged"), crook.socket.isEnded]).toEqual([true, false, false]);
    for (const client of [victim, crook, late]) client.socket.destroy();
    await fire.stillServes();
  });
});
