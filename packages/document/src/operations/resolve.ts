/** Deciding conflicts, taking a decision back, accepting proposals, undoing writes: always by a new, attributed write. */

import { type JsonValue, jsonEqual } from "@context-mesh/common";
import { storedConflicts } from "../context/conflict-list.ts";
import {
  type Conflict,
  conflictOf,
  conflictRecordKey,
  decidedRecord,
  openRecord,
  type StoredConflict,
} from "../context/conflicts.ts";
import { type ShownCandidate, storedValue } from "../context/shown.ts";
import type { ContextView } from "../context/view.ts";
import type { Candidate, EntryId, Key, Loser, Reading } from "../entry/types.ts";
import { contentId } from "../layout/content-id.ts";
import { idOfEntity, parseKey, proposalKey, proposalTarget } from "../layout/keys.ts";
import { policyFor } from "../policy/policy.ts";
import { ChangeSet } from "./change-set.ts";
import { proposalReason } from "./ownership.ts";
import type { Author, OperationRefusal, Outcome } from "./types.ts";

/** The id of a candidate (`<writer>:<seq>`), or another value. */
export type Choice = string | { readonly value: JsonValue | undefined };

const refused = (set: ChangeSet, reason: OperationRefusal, detail: string): Outcome => {
  set.refuse(reason, detail);
  return set.outcome();
};

const toLoser = (candidate: ShownCandidate): Loser => ({
  writer: candidate.writer,
  seq: candidate.seq,
  hlc: candidate.at,
  value: candidate.stored,
});

/** Names the conflict by what stood against each other, so that two who decide it at once write one record. */
const recordKeyOf = (conflict: Conflict): Key =>
  conflictRecordKey(contentId([conflict.key, ...conflict.candidates.map((candidate) => candidate.id).sort()]));

const conflictByKeyOrPath = (view: ContextView, target: string): Conflict | undefined => {
  const direct = view.conflictAt(target);
  if (direct !== undefined) return direct;
  const keys = view.pathToKeys(target);
  const found = keys.ok ? keys.value.flatMap((key) => view.conflictAt(key) ?? []) : [];
  return found.length === 1 ? found[0] : undefined;
};

/** Beside what others propose; saying the same again writes nothing. */
const propose = (set: ChangeSet, target: Key, value: JsonValue | undefined): void => {
  const reading = set.view.replica.read(proposalKey(target));
  if (reading.candidates.some((candidate) => jsonEqual(candidate.value, value))) return;
  set.put(reading.key, value, reading, { basis: {} });
};

/**
 * `target` is a key or a path. The change covers every candidate and carries those it decided against. Who may not write the
 * field proposes the value, and the conflict stays open for its owner.
 */
export const resolveConflict = (view: ContextView, target: string, choice: Choice, author: Author): Outcome => {
  const set = new ChangeSet(view, author);
  const conflict = conflictByKeyOrPath(view, target);
  if (conflict === undefined) return refused(set, "no_conflict", `there is no open conflict at \`${target}\``);
  const chosen = conflict.candidates.find((candidate) => candidate.id === choice);
  if (typeof choice === "string" && chosen === undefined) {
    return refused(
      set,
      "unknown_candidate",
      `\`${choice}\` is none of ${conflict.candidates.map(({ id }) => id).join(", ")}`,
    );
  }
  const reading = view.replica.read(conflict.key);
  const value = typeof choice === "string" ? chosen?.stored : storedValue(conflict.key, choice.value, reading);
  if (proposalReason(view, author, conflict.key) !== undefined) {
    propose(set, conflict.key, value);
    return set.outcome();
  }
  const losers = conflict.candidates.filter((candidate) => candidate !== chosen);
  set.put(conflict.key, value, reading, {
    basis: reading.resolveBasis,
    meta: { resolves: losers.map(toLoser), ...(author.reason === undefined ? {} : { reason: author.reason }) },
  });
  const decision = { value, by: author.agent, reason: author.reason };
  set.set(recordKeyOf(conflict), decidedRecord(conflict, decision, chosen) as unknown as JsonValue);
  return set.outcome();
};

/**
 * Writes one entry that stands for all candidates of a reading, shown as an open conflict: for values that are moved from
 * one place to another while nobody has decided between them.
 */
export const writeUndecided = (set: ChangeSet, reading: Reading): void => {
  const { view } = set;
  const { winner, key } = reading;
  const conflict = conflictOf(reading, view.replica, view.policyVersion, view.keyToPath(key));
  const basis = reading.resolveBasis;
  if (winner === undefined || conflict === undefined) {
    set.put(key, winner?.value, reading, { basis });
    return;
  }
  const undoes: EntryId = { writer: winner.writer, seq: winner.seq };
  set.put(key, winner.value, reading, { basis, meta: { undoes, resolves: conflict.candidates.map(toLoser) } });
  const record: StoredConflict = { ...openRecord(conflict), state: "undone", by: set.author.agent, chosen: null };
  set.set(recordKeyOf(conflict), record as unknown as JsonValue);
};

const isEntry = (winner: Candidate | undefined, id: string): winner is Candidate =>
  winner !== undefined && `${winner.writer}:${winner.seq}` === id;

type DecidedRecord = StoredConflict & { readonly recordKey: Key };

interface Resolution {
  readonly winner: Candidate;
  readonly record: DecidedRecord | undefined;
}

/** The standing resolution at a key, at a path, or with the id of its entry. */
const findResolution = (view: ContextView, target: string): Resolution | undefined => {
  const keys = view.pathToKeys(target);
  const named = [target, ...(keys.ok ? keys.value : [])];
  const records = storedConflicts(view).filter((record) => record.state === "resolved");
  for (const key of [...named, ...records.map((record) => record.key)]) {
    const { winner } = view.replica.read(key);
    if (winner?.meta?.resolves === undefined || winner.meta.undoes !== undefined) continue;
    if (!named.includes(key) && !isEntry(winner, target)) continue;
    const record = records.find((candidate) => candidate.key === key && isAbout(candidate, winner));
    return { winner, record };
  }
  return undefined;
};

/** A key may have been decided more than once: the record is the one whose losers the entry carries. */
const isAbout = (record: DecidedRecord, winner: Candidate): boolean => {
  const losers = (winner.meta?.resolves ?? []).map((loser) => `${loser.writer}:${loser.seq}`);
  const all = record.chosen === null ? losers : [...losers, `${record.chosen.writer}:${record.chosen.seq}`];
  return conflictRecordKey(contentId([record.key, ...all.sort()])) === record.recordKey;
};

const inPolicyOrder = (view: ContextView, key: Key, losers: readonly Loser[]): readonly Loser[] => {
  const policy = policyFor(key, view.policyVersion);
  if (policy === undefined) return losers;
  const asCandidate = (loser: Loser): Candidate => ({ ...loser, key, seen: new Map(), agent: "", queued: false });
  return [...losers].sort((a, b) => policy.order(asCandidate(a), asCandidate(b)));
};

/** What stood before the decision, in the order of the policy. */
const formerCandidates = (view: ContextView, { winner, record }: Resolution): readonly Loser[] => {
  const losers = winner.meta?.resolves ?? [];
  const { chosen } = record ?? {};
  const former = chosen === undefined || chosen === null ? losers : [...losers, { ...chosen, value: winner.value }];
  return inPolicyOrder(view, winner.key, former);
};

/**
 * Takes a decision back: one entry that shows what was shown before it and carries all that stood against each other, so
 * the conflict is open again. `target`: key, path, or the id of the resolution.
 */
export const undoResolution = (view: ContextView, target: string, author: Author): Outcome => {
  const set = new ChangeSet(view, author);
  const found = findResolution(view, target);
  if (found === undefined) return refused(set, "not_resolved", `no decision stands at \`${target}\``);
  const former = formerCandidates(view, found);
  const reading = view.replica.read(found.winner.key);
  const undoes: EntryId = { writer: found.winner.writer, seq: found.winner.seq };
  set.put(found.winner.key, former[0]?.value, reading, { meta: { undoes, resolves: former } });
  if (found.record !== undefined) {
    const { recordKey, ...record } = found.record;
    set.set(recordKey, { ...record, state: "undone" } as unknown as JsonValue);
  }
  return set.outcome();
};

/** A write that is to be taken back: what it wrote, and what its author was shown before. */
export interface WrittenValue extends EntryId {
  readonly key: Key;
  readonly previous: JsonValue | undefined;
}

/** A compensating write. Refused when somebody wrote since: nothing of theirs is undone. */
export const undoEntry = (view: ContextView, written: WrittenValue, author: Author): Outcome => {
  const set = new ChangeSet(view, author);
  const reading = view.replica.read(written.key);
  if (!isEntry(reading.winner, `${written.writer}:${written.seq}`)) {
    return refused(set, "overtaken", `${view.keyToPath(written.key)} was written again since`);
  }
  if (reading.winner.meta?.resolves !== undefined && reading.winner.meta.undoes === undefined) {
    return undoResolution(view, written.key, author);
  }
  if (jsonEqual(reading.winner.value, written.previous)) return set.outcome();
  set.put(written.key, written.previous, reading, { meta: { undoes: { writer: written.writer, seq: written.seq } } });
  return set.outcome();
};

const proposalAt = (view: ContextView, key: Key, id: string | undefined): Candidate | undefined =>
  view.replica
    .read(key)
    .candidates.find((candidate) => candidate.value !== undefined && (id === undefined || isEntry(candidate, id)));

const ownedByOther = (view: ContextView, key: Key, author: Author): string | undefined =>
  proposalReason(view, author, proposalTarget(key)) === undefined
    ? undefined
    : (view.ownerOf(idOfEntity(parseKey(key).entity)) ?? "somebody else");

/** Takes one proposal away and leaves those of others. */
const settle = (set: ChangeSet, proposal: Candidate): void => {
  const reading = set.view.replica.read(proposal.key);
  set.put(proposal.key, undefined, reading, { basis: { [proposal.writer]: proposal.seq } });
};

/** The owner takes a proposal over: an ordinary write of its value. `key` is the proposal's, `id` one of several. */
export const acceptProposal = (view: ContextView, key: Key, author: Author, id?: string): Outcome => {
  const set = new ChangeSet(view, author);
  const proposal = proposalAt(view, key, id);
  if (proposal?.value === undefined) return refused(set, "unknown_id", `there is no proposal at \`${key}\``);
  const owner = ownedByOther(view, key, author);
  if (owner !== undefined) return refused(set, "owned_by_other", `only ${owner} can accept it`);
  set.set(proposalTarget(key), proposal.value);
  settle(set, proposal);
  return set.outcome();
};

/** By the owner, or by the one who made it. */
export const rejectProposal = (view: ContextView, key: Key, author: Author, id?: string): Outcome => {
  const set = new ChangeSet(view, author);
  const proposal = proposalAt(view, key, id);
  if (proposal === undefined) return refused(set, "unknown_id", `there is no proposal at \`${key}\``);
  const owner = proposal.agent === author.agent ? undefined : ownedByOther(view, key, author);
  if (owner !== undefined) return refused(set, "owned_by_other", `only ${owner} or ${proposal.agent} can take it away`);
  settle(set, proposal);
  return set.outcome();
};
