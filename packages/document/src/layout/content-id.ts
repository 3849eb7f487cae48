/** Names for what came without one: the hash of its content, so that two agents who import the same list agree. */

import { canonicalJson, type JsonObject, type JsonValue, limits, sha256, toHex, utf8 } from "@context-mesh/common";
import { escapeSegment, isLoneSurrogateFree, unescapeSegment } from "./escape.ts";
import type { ListShape } from "./shapes.ts";

const hashBytes = 8;

/** 16 hex digits: 64 bits of SHA-256 over the canonical JSON. */
export const contentId = (value: JsonValue): string => toHex(sha256(utf8(canonicalJson(value))).subarray(0, hashBytes));

/** Escaping makes a character up to five; a key must hold an id, a field and an element. */
const idSegmentLengthMax = 400;
const nameSegmentLengthMax = 200;

/** True when the text can name an item as it stands. */
export const isUsableId = (id: JsonValue | undefined): id is string =>
  typeof id === "string" &&
  id !== "" &&
  id.length <= limits.idLengthMax &&
  isLoneSurrogateFree(id) &&
  escapeSegment(id).length <= idSegmentLengthMax;

const identity = (list: ListShape, item: JsonObject): JsonValue =>
  list.mutable === undefined
    ? item
    : Object.fromEntries(Object.entries(item).filter(([name]) => !list.mutable?.includes(name)));

/** The segment of each item of a list, in order. A second item of the same content gets `.2`, and so on. */
export const segmentsOf = (list: ListShape, items: readonly JsonValue[]): string[] => {
  const counts = new Map<string, number>();
  return items.map((item) => {
    const object = typeof item === "object" && item !== null && !Array.isArray(item) ? (item as JsonObject) : undefined;
    const id = object?.[list.idName];
    const isNamed = isUsableId(id);
    const base = isNamed ? escapeSegment(id) : `~${contentId(object === undefined ? item : identity(list, object))}`;
    const count = (counts.get(base) ?? 0) + 1;
    counts.set(base, count);
    return count === 1 ? base : repeated(list, base, count, item);
  });
};

/** A second entry of the same name is told apart by its content where names need not be unique. */
const repeated = (list: ListShape, base: string, count: number, item: JsonValue): string => {
  if (base.startsWith("~")) return `${base}.${count}`;
  return list.idName === "name" ? `~${contentId(item)}.${count}` : base;
};

const elementLengthMax = 64;

/** Segment of an element of a set: the text itself, or its hash where that is shorter. */
export const elementSegment = (text: string): string =>
  text.length <= elementLengthMax && isLoneSurrogateFree(text) ? escapeSegment(text) : `~${contentId(text)}`;

/** Code of a field that the table does not know: its name, or its hash where the name is no part of a key. */
export const unknownCode = (name: string): string => {
  const segment = escapeSegment(name);
  const fits = segment.length <= nameSegmentLengthMax && isLoneSurrogateFree(name);
  return `+${fits ? segment : `~${contentId(name)}`}`;
};

export const isHashedName = (code: string): boolean => code.startsWith("+~");

/** What is stored for an unknown field: the value, with the name beside it where the code does not tell it. */
export const packUnknown = (name: string, value: JsonValue): JsonValue =>
  isHashedName(unknownCode(name)) ? [name, value] : value;

export const unpackUnknown = (
  code: string,
  stored: JsonValue,
): { readonly name: string; readonly value: JsonValue } => {
  if (!isHashedName(code)) return { name: unescapeSegment(code.slice(1)), value: stored };
  const [name, value] = Array.isArray(stored) ? (stored as readonly JsonValue[]) : [];
  return { name: typeof name === "string" ? name : code.slice(1), value: value ?? null };
};
