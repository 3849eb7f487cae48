/** Reading of values that agents wrote: anything may be missing, odd, or of another type. Never throws. */

import { isJsonObject, type JsonObject, type JsonValue } from "@context-mesh/common";

export { isJsonObject, type JsonObject, type JsonValue } from "@context-mesh/common";

/** As one text: texts as they are, everything else as JSON, nothing as "". */
export const textOf = (value: JsonValue | undefined): string => {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
};

/** Only what is an object; other items of a list are left out and counted by `oddItems`. */
export const objectsOf = (value: JsonValue | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? (value as readonly JsonValue[]).filter((item): item is JsonObject => isJsonObject(item)) : [];

export const listOf = (value: JsonValue | undefined): readonly JsonValue[] =>
  Array.isArray(value) ? (value as readonly JsonValue[]) : [];

export const objectOf = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});

/** A list of texts, or one text where somebody left the brackets out. */
export const textsOf = (value: JsonValue | undefined): readonly string[] => {
  if (typeof value === "string") return value === "" ? [] : [value];
  return listOf(value)
    .map(textOf)
    .filter((text) => text !== "");
};

/** The first of these fields that says something. */
export const firstText = (item: JsonObject, ...names: readonly string[]): string => {
  for (const name of names) {
    const text = textOf(item[name]);
    if (text !== "") return text;
  }
  return "";
};

/** Milliseconds since 1970 of a time that people write; undefined for what is none. */
export const timeOf = (value: JsonValue | undefined): number | undefined => {
  if (typeof value === "number") return value > 1e11 ? value : value * 1_000;
  if (typeof value !== "string" || !/\d{4}-\d{2}-\d{2}/.test(value)) return undefined;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : ms;
};

/** Words compared without case, spaces and dashes: `In Progress` and `in-progress` are one. */
export const wordOf = (value: JsonValue | undefined): string =>
  textOf(value)
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, "_");
