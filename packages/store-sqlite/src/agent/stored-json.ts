/**
 * Named values as columns hold them: JSON, a long one as its bytes. Every open checks the values, and for bytes it makes no
 * string. Stores from before have long ones as text.
 */

import type { JsonValue } from "@context-mesh/common";
import type { SqlValue } from "../sqlite/driver.ts";

const textLengthMax = 4_096;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const toStoredJson = (value: JsonValue): string | Uint8Array => {
  const text = JSON.stringify(value);
  return text.length > textLengthMax ? encoder.encode(text) : text;
};

/** The inverse of `toStoredJson`, for what passed its check. */
export const fromStoredJson = (stored: SqlValue | undefined): JsonValue =>
  JSON.parse(stored instanceof Uint8Array ? decoder.decode(stored) : (stored as string)) as JsonValue;
