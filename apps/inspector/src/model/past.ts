/** The relay's stamped log as the page reads it, and the moments of an address. */

import { type JsonObject, type JsonValue, objectOf, objectsOf, textOf, timeOf } from "./read.ts";

export interface Stamp {
  readonly seq: number;
  readonly at: number;
  readonly agent: string;
}

export interface LogPage {
  /** The room can be shown as it was after each of these updates. */
  readonly first: number;
  readonly last: number;
  /** Newest first. */
  readonly stamps: readonly Stamp[];
}

const stampOf = (item: JsonObject): Stamp => ({
  seq: typeof item.seq === "number" ? item.seq : 0,
  at: timeOf(item.at) ?? 0,
  agent: textOf(item.agent) || "somebody",
});

export const logPageOf = (data: JsonValue): LogPage => {
  const { first, last, items } = objectOf(data);
  return {
    first: typeof first === "number" ? first : 0,
    last: typeof last === "number" ? last : 0,
    stamps: objectsOf(items).map(stampOf),
  };
};

/** A text of an address as a moment of the relay's log: an update's number, or a time. */
export const isMoment = (text: string): boolean => /^\d{1,15}$/.test(text) || /^\d{4}-\d\d/.test(text);
