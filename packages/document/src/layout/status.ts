/**
 * A task's status as it is stored: `[round, word]` or `[round, word, shown]`. A task that is opened again starts the next
 * round, so what happened in an earlier round cannot close it. `shown` keeps what an imported file said where that differs
 * from what its list would show: a text or null instead of the word, false for "no status at all".
 */

import type { JsonValue } from "@context-mesh/common";
import type { TaskGroup } from "./shapes.ts";

export interface StatusValue {
  readonly round: number;
  readonly word: string;
  readonly shown?: string | null | false;
}

/** In rising order; a word that is not listed counts as work in progress. `removed` is ours: the task is gone. */
const wordRanks: Readonly<Record<string, number>> = {
  removed: 0,
  pending: 1,
  in_progress: 2,
  completed: 3,
  cancelled: 4,
};
const otherWordRank = 2;

export const removedWord = "removed";
export const wordRank = (word: string): number =>
  (Object.hasOwn(wordRanks, word) ? wordRanks[word] : undefined) ?? otherWordRank;

const isRound = (value: JsonValue | undefined): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

/** Tolerant: a bare word is round 0, anything else is pending. */
export const parseStatus = (value: JsonValue | undefined): StatusValue => {
  if (typeof value === "string") return { round: 0, word: value };
  if (!Array.isArray(value)) return { round: 0, word: "pending" };
  const [round, word, shown] = value as readonly JsonValue[];
  const status = { round: isRound(round) ? round : 0, word: typeof word === "string" ? word : "pending" };
  const isShown = typeof shown === "string" || shown === null || shown === false;
  return isShown ? { ...status, shown } : status;
};

export const encodeStatus = (status: StatusValue): JsonValue =>
  status.shown === undefined ? [status.round, status.word] : [status.round, status.word, status.shown];

export const isFinished = (word: string): boolean => word === "completed" || word === "cancelled";

/** The list a task stands in; undefined when it was removed. Finished wins over blocked. */
export const groupOf = (status: StatusValue, isBlocked: boolean): TaskGroup | undefined => {
  if (status.word === removedWord) return undefined;
  if (isFinished(status.word)) return "completed";
  return isBlocked || status.word === "blocked" ? "blocked" : "active";
};

/** What the `status` field of an exported task says; undefined when the field is not there. */
export const shownStatus = (stored: JsonValue | undefined, group: TaskGroup): string | null | undefined => {
  const status = parseStatus(stored);
  if (status.shown !== undefined) return status.shown === false ? undefined : status.shown;
  if (group === "completed" || stored === undefined) return undefined;
  return status.word;
};
