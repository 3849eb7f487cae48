/**
 * Values in the document: plain JSON, with `{"~":0}` reserved for *absent*.
 * A value of the form `{"~": x}` is stored as `{"~": [x]}`, so the reserved one cannot be written by accident.
 */

import { err, type JsonObject, type JsonValue, limits, ok, type Result } from "@context-mesh/common";

const absent = Object.freeze({ "~": 0 });
const anySurrogate = /[\ud800-\udfff]/;
const loneSurrogate = /\p{Surrogate}/gu;

/** UTF-8 cannot carry lone surrogates: others would read U+FFFD, so the writer stores that at once. */
const wellFormed = (text: string): string => (anySurrogate.test(text) ? text.replace(loneSurrogate, "\uFFFD") : text);

const isTilde = (value: object): value is { readonly "~": JsonValue } => {
  if ((value as JsonObject)["~"] === undefined || Array.isArray(value)) return false;
  return Object.keys(value).length === 1;
};

/** The stored form; undefined is a removal. */
export const packValue = (value: JsonValue | undefined): JsonValue => {
  if (value === undefined) return absent;
  if (typeof value !== "object" || value === null || !isTilde(value)) return value;
  return Object.freeze({ "~": Object.freeze([value["~"]]) });
};

/** The inverse of `packValue`, for stored values that passed `isPacked`. */
export const unpackValue = (stored: JsonValue): JsonValue | undefined => {
  if (typeof stored !== "object" || stored === null || !isTilde(stored)) return stored;
  const inner = stored["~"];
  return Array.isArray(inner) ? Object.freeze({ "~": inner[0] as JsonValue }) : undefined;
};

/** Weight of a value: its characters plus one for each element. */
class Weighing {
  weight = 0;

  /** False when it is not JSON, too deep or too heavy. Freezes what it passes: readers get these very objects. */
  pass(value: unknown, depth: number): boolean {
    this.weight += typeof value === "string" ? value.length + 1 : 1;
    if (this.weight > limits.valueBytesMax) return false;
    switch (typeof value) {
      case "string":
      case "boolean":
        return true;
      case "number":
        return Number.isFinite(value);
      case "object":
        return value === null || this.#passObject(value, depth);
      default:
        return false;
    }
  }

  #passObject(value: object, depth: number): boolean {
    if (depth >= limits.nestingMax) return false;
    if (Array.isArray(value)) {
      if (!value.every((element) => this.pass(element, depth + 1))) return false;
    } else {
      if (Object.getPrototypeOf(value) !== Object.prototype || Object.hasOwn(value, "__proto__")) return false;
      for (const key of Object.keys(value)) {
        this.weight += key.length;
        if (!this.pass((value as Record<string, unknown>)[key], depth + 1)) return false;
      }
    }
    Object.freeze(value);
    return true;
  }
}

/** True for JSON within the bounds. Objects are frozen on the way. */
export const isBoundedJson = (value: unknown): value is JsonValue =>
  typeof value === "string" ? value.length < limits.valueBytesMax : new Weighing().pass(value, 0);

/** True for what may stand in the value position of an entry. */
export const isPacked = (stored: unknown): stored is JsonValue => {
  if (!isBoundedJson(stored)) return false;
  if (typeof stored !== "object" || stored === null || !isTilde(stored)) return true;
  const inner: JsonValue = stored["~"];
  return inner === 0 || (Array.isArray(inner) && inner.length === 1);
};

const notJson = Symbol.for("not JSON");

const copy = (value: unknown, depth: number): unknown => {
  if (typeof value === "string") return wellFormed(value);
  if (typeof value !== "object" || value === null || depth > limits.nestingMax) return value;
  if (Array.isArray(value)) return value.map((element) => copy(element, depth + 1));
  if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null) return notJson;
  const copied: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    // Setting it would set the prototype.
    if (key === "__proto__") return notJson;
    copied[wellFormed(key)] = copy(member, depth + 1);
  }
  return copied;
};

/** A frozen copy that every peer will read exactly so; members that are undefined are left out. */
export const normaliseValue = (value: unknown): Result<JsonValue, "value_invalid" | "value_too_large"> => {
  const copied = copy(value, 0);
  const weighing = new Weighing();
  if (weighing.pass(copied, 0)) return ok(copied as JsonValue);
  return weighing.weight > limits.valueBytesMax
    ? err("value_too_large", `a value may hold ${limits.valueBytesMax} characters`)
    : err("value_invalid", "a value is JSON: no functions, dates, NaN, __proto__, or nesting beyond the limit");
};
