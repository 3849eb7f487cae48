/** Short ways to say how a command ended. */

import { type JsonValue, MeshError } from "@context-mesh/common";
import type { Done, Failed } from "./command.ts";

export const done = (data: JsonValue, text: string, more: Partial<Omit<Done, "ok" | "data" | "text">> = {}): Done => ({
  ok: true,
  data,
  text,
  ...more,
});

export const failed = (
  code: string,
  message: string,
  hint: string,
  more: { readonly details?: JsonValue; readonly retryable?: boolean; readonly exitCode?: number } = {},
): Failed => {
  const { retryable = false, ...rest } = more;
  return { ok: false, error: new MeshError(code, message, { hint, retryable }), ...rest };
};

/** Undefined members are not JSON; they are left out. */
export const toJson = (value: unknown): JsonValue =>
  value === undefined ? null : (JSON.parse(JSON.stringify(value)) as JsonValue);
