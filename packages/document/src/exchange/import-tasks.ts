/** One task of an imported file against the task that is there: status word, blockers, then its other fields. */

import type { JsonObject, JsonValue } from "@context-mesh/common";
import type { TaskGroup } from "../layout/shapes.ts";
import { groupOf, isFinished, parseStatus, type StatusValue, shownStatus } from "../layout/status.ts";
import type { ChangeSet } from "../operations/change-set.ts";
import { exportedBlockers, nextRound, removeBlockers, writeBlockers, writeStatus } from "../operations/task-status.ts";

interface Current {
  readonly stored: JsonValue | undefined;
  readonly word: string;
  readonly isThere: boolean;
}

const own = (item: JsonObject, name: string): JsonValue | undefined =>
  Object.hasOwn(item, name) ? item[name] : undefined;

const openWord = (current: Current): string =>
  isFinished(current.word) || !current.isThere ? "pending" : current.word;

/**
 * A finished word finishes the task whatever list it is written in, as a push of the status does. Otherwise the list
 * decides, and an unusual word beside it is only shown.
 */
const wantedWord = (group: TaskGroup, item: JsonObject, current: Current): string => {
  const given = own(item, "status");
  if (group !== "completed") {
    if (typeof given !== "string" || given === "blocked") return openWord(current);
    return given;
  }
  if (given === "cancelled" || given === "completed") return given;
  const result = own(item, "result");
  if (given === undefined && result === "cancelled") return "cancelled";
  const keeps = given === undefined && result === undefined && isFinished(current.word);
  return keeps ? current.word : "completed";
};

/** What `status` must be stored with so that the list shows what the file said. */
const wantedShown = (given: JsonValue | undefined, word: string, group: TaskGroup): StatusValue["shown"] => {
  const natural = group === "completed" ? undefined : word;
  if (given === undefined) return natural === undefined ? undefined : false;
  if (given === null) return null;
  return given === natural || typeof given !== "string" ? undefined : given;
};

const isUntouched = (
  current: Current,
  word: string,
  round: number,
  given: JsonValue | undefined,
  replace: boolean,
): boolean =>
  given === undefined &&
  !replace &&
  current.isThere &&
  parseStatus(current.stored).word === word &&
  parseStatus(current.stored).round === round;

const importStatus = (
  set: ChangeSet,
  entity: string,
  listed: TaskGroup,
  item: JsonObject,
  replace: boolean,
): TaskGroup => {
  const state = set.view.table.state(entity);
  const stored = set.view.replica.valueOf(`${entity}/s`);
  const current = { stored, word: parseStatus(stored).word, isThere: state?.group !== undefined };
  const given = own(item, "status");
  const word = wantedWord(listed, item, current);
  const isBlocked = !isFinished(word) && (listed === "blocked" || given === "blocked");
  const group = groupOf({ round: 0, word }, isBlocked) ?? "active";
  const moved = listed !== "completed" && group === "completed";
  const said = moved ? undefined : given;
  if (isBlocked) writeBlockers(set, entity, item, replace);
  else if (group === "active") removeBlockers(set, entity, () => true);
  if (isUntouched(current, word, nextRound(stored, word), said, replace)) return group;
  if (stored === undefined && given === undefined && group === "blocked") return group;
  if (said === shownStatus(stored, group) && current.isThere && parseStatus(stored).word === word) return group;
  writeStatus(set, entity, word, wantedShown(said, word, group));
  return group;
};

/** Fields of the item that status and blockers already account for. */
const accountedFor = (group: TaskGroup, item: JsonObject): ReadonlySet<string> => {
  const names = new Set(["status"]);
  if (group === "blocked") {
    for (const name of ["reason", "blocker_owner"]) names.add(name);
    if (exportedBlockers(item) !== undefined) names.add("blockers");
  }
  const isCancelled = own(item, "status") === undefined && own(item, "result") === "cancelled";
  if (group === "completed" && isCancelled) names.add("result");
  return names;
};

/** Returns the names that need no further writing. */
export const importTaskState = (
  set: ChangeSet,
  entity: string,
  listed: TaskGroup,
  item: JsonObject,
  replace: boolean,
): ReadonlySet<string> => accountedFor(importStatus(set, entity, listed, item, replace), item);

/** Tasks that a file lists more than once stand where they count most: completed, then blocked, then active. */
const groupsByWeight: readonly TaskGroup[] = ["active", "blocked", "completed"];

export interface ListedTask {
  readonly group: TaskGroup;
  readonly item: JsonObject;
}

export const listedTasks = (
  lists: Readonly<Record<TaskGroup, readonly { readonly entity: string; readonly item: JsonObject }[]>>,
): ReadonlyMap<string, ListedTask> => {
  const tasks = new Map<string, ListedTask>();
  for (const group of groupsByWeight) {
    for (const { entity, item } of lists[group]) tasks.set(entity, { group, item });
  }
  return tasks;
};
