/** The body of a post between nodes, as JSON: a parcel with the number its sender gave it, or a word on what arrived. */

import { isJsonObject, type JsonObject, type JsonValue, limits, utf8 } from "@context-mesh/common";
import { type Parcel, type ParcelHead, type ParcelItem, packParcel, readParcel } from "./parcel.ts";

export interface PostedParcel {
  readonly kind: "parcel";
  /** Of the sending process. */
  readonly session: string;
  readonly n: number;
  readonly parcel: Parcel;
}

interface PostedAck {
  readonly kind: "ack";
  readonly session: string;
  /** Numbers of the process it goes to. */
  readonly numbers: readonly number[];
}

export type Posted = PostedParcel | PostedAck;

/** The name under which one process is reached. */
export const sessionName = (session: string): string => `node:${session}`;

export const ephemeralId = (session: string, n: number): string => `${session}-${n.toString(36)}`;

export const encodeParcelPost = (
  session: string,
  n: number,
  from: string,
  head: ParcelHead,
  items: readonly ParcelItem[],
): Uint8Array => utf8(JSON.stringify({ s: session, n, from, ...packParcel(head, items) }));

export const encodeAckPost = (session: string, numbers: readonly number[]): Uint8Array =>
  utf8(JSON.stringify({ s: session, ok: numbers }));

const decoder = new TextDecoder();

const parse = (body: Uint8Array): JsonValue => {
  try {
    return JSON.parse(decoder.decode(body)) as JsonValue;
  } catch {
    return null;
  }
};

const isCount = (value: JsonValue | undefined): value is number => Number.isSafeInteger(value) && (value as number) > 0;

const readAck = (session: string, raw: JsonObject): PostedAck | undefined => {
  if (!Array.isArray(raw.ok)) return undefined;
  return { kind: "ack", session, numbers: (raw.ok as readonly JsonValue[]).filter(isCount) };
};

/** Undefined: nothing that a node would have sent. */
export const readPost = (body: Uint8Array): Posted | undefined => {
  const raw = parse(body);
  if (!isJsonObject(raw) || typeof raw.s !== "string" || raw.s === "" || raw.s.length > limits.idLengthMax)
    return undefined;
  if (raw.ok !== undefined) return readAck(raw.s, raw);
  const { s: session, n, from } = raw;
  if (!isCount(n) || typeof from !== "string") return undefined;
  const parcel = readParcel(ephemeralId(session, n), from, raw);
  return parcel === undefined ? undefined : { kind: "parcel", session, n, parcel };
};
