/** Stored values as people see them, and back. */

import type { JsonValue } from "@context-mesh/common";
import type { Candidate, Key, Reading } from "../entry/types.ts";
import { isHashedName, unpackUnknown } from "../layout/content-id.ts";
import { isUnknownCode, parseKey } from "../layout/keys.ts";
import { blockerCode, noteList } from "../layout/shapes.ts";
import { encodeStatus, parseStatus, removedWord } from "../layout/status.ts";

/** An entry as a conflict or a read shows it. */
export interface ShownCandidate {
  /** `<writer>:<seq>`. */
  readonly id: string;
  /** As the context shows it; undefined when the entry removes. */
  readonly value: JsonValue | undefined;
  /** As the document keeps it. */
  readonly stored: JsonValue | undefined;
  readonly writer: string;
  readonly seq: number;
  readonly agent: string;
  /** Milliseconds since 1970, by the clock of the entry. */
  readonly at: number;
  readonly queued: boolean;
  /** What its author had been shown of this key: the highest seq of each writer. */
  readonly seen: Readonly<Record<string, number>>;
}

const isStatusKey = (prefix: string, suffix: string): boolean => prefix === "t" && suffix === "s";

const shownStatusWord = (stored: JsonValue): JsonValue | undefined => {
  const status = parseStatus(stored);
  if (status.word === removedWord) return undefined;
  return typeof status.shown === "string" ? status.shown : status.word;
};

export const shownValue = (key: Key, stored: JsonValue | undefined): JsonValue | undefined => {
  if (stored === undefined) return undefined;
  const { prefix, suffix } = parseKey(key);
  if (isStatusKey(prefix, suffix)) return shownStatusWord(stored);
  if (prefix === noteList.prefix) return Array.isArray(stored) ? (stored as readonly JsonValue[])[1] : undefined;
  if (prefix === "t" && suffix.startsWith(`${blockerCode}/`) && stored === false) return undefined;
  return isUnknownCode(suffix) ? unpackUnknown(suffix, stored).value : stored;
};

/** What to store so that `value` is shown. A bare word keeps the round that stands. */
export const storedValue = (key: Key, value: JsonValue | undefined, reading: Reading): JsonValue | undefined => {
  const { prefix, suffix } = parseKey(key);
  const stored = reading.winner?.value;
  if (isStatusKey(prefix, suffix) && (typeof value === "string" || value === undefined)) {
    return encodeStatus({ round: parseStatus(stored).round, word: value ?? removedWord });
  }
  const isPair = prefix === noteList.prefix || isHashedName(suffix);
  if (!isPair || value === undefined) return value;
  const beside = Array.isArray(stored) ? ((stored as readonly JsonValue[])[0] ?? 0) : 0;
  return [beside, value];
};

export const candidateId = (entry: { readonly writer: string; readonly seq: number }): string =>
  `${entry.writer}:${entry.seq}`;

export const toShown = (candidate: Candidate): ShownCandidate => ({
  id: candidateId(candidate),
  value: shownValue(candidate.key, candidate.value),
  stored: candidate.value,
  writer: candidate.writer,
  seq: candidate.seq,
  agent: candidate.agent,
  at: candidate.hlc,
  queued: candidate.queued,
  seen: Object.fromEntries(candidate.seen),
});
