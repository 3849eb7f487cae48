/** Copies a value of the program (not of a file) into plain JSON: what is no JSON is found, not passed on. */

import type { JsonValue } from "@context-mesh/common";
import { type Findings, type Key, reservedKey, type Source, Stop, sourceDepthMax, tooDeep } from "./findings.ts";
import { scalarValue } from "./scalars.ts";
import { childShape, type Shape } from "./shape.ts";

const isPlainObject = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
};

const noJson = (value: unknown, path: readonly Key[], findings: Findings): null => {
  const name = typeof value === "object" ? (value?.constructor?.name ?? "object") : typeof value;
  const message = `a value of type ${name} is not JSON`;
  findings.error({ code: "not_json", message, hint: "Pass texts, numbers, lists and plain objects.", path });
  return null;
};

const copyObject = (value: object, shape: Shape | undefined, path: readonly Key[], findings: Findings): JsonValue => {
  const copy: Record<string, JsonValue> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (key === "__proto__") findings.error(reservedKey([...path, key]));
    else if (inner !== undefined) copy[key] = copyValue(inner, childShape(shape, key), [...path, key], findings);
  }
  return copy;
};

const copyValue = (value: unknown, shape: Shape | undefined, path: readonly Key[], findings: Findings): JsonValue => {
  if (path.length > sourceDepthMax) throw new Stop(tooDeep(path));
  if (value === null) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return scalarValue(value, String(value), shape, { path, findings });
  }
  if (Array.isArray(value)) {
    return value.map((item, index) => copyValue(item, childShape(shape, index), [...path, index], findings));
  }
  if (typeof value === "object" && isPlainObject(value)) return copyObject(value, shape, path, findings);
  return noJson(value, path, findings);
};

export const readPlain = (value: unknown, shape: Shape, findings: Findings): Source => {
  const locate = (paths: readonly unknown[]): number[] => paths.map(() => -1);
  try {
    return { value: copyValue(value, shape, [], findings), locate };
  } catch (stop) {
    if (!(stop instanceof Stop)) throw stop;
    findings.error(stop.finding);
    return { value: undefined, locate };
  }
};
