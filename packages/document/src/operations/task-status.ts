/** Status and blockers of a task: the two things its list follows from. */

import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from "@context-mesh/common";
import { type Blocker, blockersOf } from "../context/tasks.ts";
import { contentId } from "../layout/content-id.ts";
import { blockerCode } from "../layout/shapes.ts";
import { encodeStatus, isFinished, parseStatus, removedWord, type StatusValue } from "../layout/status.ts";
import type { ChangeSet } from "./change-set.ts";

/** Opening a finished task again, or creating a removed one, starts the next round. */
export const nextRound = (stored: JsonValue | undefined, word: string): number => {
  const { round, word: current } = parseStatus(stored);
  if (stored === undefined) return round;
  const isReopening = isFinished(current) && !isFinished(word) && word !== removedWord;
  return isReopening || (current === removedWord && word !== removedWord) ? round + 1 : round;
};

/** `shown` only where an imported file said something else than the list would show. */
export const writeStatus = (set: ChangeSet, entity: string, word: string, shown?: StatusValue["shown"]): void => {
  const key = `${entity}/s`;
  const round = nextRound(set.view.replica.valueOf(key), word);
  set.set(key, encodeStatus(shown === undefined ? { round, word } : { round, word, shown }));
};

export const currentBlockers = (set: ChangeSet, entity: string): readonly Blocker[] =>
  blockersOf(set.view.table.fields(entity));

const blockerKey = (entity: string, segment: string): string => `${entity}/${blockerCode}/${segment}`;

export const addBlocker = (set: ChangeSet, entity: string, blocker: JsonObject): void =>
  set.set(blockerKey(entity, contentId(blocker)), blocker);

export const removeBlockers = (set: ChangeSet, entity: string, which: (blocker: Blocker) => boolean): void => {
  for (const blocker of currentBlockers(set, entity)) {
    if (which(blocker)) set.set(blockerKey(entity, blocker.segment), false);
  }
};

const pickBlocker = (item: JsonObject): JsonObject =>
  Object.fromEntries(
    ["reason", "blocker_owner"]
      .filter((name) => Object.hasOwn(item, name))
      .map((name) => [name, item[name] as JsonValue]),
  );

/** The list of blockers in the form in which a task with several is exported; undefined for anything else. */
export const exportedBlockers = (item: JsonObject): readonly JsonObject[] | undefined => {
  const list = item.blockers;
  if (!Array.isArray(list) || list.length < 2 || !list.every((blocker) => isJsonObject(blocker))) return undefined;
  const ids = (list as readonly JsonObject[]).map((blocker) => contentId(blocker));
  const isSorted = ids.every((id, at) => at === 0 || (ids[at - 1] as string) < id);
  return isSorted && jsonEqual(pickBlocker(list[0] as JsonObject), pickBlocker(item))
    ? (list as readonly JsonObject[])
    : undefined;
};

/**
 * Makes the blockers those of an imported item. Without `replace` a file that names one blocker changes the one that is
 * shown and leaves the others; a file that names none leaves all.
 */
export const writeBlockers = (set: ChangeSet, entity: string, item: JsonObject, replace: boolean): void => {
  const current = currentBlockers(set, entity);
  const wanted = exportedBlockers(item) ?? [pickBlocker(item)];
  const says = Object.hasOwn(item, "reason") || Object.hasOwn(item, "blocker_owner");
  if (!says && !replace && current.length > 0) return;
  const ids = new Set(wanted.map((blocker) => contentId(blocker)));
  const isKnown = current.some((blocker) => ids.has(blocker.segment));
  const replaced = replace || wanted.length > 1 ? current : isKnown ? [] : current.slice(0, 1);
  for (const blocker of replaced) {
    if (!ids.has(blocker.segment)) set.set(blockerKey(entity, blocker.segment), false);
  }
  for (const blocker of wanted) addBlocker(set, entity, blocker);
};
