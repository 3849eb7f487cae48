/** Bounds of single values: bytes and nesting of what becomes one field of the shared document. */

import { type JsonValue, limits, utf8 } from "@context-mesh/common";
import { type Findings, type Key, tooDeep } from "./findings.ts";
import { childShape, type Shape } from "./shape.ts";

/** Bytes of the value as JSON. */
export const jsonBytes = (value: unknown): number => {
  const text = JSON.stringify(value) ?? "";
  return text.length * 3 <= limits.valueBytesMax ? text.length : utf8(text).length;
};

/** Levels of lists and objects in a value; counting ends one above `max`. */
export const nestingOf = (value: unknown, max: number, depth = 0): number => {
  if (typeof value !== "object" || value === null || depth > max) return depth;
  let deepest = depth + 1;
  for (const inner of Object.values(value)) deepest = Math.max(deepest, nestingOf(inner, max, depth + 1));
  return deepest;
};

export type ValueRefusal = "value_too_large" | "too_deep";

/** What forbids a value as one field, or undefined. */
export const valueRefusal = (value: JsonValue): ValueRefusal | undefined => {
  if (nestingOf(value, limits.nestingMax) > limits.nestingMax) return "too_deep";
  return jsonBytes(value) > limits.valueBytesMax ? "value_too_large" : undefined;
};

const checkValue = (value: JsonValue, path: readonly Key[], findings: Findings): void => {
  const refusal = valueRefusal(value);
  if (refusal === "too_deep") findings.error(tooDeep(path));
  if (refusal !== "value_too_large") return;
  findings.error({
    code: refusal,
    message: `the value has ${jsonBytes(value)} bytes, and at most ${limits.valueBytesMax} fit`,
    hint: "Store it in a file and write the name of the file here.",
    path,
  });
};

/** Walks down what the schema knows; whatever lies below that is one value each. */
export const checkValues = (
  value: JsonValue,
  shape: Shape | undefined,
  path: readonly Key[],
  findings: Findings,
): void => {
  const isList = Array.isArray(value) && shape?.item?.fields !== undefined;
  const isObject =
    typeof value === "object" && value !== null && !Array.isArray(value) && (shape?.fields?.size ?? 0) > 0;
  if (!isList && !isObject) {
    if (typeof value === "object" || (typeof value === "string" && value.length > limits.valueBytesMax / 6)) {
      checkValue(value, path, findings);
    }
    return;
  }
  for (const [name, inner] of Object.entries(value as Record<string, JsonValue>)) {
    const key = isList ? Number(name) : name;
    checkValues(inner, childShape(shape, key), [...path, key], findings);
  }
};
