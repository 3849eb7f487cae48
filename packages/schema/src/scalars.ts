/** How single values become JSON without losing what was written. */

import type { JsonPrimitive } from "@context-mesh/common";
import type { Findings, Key } from "./findings.ts";
import type { Shape } from "./shape.ts";

/** Where one value stands while it is read. */
export interface Spot {
  readonly path: readonly Key[];
  readonly offset?: number | undefined;
  readonly findings: Findings;
}

const loneSurrogate = /[\uD800-\uDFFF]/u;

const checkedText = (text: string, spot: Spot): string => {
  if (loneSurrogate.test(text)) {
    spot.findings.error({
      code: "broken_text",
      message: "the text holds half of a surrogate pair, which no UTF-8 can carry",
      hint: "Write the character whole, or remove it.",
      path: spot.path,
      offset: spot.offset,
    });
  }
  return text;
};

/**
 * True for an integer that a number would write with other digits. (Finite numbers have up to 309; the rest would be zeros in
 * front.)
 */
const losesDigits = (value: number, source: string): boolean => {
  if (!Number.isInteger(value) || Number.isSafeInteger(value) || !/^[-+]?\d+$/.test(source)) return false;
  return source.length > 320 || (String(value) !== source && BigInt(source) !== BigInt(value));
};

const finiteNumber = (value: number, source: string, spot: Spot): JsonPrimitive => {
  if (!Number.isFinite(value)) {
    spot.findings.error({
      code: "not_finite",
      message: `${source} is not a finite number`,
      hint: "Quote it to keep it as a text.",
      path: spot.path,
      offset: spot.offset,
    });
    return null;
  }
  if (losesDigits(value, source)) {
    spot.findings.warn({
      code: "number_kept_as_text",
      message: `${source} has more digits than a number can hold, so it is kept as a text`,
      hint: "Quote it.",
      path: spot.path,
      offset: spot.offset,
    });
    return source;
  }
  return value === 0 ? 0 : value;
};

/**
 * The value of a scalar at a place of this shape. Where only a text is taken, a number or a truth value becomes the text it
 * was written as: `version: 2.0` is "2.0" and `hash: 12e45678` stays itself.
 */
export const scalarValue = (
  value: string | number | boolean,
  source: string,
  shape: Shape | undefined,
  spot: Spot,
): JsonPrimitive => {
  if (typeof value === "string") return checkedText(value, spot);
  if (shape?.takesText === true && !(typeof value === "number" && shape.takesNumber)) return source;
  return typeof value === "number" ? finiteNumber(value, source, spot) : value;
};
