/** Exit codes, and which code of an error leads to which. What is not named here is a plain failure. */

export const exitCodes = {
  done: 0,
  failure: 1,
  usage: 2,
  queuedOnly: 3,
  notAuthorised: 4,
  conflict: 5,
  notFound: 6,
  integrity: 7,
  timedOut: 8,
  interrupted: 130,
} as const;

const codesByExit: Readonly<Record<number, readonly string[]>> = {
  [exitCodes.usage]: [
    "unknown_command",
    "unknown_option",
    "missing_argument",
    "missing_value",
    "unexpected_argument",
    "invalid_argument",
    "invalid_json",
    "invalid_level",
    "invalid_path",
    "invalid_room",
    "path_syntax",
    "path_too_long",
    "reserved_key",
    "ambiguous_index",
    "bad_cursor",
    "foreign_cursor",
    "bad_id",
    "bad_peer",
    "relay_invalid",
    "no_room",
    "room_missing",
    "agent_missing",
    "token_file_needed",
  ],
  [exitCodes.queuedOnly]: ["queued_only"],
  [exitCodes.notAuthorised]: ["not_authorised", "token_refused", "forbidden", "read_only"],
  [exitCodes.conflict]: ["conflict", "conflict_remains", "stale_fence", "overtaken", "patch_test"],
  [exitCodes.notFound]: [
    "not_found",
    "unknown_path",
    "unknown_id",
    "unknown_candidate",
    "no_conflict",
    "no_store",
    "no_history",
    "out_of_history",
    "file_not_found",
    "unknown_revision",
    "patch_path",
    "patch_missing",
  ],
  [exitCodes.integrity]: [
    "integrity",
    "store_corrupt",
    "room_corrupt",
    "log_corrupt",
    "entry_corrupt",
    "digest_mismatch",
  ],
  [exitCodes.timedOut]: ["timed_out"],
  [exitCodes.interrupted]: ["interrupted"],
};

const exitByCode = new Map(
  Object.entries(codesByExit).flatMap(([exit, codes]) => codes.map((code) => [code, Number(exit)] as const)),
);

export const exitCodeOf = (code: string): number => exitByCode.get(code) ?? exitCodes.failure;
