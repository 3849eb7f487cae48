/** The payload of message 66: a post to names, what a connection wants to hear of, and posts on their way between relays. */

import { concatBytes, err, limits, ok, type Result } from "@context-mesh/common";
import * as encoding from "lib0/encoding";
import { encodeMulticastOf } from "./encode.ts";
import { ByteReader, type ReadRefusal } from "./reader.ts";

/** Names are opaque here; agents use their addresses (`group:backend`). The body is opaque too. */
export type Multicast =
  | { readonly kind: "post"; readonly names: readonly string[]; readonly body: Uint8Array }
  /** In place of what was subscribed to before. */
  | { readonly kind: "subscribe"; readonly names: readonly string[] }
  /** A post from another relay: `n` rises with every post of that origin. */
  | {
      readonly kind: "relayed";
      readonly origin: string;
      readonly n: number;
      readonly names: readonly string[];
      readonly body: Uint8Array;
    };

const kinds = { post: 0, subscribe: 1, relayed: 2 } as const;

export type MulticastRefusal = ReadRefusal | "trailing_bytes" | "unknown_kind" | "too_many_names" | "name_too_long";

type Reader = ByteReader<MulticastRefusal>;

const readName = (reader: Reader): string => {
  const from = reader.at;
  const name = reader.varText();
  if (reader.at - from > limits.postNameBytesMax + 2) reader.refuse("name_too_long");
  return name;
};

const readNames = (reader: Reader, namesMax: number): readonly string[] => {
  const count = reader.varUint();
  if (count > namesMax) reader.refuse("too_many_names");
  const names = new Set<string>();
  for (let i = 0; i < count && reader.refusal === undefined; i++) names.add(readName(reader));
  return [...names];
};

const readBody = (reader: Reader): Multicast | undefined => {
  switch (reader.varUint()) {
    case kinds.post:
      return { kind: "post", names: readNames(reader, limits.postNamesMax), body: reader.varBytes() };
    case kinds.subscribe:
      return { kind: "subscribe", names: readNames(reader, limits.subscriptionsMax) };
    case kinds.relayed: {
      const origin = readName(reader);
      const n = reader.varUint();
      return { kind: "relayed", origin, n, names: readNames(reader, limits.postNamesMax), body: reader.varBytes() };
    }
    default:
      reader.refuse("unknown_kind");
      return undefined;
  }
};

/** Never throws. Byte arrays are views of the payload. */
export const decodeMulticast = (payload: Uint8Array): Result<Multicast, MulticastRefusal> => {
  const reader: Reader = new ByteReader<MulticastRefusal>(payload);
  const multicast = readBody(reader);
  if (reader.refusal === undefined && reader.remaining > 0) reader.refuse("trailing_bytes");
  if (reader.refusal !== undefined || multicast === undefined) return err(reader.refusal ?? "unknown_kind");
  return ok(multicast);
};

/** Everything before the body, its length included. */
const headOf = (multicast: Multicast): Uint8Array => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, kinds[multicast.kind]);
  if (multicast.kind === "relayed") {
    encoding.writeVarString(encoder, multicast.origin);
    encoding.writeVarUint(encoder, multicast.n);
  }
  encoding.writeVarUint(encoder, multicast.names.length);
  for (const name of multicast.names) encoding.writeVarString(encoder, name);
  if (multicast.kind !== "subscribe") encoding.writeVarUint(encoder, multicast.body.length);
  return encoding.toUint8Array(encoder);
};

/** The payload, for `encodeMulticast`. */
export const encodeMulticastPayload = (multicast: Multicast): Uint8Array => {
  const head = headOf(multicast);
  return multicast.kind === "subscribe" ? head : concatBytes([head, multicast.body]);
};

/** The whole frame. Bodies are large and copied once. */
export const encodeMulticastFrame = (multicast: Multicast): Uint8Array =>
  encodeMulticastOf(headOf(multicast), multicast.kind === "subscribe" ? new Uint8Array(0) : multicast.body);
