/**
 * A parcel: messages of one sender to the same recipients, kept as one value of the document. Reading is tolerant and
 * bounded, for anybody with a write token can put anything there.
 */

import { isJsonObject, type JsonObject, type JsonValue, limits } from "@context-mesh/common";
import { type MessageType, messageTypes, type Priority, priorities } from "@context-mesh/coordination";

export interface ParcelItem {
  readonly text: string | undefined;
  readonly data: JsonValue | undefined;
  readonly answers: string | undefined;
  readonly isHandover: boolean;
}

export interface ParcelHead {
  readonly to: string;
  readonly recipients: readonly string[];
  readonly type: MessageType;
  readonly priority: Priority;
  readonly ttlMs: number;
  readonly sentAt: number;
}

export interface Parcel extends ParcelHead {
  readonly id: string;
  readonly from: string;
  readonly items: readonly ParcelItem[];
}

const packItem = ({ text, data, answers, isHandover }: ParcelItem): JsonValue => {
  if (text !== undefined && data === undefined && answers === undefined && !isHandover) return text;
  return {
    ...(text === undefined ? {} : { t: text }),
    ...(data === undefined ? {} : { d: data }),
    ...(answers === undefined ? {} : { r: answers }),
    ...(isHandover ? { h: true } : {}),
  };
};

const textOr = <T>(value: JsonValue | undefined, other: T): string | T => (typeof value === "string" ? value : other);

const readItem = (value: JsonValue): ParcelItem => {
  if (typeof value === "string") return { text: value, data: undefined, answers: undefined, isHandover: false };
  const item = isJsonObject(value) ? value : {};
  return {
    text: textOr(item.t, undefined),
    data: item.d,
    answers: textOr(item.r, undefined),
    isHandover: item.h === true,
  };
};

/** About what a parcel takes in memory and in the document; not exact, and cheap. */
export const bytesOfParcel = ({ items }: Parcel): number =>
  items.reduce((sum, { text, data }) => sum + (text?.length ?? 0) + bytesOfData(data), 0);

const bytesOfData = (data: JsonValue | undefined): number => (data === undefined ? 0 : JSON.stringify(data).length);

/** Types and priorities as numbers: their lists only grow at the end. */
export const packParcel = (head: ParcelHead, items: readonly ParcelItem[]): JsonObject => ({
  t: head.to,
  f: [...head.recipients],
  k: messageTypes.indexOf(head.type),
  p: priorities.indexOf(head.priority),
  x: head.ttlMs,
  a: head.sentAt,
  m: items.map(packItem),
});

const numberOr = (value: JsonValue | undefined, other: number): number =>
  typeof value === "number" && Number.isFinite(value) ? value : other;

/** Undefined: no parcel. */
export const readParcel = (id: string, from: string, value: JsonValue | undefined): Parcel | undefined => {
  if (!isJsonObject(value) || typeof value.t !== "string" || !Array.isArray(value.f) || !Array.isArray(value.m)) {
    return undefined;
  }
  const items = value.m as readonly JsonValue[];
  if (items.length === 0 || items.length > limits.messageBatchItemsMax) return undefined;
  const recipients = (value.f as readonly JsonValue[]).filter((name): name is string => typeof name === "string");
  return {
    id,
    from,
    to: value.t,
    recipients: [...new Set(recipients)],
    type: messageTypes[numberOr(value.k, -1)] ?? "unicast",
    priority: priorities[numberOr(value.p, -1)] ?? "normal",
    ttlMs: Math.min(limits.messageTtlMsMax, Math.max(0, numberOr(value.x, 0))),
    sentAt: numberOr(value.a, 0),
    items: items.map(readItem),
  };
};

/** A message alone has the id of its parcel. */
export const messageId = (parcel: string, at: number, count: number): string =>
  count === 1 ? parcel : `${parcel}.${at}`;

/** The ids of parcels that a message may be in, with its place there. */
export const placesOf = (id: string): readonly { readonly parcel: string; readonly at: number }[] => {
  const dot = id.lastIndexOf(".");
  const at = dot < 0 ? Number.NaN : Number(id.slice(dot + 1));
  const alone = { parcel: id, at: 0 };
  return Number.isSafeInteger(at) && at >= 0 ? [alone, { parcel: id.slice(0, dot), at }] : [alone];
};
