/** What is wrong with an input, where, and what to do about it. */

import type { Err, Ok } from "@context-mesh/common";

export const problemCodes = [
  "syntax",
  "tab_indent",
  "conflict_markers",
  "nul_bytes",
  "encoding",
  "empty",
  "truncated",
  "trailing_text",
  "several_documents",
  "duplicate_key",
  "reserved_key",
  "alias_bomb",
  "alias_unknown",
  "alias_cycle",
  "too_deep",
  "input_too_large",
  "not_json",
  "not_finite",
  "broken_text",
  "number_kept_as_text",
  "unknown_tag",
  "beside_context",
  "invalid_type",
  "invalid_value",
  "missing",
  "version_too_new",
  "version_older",
  "version_newer",
  "version_unreadable",
  "value_too_large",
  "id_too_long",
  "duplicate_id",
  "too_many_problems",
] as const;

export type ProblemCode = (typeof problemCodes)[number];

export interface Problem {
  readonly code: ProblemCode;
  /** One sentence for a person. */
  readonly message: string;
  /** Where in the data, in the form of `formatPath`; "" is the whole input. */
  readonly path: string;
  /** 1-based; 0 where the input was not a text. */
  readonly line: number;
  readonly column: number;
  /** The next step. */
  readonly hint: string;
}

/** `issues` of an accepted input are warnings: nothing was lost, but the author may want to know. */
export interface Accepted<T> extends Ok<T> {
  readonly issues: readonly Problem[];
}

export interface Refused extends Err<ProblemCode> {
  readonly issues: readonly Problem[];
}

export type Parsed<T> = Accepted<T> | Refused;
