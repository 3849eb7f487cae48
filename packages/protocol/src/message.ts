/** The messages as values, and their bytes. One message is one binary WebSocket frame; the grammar is in PROTOCOL.md. */

import { err, type JsonValue, limits, ok, type Result } from "@context-mesh/common";
import { type Hello, type HelloRefusal, parseHello } from "./hello.ts";
import { isJsonText } from "./json-text.ts";
import { ByteReader, type ReadRefusal } from "./reader.ts";

/** 0–3 are y-websocket's, from 64 up ours; nothing from 64 up is sent to a peer that did not say hello. */
export const messageType = {
  sync: 0,
  awareness: 1,
  auth: 2,
  queryAwareness: 3,
  ack: 64,
  claim: 65,
  multicast: 66,
  hello: 67,
} as const;

export const syncType = { step1: 0, step2: 1, update: 2 } as const;
export const authType = { denied: 0 } as const;

/** Something the sender of the acknowledged updates should know was set aside, and why. */
export interface SetAside {
  /** Yjs client id whose part was set aside. */
  readonly client: number;
  readonly reason: string;
}

/** Byte arrays in a decoded message are views of the frame. */
export type Message =
  | { readonly type: "sync-step-1"; readonly vector: Uint8Array }
  | { readonly type: "sync-step-2"; readonly update: Uint8Array }
  | { readonly type: "update"; readonly update: Uint8Array }
  | { readonly type: "awareness"; readonly update: Uint8Array }
  | { readonly type: "auth"; readonly permission: "denied"; readonly reason: string }
  | { readonly type: "query-awareness" }
  /** The first `count` update-carrying messages of this connection are on disk, the last as room seq `seq`. */
  | { readonly type: "ack"; readonly count: number; readonly seq: number; readonly setAside: readonly SetAside[] }
  | { readonly type: "hello"; readonly hello: Hello }
  | { readonly type: "claim"; readonly payload: Uint8Array }
  | { readonly type: "multicast"; readonly payload: Uint8Array };

export type WireRefusal =
  | ReadRefusal
  | HelloRefusal
  | "trailing_bytes"
  | "too_large"
  | "unknown_type"
  | "unknown_sync_type"
  | "unknown_auth_type"
  | "invalid_json"
  | "too_many_entries";

type Reader = ByteReader<WireRefusal>;

const readSync = (reader: Reader): Message | undefined => {
  const type = reader.varUint();
  if (type === syncType.step1) return { type: "sync-step-1", vector: reader.varBytes() };
  if (type === syncType.step2) return { type: "sync-step-2", update: reader.varBytes() };
  if (type === syncType.update) return { type: "update", update: reader.varBytes() };
  reader.refuse("unknown_sync_type");
  return undefined;
};

const readAuth = (reader: Reader): Message | undefined => {
  if (reader.varUint() === authType.denied) return { type: "auth", permission: "denied", reason: reader.varText() };
  reader.refuse("unknown_auth_type");
  return undefined;
};

const readAck = (reader: Reader): Message | undefined => {
  const count = reader.varUint();
  const seq = reader.varUint();
  const entries = reader.varUint();
  // A client id and an empty reason are two bytes.
  if (entries * 2 > reader.remaining) reader.refuse("too_many_entries");
  const setAside: SetAside[] = [];
  for (let i = 0; i < entries && reader.refusal === undefined; i++) {
    setAside.push({ client: reader.varUint(), reason: reader.varText() });
  }
  return { type: "ack", count, seq, setAside };
};

const readHello = (reader: Reader): Message | undefined => {
  const text = reader.varBytes();
  if (reader.refusal !== undefined) return undefined;
  const checked = isJsonText(text, 0, text.length);
  if (checked !== "ok") {
    reader.refuse(checked === "invalid_utf8" ? "invalid_utf8" : "invalid_json");
    return undefined;
  }
  const hello = parseHello(JSON.parse(new TextDecoder().decode(text)) as JsonValue);
  if (hello.ok) return { type: "hello", hello: hello.value };
  reader.refuse(hello.reason);
  return undefined;
};

/**
 * Kinds that are read at once and whole, so that they may not be as large as a frame. Presence is read later, and has its
 * own bound there: it may be honest, and the connection goes on.
 */
const bytesMaxByType: ReadonlyMap<number, number> = new Map([
  [messageType.auth, limits.smallMessageBytesMax],
  [messageType.queryAwareness, limits.smallMessageBytesMax],
  [messageType.ack, limits.smallMessageBytesMax],
  [messageType.hello, limits.helloBytesMax],
]);

const readBody = (reader: Reader): Message | undefined => {
  const type = reader.varUint();
  if (reader.end > (bytesMaxByType.get(type) ?? Number.MAX_SAFE_INTEGER)) reader.refuse("too_large");
  switch (type) {
    case messageType.sync:
      return readSync(reader);
    case messageType.awareness:
      return { type: "awareness", update: reader.varBytes() };
    case messageType.auth:
      return readAuth(reader);
    case messageType.queryAwareness:
      return { type: "query-awareness" };
    case messageType.ack:
      return readAck(reader);
    case messageType.claim:
      return { type: "claim", payload: reader.varBytes() };
    case messageType.multicast:
      return { type: "multicast", payload: reader.varBytes() };
    case messageType.hello:
      return readHello(reader);
    default:
      reader.refuse("unknown_type");
      return undefined;
  }
};

/** Never throws. What an update or a vector inside means is checked by `scanUpdate` and `decodeStateVector`. */
export const decodeMessage = (bytes: Uint8Array): Result<Message, WireRefusal> => {
  const reader: Reader = new ByteReader<WireRefusal>(bytes);
  const message = readBody(reader);
  if (reader.refusal === undefined && reader.remaining > 0) reader.refuse("trailing_bytes");
  if (reader.refusal !== undefined) return err(reader.refusal);
  return message === undefined ? err("unknown_type") : ok(message);
};

/** The messages an acknowledgement counts: sync step 2 and live updates, as the protocol's sync types 1 and 2. */
export const carriesUpdate = (message: Message): message is Message & { readonly update: Uint8Array } =>
  message.type === "sync-step-2" || message.type === "update";
