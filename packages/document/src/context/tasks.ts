/** A task read as a whole: the one list it stands in, and what that list shows of it. */

import { isJsonObject, type JsonObject, type JsonValue } from "@context-mesh/common";
import type { Candidate, Reading } from "../entry/types.ts";
import {
  archivedCode,
  blockerCode,
  type FieldShape,
  orderCode,
  rankCode,
  type TaskGroup,
  taskList,
} from "../layout/shapes.ts";
import { groupOf, isFinished, parseStatus, removedWord, shownStatus } from "../layout/status.ts";
import { type Fields, projectItem } from "./project.ts";

/** `archived`: only a stub is left in the live document. */
export type TaskPlace = TaskGroup | "archived";

export interface Blocker {
  readonly segment: string;
  readonly value: JsonObject;
}

/** Blockers that stand, in the order of their ids. */
export const blockersOf = (fields: Fields): readonly Blocker[] => {
  const blockers: Blocker[] = [];
  for (const [suffix, value] of fields) {
    if (!suffix.startsWith(`${blockerCode}/`) || value === undefined || value === false) continue;
    blockers.push({ segment: suffix.slice(blockerCode.length + 1), value: isJsonObject(value) ? value : {} });
  }
  return blockers.sort((a, b) => (a.segment < b.segment ? -1 : 1));
};

const isBesides = (suffix: string): boolean => suffix === rankCode || suffix === orderCode || suffix === archivedCode;

/** An item is there while any of its fields is. An element that is out counts for nothing. */
export const isThere = (fields: Fields): boolean => {
  for (const [suffix, value] of fields) {
    if (value === undefined || isBesides(suffix)) continue;
    if (value !== false || !suffix.includes("/")) return true;
  }
  return false;
};

/** True when `stub` was written by somebody who had been shown `entry`, or something newer of the same writer. */
const covers = (stub: Candidate, entry: Candidate): boolean =>
  stub.writer === entry.writer ? entry.seq < stub.seq : (stub.seen.get(entry.writer) ?? -1) >= entry.seq;

const isStub = (candidate: Candidate): boolean => candidate.value !== undefined && candidate.value !== false;

/**
 * A stub hides the task, unless a status that no stub covers starts a later round: then somebody opened it again while
 * another put it away. A late edit of a finished task leaves it in the archive.
 */
const isArchived = (stub: Reading, status: Reading): boolean => {
  const stubs = stub.candidates.filter(isStub);
  const current = status.winner;
  if (stubs.length === 0) return false;
  if (current?.value === undefined || stubs.some((candidate) => covers(candidate, current))) return true;
  const now = parseStatus(current.value);
  const isLater = stubs.every((candidate) => now.round > parseStatus(candidate.value).round);
  return !isLater || isFinished(now.word) || now.word === removedWord;
};

/** Undefined: there is no such task. */
export const placeOfTask = (fields: Fields, read: (code: string) => Reading): TaskPlace | undefined => {
  if (fields.get(archivedCode) !== undefined && isArchived(read(archivedCode), read("s"))) return "archived";
  if (!isThere(fields)) return undefined;
  return groupOf(parseStatus(fields.get("s")), blockersOf(fields).length > 0);
};

const derived = (value: JsonValue | undefined): { readonly value: JsonValue | undefined } => ({ value });

/** `result` of a cancelled task is "cancelled" unless an imported file said otherwise. */
const isCancelledResult = (fields: Fields): boolean => {
  const status = parseStatus(fields.get("s"));
  return status.word === "cancelled" && status.shown === undefined;
};

const overrideFor = (fields: Fields, group: TaskGroup) => {
  const [first] = group === "blocked" ? blockersOf(fields) : [];
  return (field: FieldShape): { readonly value: JsonValue | undefined } | undefined => {
    if (field.kind === "status") return derived(shownStatus(fields.get("s"), group));
    if (field.name === "result" && group === "completed" && isCancelledResult(fields)) return derived("cancelled");
    if (first !== undefined && (field.name === "reason" || field.name === "blocker_owner")) {
      return derived(first.value[field.name]);
    }
    return undefined;
  };
};

/** More than one blocker: all of them, under a name that the schema does not have. */
const blockersField = "+blockers";

export const projectTask = (segment: string, fields: Fields, group: TaskGroup): JsonObject => {
  const blockers = group === "blocked" ? blockersOf(fields) : [];
  const shown =
    blockers.length < 2
      ? fields
      : new Map(fields).set(
          blockersField,
          blockers.map((blocker) => blocker.value),
        );
  return projectItem(taskList, segment, shown, overrideFor(fields, group));
};
