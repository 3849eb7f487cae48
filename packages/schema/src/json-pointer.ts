/** JSON Pointers (RFC 6901), resolved strictly: own fields only, and list positions only in their one spelling. */

import { err, isJsonObject, type JsonValue, ok, type Result } from "@context-mesh/common";
import { sourceDepthMax } from "./findings.ts";

export type PointerRefusal = "patch_path" | "patch_missing" | "reserved_key" | "too_deep";

/** Names that lead out of the data in naive implementations, the library's included. */
const reserved = new Set(["__proto__", "constructor", "prototype"]);

export const isReservedToken = (token: string): boolean => reserved.has(token);

export const parsePointer = (text: string): Result<string[], PointerRefusal> => {
  if (text === "") return ok([]);
  if (!text.startsWith("/") || /~(?![01])/.test(text)) return err("patch_path", `${text} is no JSON Pointer`);
  const tokens = text
    .slice(1)
    .split("/")
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
  const bad = tokens.find(isReservedToken);
  if (bad !== undefined) return err("reserved_key", `${bad} cannot be addressed by a patch`);
  if (tokens.length > sourceDepthMax) return err("too_deep", `${text.slice(0, 80)}… lies too deep`);
  return ok(tokens);
};

export const formatPointer = (tokens: readonly (string | number)[]): string =>
  tokens.map((token) => `/${String(token).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

const isIndex = (token: string): boolean => /^(?:0|[1-9]\d{0,15})$/.test(token);

const childOf = (value: JsonValue | undefined, token: string): JsonValue | undefined => {
  if (Array.isArray(value)) return isIndex(token) ? (value[Number(token)] as JsonValue | undefined) : undefined;
  return isJsonObject(value) && Object.hasOwn(value, token) ? value[token] : undefined;
};

/** The value at the pointer; undefined where there is none. */
export const valueAt = (document: JsonValue, tokens: readonly string[]): JsonValue | undefined =>
  tokens.reduce<JsonValue | undefined>(childOf, document);

/** True when something can be added there: a field of an object, or a position of a list up to its end. */
export const canAdd = (document: JsonValue, tokens: readonly string[]): boolean => {
  const parent = valueAt(document, tokens.slice(0, -1));
  const last = tokens.at(-1) as string;
  if (Array.isArray(parent)) return last === "-" || (isIndex(last) && Number(last) <= parent.length);
  return isJsonObject(parent);
};
