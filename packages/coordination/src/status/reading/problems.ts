/** What can be wrong with a status file: a code, and a sentence that says what was found and what to do. */

import type { JsonValue } from "@context-mesh/common";

export type StatusProblemCode =
  // the file itself
  | "not_found"
  | "not_a_file"
  | "symlink_loop"
  | "unreadable"
  | "too_large"
  | "changed_while_read"
  // its bytes
  | "empty"
  | "nul_filled"
  | "nul_bytes"
  | "byte_order_mark"
  | "invalid_utf8"
  | "utf16"
  | "replacement_characters"
  | "mojibake"
  // its form
  | "not_json"
  | "not_an_object"
  | "text_around_json"
  | "conflict_markers"
  | "template_braces"
  | "truncated"
  | "trailing_garbage"
  | "malformed"
  | "lenient_syntax"
  | "too_deep"
  | "duplicate_keys"
  // what it says
  | "no_agent_id"
  | "agent_mismatch"
  | "no_status"
  | "unknown_status"
  | "uncertain_status"
  | "disagrees_with_itself"
  | "no_time"
  | "unreadable_time"
  | "time_in_future"
  | "time_without_zone"
  // the shared context
  | "undecided";

export interface StatusProblem {
  readonly code: StatusProblemCode;
  readonly detail: string;
}

export const problem = (code: StatusProblemCode, detail: string): StatusProblem => ({ code, detail });

/** Told for completeness: the file is usable as it is, and nobody needs to act. */
const remarks: ReadonlySet<string> = new Set<StatusProblemCode>([
  "byte_order_mark",
  "lenient_syntax",
  "no_agent_id",
  "no_time",
  "time_without_zone",
]);

export const isRemark = (code: string): boolean => remarks.has(code);

/** A text for a sentence: one line, and not longer than a person reads. */
export const quoted = (text: string, lengthMax = 60): string => {
  const line = text.replace(/[\p{Cc}\s]+/gu, " ").trim();
  const short = [...line].length > lengthMax ? `${[...line].slice(0, lengthMax - 1).join("")}…` : line;
  return `"${short}"`;
};

/** Any value in a sentence: texts in quotes, the rest as JSON. */
export const shownAs = (value: JsonValue, lengthMax = 60): string =>
  typeof value === "string" ? quoted(value, lengthMax) : quoted(JSON.stringify(value), lengthMax).slice(1, -1);
