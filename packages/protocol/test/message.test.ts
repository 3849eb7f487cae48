import { seededRandom } from "@context-mesh/common";
import * as encoding from "lib0/encoding";
import { describe, expect, it } from "vitest";
import * as auth from "y-protocols/auth";
import * as sync from "y-protocols/sync";
import * as Y from "yjs";
import {
  carriesUpdate,
  decodeMessage,
  encodeAck,
  encodeAuthDenied,
  encodeAwareness,
  encodeClaim,
  encodeHello,
  encodeMulticast,
  encodeQueryAwareness,
  encodeStep1,
  encodeStep2,
  encodeUpdate,
  type Hello,
  type Message,
  messageType,
} from "../src/index.ts";

const hello: Hello = {
  v: 1,
  id: "relay-1",
  role: "relay",
  agent: "builder",
  presence: [1, 2 ** 53 - 1],
  limits: { frameBytes: 1024 },
  features: ["ack"],
  rooms: ["acme/checkout"],
  grant: "read",
};

const payload = Uint8Array.from({ length: 300 }, (_, i) => i);

const frames: readonly (readonly [Message, Uint8Array])[] = [
  [{ type: "sync-step-1", vector: payload }, encodeStep1(payload)],
  [{ type: "sync-step-2", update: payload }, encodeStep2(payload)],
  [{ type: "update", update: payload }, encodeUpdate(payload)],
  [{ type: "update", update: new Uint8Array(127) }, encodeUpdate(new Uint8Array(127))],
  [{ type: "update", update: new Uint8Array(128) }, encodeUpdate(new Uint8Array(128))],
  [{ type: "update", update: new Uint8Array(0) }, encodeUpdate(new Uint8Array(0))],
  [{ type: "awareness", update: payload }, encodeAwareness(payload)],
  [{ type: "query-awareness" }, encodeQueryAwareness()],
  [{ type: "auth", permission: "denied", reason: "nein, ünd 😀" }, encodeAuthDenied("nein, ünd 😀")],
  [{ type: "ack", count: 7, seq: 2 ** 40, setAside: [] }, encodeAck(7, 2 ** 40)],
  [
    { type: "ack", count: 0, seq: 0, setAside: [{ client: 2 ** 53 - 1, reason: "clock_too_high" }] },
    encodeAck(0, 0, [{ client: 2 ** 53 - 1, reason: "clock_too_high" }]),
  ],
  [{ type: "hello", hello }, encodeHello(hello)],
  [{ type: "claim", payload }, encodeClaim(payload)],
  [{ type: "multicast", payload }, encodeMulticast(payload)],
];

const refusalOf = (bytes: Uint8Array): string => {
  const message = decodeMessage(bytes);
  return message.ok ? `accepted ${message.value.type}` : message.reason;
};

const written = (write: (encoder: encoding.Encoder) => void): Uint8Array => encoding.encode(write);

const rawHello = (value: unknown): Uint8Array =>
  written((encoder) => {
    encoding.writeVarUint(encoder, messageType.hello);
    encoding.writeVarString(encoder, typeof value === "string" ? value : JSON.stringify(value));
  });

describe("messages", () => {
  it("[WIRE-1] come out as they went in", () => {
    for (const [message, frame] of frames) expect(decodeMessage(frame)).toEqual({ ok: true, value: message });
  });

  it("[WIRE-1] are byte for byte what y-protocols writes, for types 0 to 3", () => {
    const doc = new Y.Doc();
    doc.getMap("m").set("k", "v".repeat(200));
    const update = Y.encodeStateAsUpdate(doc);
    const theirs = (type: number, write: (encoder: encoding.Encoder) => void): Uint8Array =>
      written((encoder) => {
        encoding.writeVarUint(encoder, type);
        write(encoder);
      });
    expect(encodeStep1(Y.encodeStateVector(doc))).toEqual(theirs(0, (e) => sync.writeSyncStep1(e, doc)));
    expect(encodeStep2(update)).toEqual(theirs(0, (e) => sync.writeSyncStep2(e, doc, Uint8Array.of(0))));
    expect(encodeUpdate(update)).toEqual(theirs(0, (e) => sync.writeUpdate(e, update)));
    expect(encodeAwareness(payload)).toEqual(theirs(1, (e) => encoding.writeVarUint8Array(e, payload)));
    expect(encodeAuthDenied("no")).toEqual(theirs(2, (e) => auth.writePermissionDenied(e, "no")));
    expect(encodeQueryAwareness()).toEqual(theirs(3, () => {}));
  });

  it("[WIRE-2] that end early or late are refused", () => {
    for (const [message, frame] of frames) {
      for (let length = 0; length < frame.length; length++) {
        expect(decodeMessage(frame.subarray(0, length)).ok, `${message.type} cut at ${length}`).toBe(false);
      }
      expect(refusalOf(Uint8Array.of(...frame, 0))).toBe("trailing_bytes");
    }
  });

  it("[WIRE-2] of unknown types are refused by name", () => {
    expect(refusalOf(Uint8Array.of(4))).toBe("unknown_type");
    expect(refusalOf(Uint8Array.of(68))).toBe("unknown_type");
    expect(refusalOf(Uint8Array.of(0, 3, 0))).toBe("unknown_sync_type");
    expect(refusalOf(Uint8Array.of(2, 1, 0))).toBe("unknown_auth_type");
    expect(refusalOf(Uint8Array.of(2, 0, 2, 0xc3, 0x28))).toBe("invalid_utf8");
    expect(refusalOf(Uint8Array.of(0, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1))).toBe("number_too_large");
    expect(refusalOf(Uint8Array.of(64, 1, 1, 0xff, 0xff, 0xff, 0x7f))).toBe("too_many_entries");
  });

  it("[WIRE-2] never throw, whatever the bytes", () => {
    const random = seededRandom(64);
    let accepted = 0;
    for (let i = 0; i < 200_000; i++) {
      const frame = (frames[random.int(frames.length)]?.[1] ?? payload).slice(0, 1 + random.int(60));
      for (let flips = random.int(4); flips >= 0; flips--) frame[random.int(frame.length)] = random.int(256);
      if (decodeMessage(frame).ok) accepted += 1;
    }
    expect(accepted).toBeGreaterThan(0);
    expect(accepted).toBeLessThan(100_000);
  });

  it("[WIRE-3] that carry updates are sync types 1 and 2 and no others", () => {
    const carrying = frames.filter(([message]) => carriesUpdate(message)).map(([message]) => message.type);
    expect(new Set(carrying)).toEqual(new Set(["sync-step-2", "update"]));
  });

  it("[WIRE-4] of hello ignore what they do not know and refuse what they cannot mean", () => {
    const bare = { v: 1, id: "n", role: "node", features: [] };
    expect(decodeMessage(rawHello({ ...bare, later: { deep: [1] } }))).toEqual({
      ok: true,
      value: { type: "hello", hello: bare },
    });
    expect(refusalOf(rawHello({ ...bare, v: 2 }))).toBe("unsupported_version");
    const wrong: readonly unknown[] = [
      [],
      null,
      "{",
      "nothing",
      { ...bare, v: "1" },
      { ...bare, id: "" },
      { ...bare, role: "king" },
      { ...bare, features: "ack" },
      { ...bare, features: [1] },
      { ...bare, presence: [-1] },
      { ...bare, presence: [0.5] },
      { ...bare, presence: [2 ** 53] },
      { ...bare, agent: 5 },
      { ...bare, rooms: [null] },
      { ...bare, grant: "everything" },
      { ...bare, limits: {} },
      { ...bare, limits: [] },
    ];
    for (const value of wrong) expect(refusalOf(rawHello(value)), JSON.stringify(value)).toMatch(/^invalid_/);
  });
});
