/**
 * Patterns of conflicts, as data: what kind of disagreement it is, and the strategy that settles it. The first pattern that
 * fits counts; a user's own come before these. What fits none stays for a person.
 */

import { isJsonObject, type JsonValue } from "@context-mesh/common";

export interface ConflictValue {
  /** What a resolution names. */
  readonly id: string;
  /** undefined: removed. */
  readonly value: JsonValue | undefined;
  readonly agent: string;
  readonly at: number;
}

export interface OpenConflict {
  readonly key: string;
  readonly path: string;
  /** At least two, sorted by id, so that everybody sees them in one order. */
  readonly candidates: readonly ConflictValue[];
}

export interface ConflictPattern {
  readonly name: string;
  readonly strategy: string;
  fits(conflict: OpenConflict): boolean;
}

const fieldOf = ({ path }: OpenConflict): string => /([A-Za-z_][\w-]*)$/.exec(path)?.[1] ?? "";

const all =
  (is: (value: JsonValue | undefined) => boolean) =>
  ({ candidates }: OpenConflict): boolean =>
    candidates.every(({ value }) => is(value));

const isText = (value: JsonValue | undefined): value is string => typeof value === "string";
const isTextList = (value: JsonValue | undefined): boolean =>
  Array.isArray(value) && (value as readonly JsonValue[]).every(isText);

/** One spelling of texts that mean the same. */
export const plainText = (text: string): string => text.normalize("NFKC").replace(/\s+/g, " ").trim().toLowerCase();

export const priorityOrder = ["low", "normal", "medium", "high", "urgent", "critical"] as const;

/** In rising order; one that is cancelled and one that is completed are a real disagreement. */
export const statusOrder = ["pending", "in_progress", "blocked", "completed"] as const;

const named =
  (...names: readonly string[]) =>
  (conflict: OpenConflict): boolean =>
    names.includes(fieldOf(conflict));

/** The longest text has every other one in it. */
const extendsAll = (conflict: OpenConflict): boolean => {
  const texts = conflict.candidates.flatMap(({ value }) => (isText(value) ? [plainText(value)] : []));
  const longest = texts.reduce((a, b) => (b.length > a.length ? b : a), "");
  return texts.length === conflict.candidates.length && texts.every((text) => text !== "" && longest.includes(text));
};

/** Objects that say nothing different under one name. */
const canJoin = ({ candidates }: OpenConflict): boolean => {
  const told = new Map<string, string>();
  for (const { value } of candidates) {
    if (!isJsonObject(value)) return false;
    for (const [name, inner] of Object.entries(value)) {
      const text = JSON.stringify(inner);
      if ((told.get(name) ?? text) !== text) return false;
      told.set(name, text);
    }
  }
  return true;
};

const both =
  (...conditions: readonly ((conflict: OpenConflict) => boolean)[]) =>
  (conflict: OpenConflict): boolean =>
    conditions.every((fits) => fits(conflict));

export const defaultPatterns: readonly ConflictPattern[] = [
  {
    name: "same_words",
    strategy: "latest",
    fits: both(
      all(isText),
      ({ candidates }) => new Set(candidates.map(({ value }) => plainText(value as string))).size === 1,
    ),
  },
  {
    name: "one_agent",
    strategy: "latest",
    fits: ({ candidates }) => new Set(candidates.map(({ agent }) => agent)).size === 1,
  },
  {
    name: "removed_and_changed",
    strategy: "keep_changed",
    fits: ({ candidates }) =>
      candidates.some(({ value }) => value === undefined) &&
      new Set(candidates.flatMap(({ value }) => (value === undefined ? [] : [JSON.stringify(value)]))).size === 1,
  },
  {
    name: "priorities",
    strategy: "highest_priority",
    fits: both(
      named("priority"),
      all((value) => isText(value) && priorityOrder.some((word) => word === plainText(value))),
    ),
  },
  {
    name: "task_statuses",
    strategy: "furthest",
    fits: both(
      named("status"),
      all((value) => isText(value) && statusOrder.some((word) => word === value)),
    ),
  },
  {
    name: "counts",
    strategy: "greatest",
    fits: both(
      named("files_added", "files_modified", "files_deleted", "lines_added", "lines_removed"),
      all((value) => typeof value === "number"),
    ),
  },
  {
    name: "began",
    strategy: "earliest_time",
    fits: both(
      named("started"),
      all((value) => isText(value) && !Number.isNaN(Date.parse(value))),
    ),
  },
  {
    name: "ended",
    strategy: "latest_time",
    fits: both(
      named("completed", "last_modified", "updated"),
      all((value) => isText(value) && !Number.isNaN(Date.parse(value))),
    ),
  },
  { name: "lists", strategy: "union", fits: all(isTextList) },
  { name: "objects", strategy: "join", fits: canJoin },
  { name: "longer_text", strategy: "longest", fits: both(all(isText), extendsAll) },
  { name: "statements", strategy: "keep_both", fits: () => true },
];

export const patternOf = (conflict: OpenConflict, patterns: readonly ConflictPattern[]): ConflictPattern | undefined =>
  patterns.find((pattern) => pattern.fits(conflict));
