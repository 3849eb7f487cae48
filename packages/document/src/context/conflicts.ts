/**
 * Conflicts as data: the open ones read off the replica, the decided ones kept as records in the document. Both have the
 * form of the protocol: {detected, type, field, resolution_strategy, result}.
 */

import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from "@context-mesh/common";
import type { ConflictResolution } from "@context-mesh/schema";
import type { Candidate, Key, Loser, Reading } from "../entry/types.ts";
import { isProposalKey, parseKey } from "../layout/keys.ts";
import { isContextPrefix, recordPlaces } from "../layout/registry.ts";
import { archivedCode, conflictPrefix, existsCode, oddIdCode, orderCode, rankCode } from "../layout/shapes.ts";
import { policyFor, strategyFor } from "../policy/policy.ts";
import type { ReplicaReader } from "../replica/surface.ts";
import { type ShownCandidate, shownValue, toShown } from "./shown.ts";

export type ConflictType = "concurrent_update" | "concurrent_removal";

export interface Conflict {
  readonly key: Key;
  readonly path: string;
  readonly type: ConflictType;
  /** Name of the policy that chose what is shown meanwhile; `undecided` when none may. */
  readonly strategy: string;
  /** Time of the newest value, the same on every peer. */
  readonly detectedAt: number;
  /** What is shown first. */
  readonly candidates: readonly ShownCandidate[];
}

/** A conflict in the form of the protocol, with what it takes to act on it. */
export interface ConflictRecord extends ConflictResolution {
  readonly key: Key;
  readonly state: "open" | "resolved" | "undone";
}

const besideContent = new Set([rankCode, orderCode, archivedCode, existsCode, oddIdCode]);
/** Written by every sync or only once: two values at a time are nobody's question. */
const quietFields = new Set(["r/l", "r/y", "r/B", "r/P"]);

/** Keys about order, presence and bookkeeping: concurrent values are settled by policy and never shown as a conflict. */
export const isQuietKey = (key: Key): boolean => {
  const { prefix, suffix } = parseKey(key);
  if (!isContextPrefix(prefix) || isProposalKey(key) || quietFields.has(key) || besideContent.has(suffix)) return true;
  const field = recordPlaces.get(prefix)?.shape.fields.find((candidate) => candidate.code === suffix);
  return field !== undefined && (field.kind === "record" || "list" in field);
};

/** An undone resolution: one entry that stands for several. */
export const standsForSeveral = (winner: Candidate | undefined): winner is Candidate =>
  winner?.meta?.undoes !== undefined && (winner.meta.resolves?.length ?? 0) > 1;

const asCandidate = (key: Key, loser: Loser, replica: ReplicaReader): Candidate => ({
  key,
  value: loser.value,
  hlc: loser.hlc,
  writer: loser.writer,
  seq: loser.seq,
  seen: new Map(),
  agent: replica.agentOf(loser.writer),
  queued: false,
});

/** The values of a key that nobody decided between; fewer than two when there is no conflict. */
const alternatives = (reading: Reading, replica: ReplicaReader, version: number): readonly Candidate[] => {
  const carried = reading.candidates.flatMap((candidate) =>
    standsForSeveral(candidate)
      ? (candidate.meta?.resolves ?? []).map((loser) => asCandidate(reading.key, loser, replica))
      : [candidate],
  );
  const policy = policyFor(reading.key, version);
  return policy === undefined ? carried : carried.sort((a, b) => policy.order(a, b));
};

const haveOneValue = (candidates: readonly Candidate[]): boolean =>
  candidates.every((candidate) => jsonEqual(candidate.value, candidates[0]?.value));

/** The candidates of an open conflict, what is shown first; none when there is no conflict. */
export const undecided = (reading: Reading, replica: ReplicaReader, version: number): readonly Candidate[] => {
  const isOpen = reading.conflict || standsForSeveral(reading.winner);
  if (!isOpen || isQuietKey(reading.key)) return [];
  const candidates = alternatives(reading, replica, version);
  return candidates.length < 2 || haveOneValue(candidates) ? [] : candidates;
};

export const conflictOf = (
  reading: Reading,
  replica: ReplicaReader,
  version: number,
  path: string,
): Conflict | undefined => {
  const candidates = undecided(reading, replica, version);
  if (candidates.length === 0) return undefined;
  return {
    key: reading.key,
    path,
    type: candidates.some((candidate) => candidate.value === undefined) ? "concurrent_removal" : "concurrent_update",
    strategy: strategyFor(reading.key, version),
    detectedAt: Math.max(...candidates.map((candidate) => candidate.hlc)),
    candidates: candidates.map(toShown),
  };
};

const say = (value: JsonValue | undefined): string => (value === undefined ? "(removed)" : JSON.stringify(value));
const line = (word: string, candidate: ShownCandidate): string =>
  `${word} ${say(candidate.value)} by ${candidate.agent} at ${new Date(candidate.at).toISOString()}`;

export const openRecord = (conflict: Conflict): ConflictRecord => ({
  detected: new Date(conflict.detectedAt).toISOString(),
  type: conflict.type,
  field: conflict.path,
  resolution_strategy: conflict.strategy,
  result: conflict.candidates.map((candidate, at) =>
    line(at === 0 && conflict.strategy !== "undecided" ? "shown:" : "kept:", candidate),
  ),
  key: conflict.key,
  state: "open",
});

/** What a decision leaves in the document: the record, who decided, and which candidate it was for. */
export interface StoredConflict extends ConflictRecord {
  readonly by: string;
  /** The chosen candidate, with its author and time; null when another value was given. */
  readonly chosen: { readonly writer: string; readonly seq: number; readonly hlc: number } | null;
}

export const decidedRecord = (
  conflict: Conflict,
  decision: { readonly value: JsonValue | undefined; readonly by: string; readonly reason: string | undefined },
  chosen: ShownCandidate | undefined,
): StoredConflict => {
  const losers = conflict.candidates.filter((candidate) => candidate !== chosen);
  const why = decision.reason === undefined ? "" : `: ${decision.reason}`;
  return {
    detected: new Date(conflict.detectedAt).toISOString(),
    type: conflict.type,
    field: conflict.path,
    resolution_strategy: "manual",
    result: [
      `${decision.by} decided for ${say(shownValue(conflict.key, decision.value))}${why}`,
      ...losers.map((candidate) => line("set aside:", candidate)),
    ],
    key: conflict.key,
    state: "resolved",
    by: decision.by,
    chosen: chosen === undefined ? null : { writer: chosen.writer, seq: chosen.seq, hlc: chosen.at },
  };
};

const isText = (value: JsonValue | undefined): value is string => typeof value === "string";

export const parseStoredConflict = (value: JsonValue | undefined): StoredConflict | undefined => {
  if (!isJsonObject(value)) return undefined;
  const stored = value as JsonObject & Partial<StoredConflict>;
  const isWhole =
    [stored.detected, stored.type, stored.field, stored.resolution_strategy, stored.key].every(isText) &&
    Array.isArray(stored.result);
  return isWhole ? (stored as unknown as StoredConflict) : undefined;
};

export const conflictRecordKey = (id: string): Key => `${conflictPrefix}/${id}`;
