/** What each kind of item is: the list it stands in, its place there, and the value that the list shows. */

import { isJsonObject, type JsonObject, type JsonValue } from "@context-mesh/common";
import type { Reading } from "../entry/types.ts";
import { idOfSegment, segmentOfEntity } from "../layout/keys.ts";
import { listPlaces } from "../layout/registry.ts";
import type { TaskGroup } from "../layout/shapes.ts";
import { answerCode, archivedCode, noteList, rankCode } from "../layout/shapes.ts";
import { type Fields, projectItem } from "./project.ts";
import type { ItemState } from "./sorted-items.ts";
import { isThere, placeOfTask, projectTask } from "./tasks.ts";

/** Group of lists without a division. */
export const wholeList = "all";

type ReadCode = (code: string) => Reading;

const rankOf = (fields: Fields): number => {
  const rank = fields.get(rankCode);
  return typeof rank === "number" ? rank : 0;
};

const groupOfDecision = (fields: Fields): string | undefined => {
  const stub = fields.get(archivedCode);
  if (stub !== undefined && stub !== false) return "archived";
  return isThere(fields) ? wholeList : undefined;
};

const groupOfQuestion = (fields: Fields): string | undefined => {
  if (!isThere(fields)) return undefined;
  return fields.get(answerCode) === undefined ? "pending" : "answered";
};

const groupOfItem = (prefix: string, fields: Fields, read: ReadCode): string | undefined => {
  if (prefix === "t") return placeOfTask(fields, read);
  if (prefix === "d") return groupOfDecision(fields);
  if (prefix === "q") return groupOfQuestion(fields);
  return isThere(fields) ? wholeList : undefined;
};

/** Time of the oldest value: when the item was written first, as far as it still stands. */
const firstWritten = (fields: Fields, read: ReadCode): number => {
  let first = Number.POSITIVE_INFINITY;
  for (const suffix of fields.keys()) first = Math.min(first, read(suffix).winner?.hlc ?? first);
  return first === Number.POSITIVE_INFINITY ? 0 : first;
};

const noteParts = (fields: Fields): { readonly rank: number; readonly note: JsonValue } | undefined => {
  const stored = fields.get("");
  if (!Array.isArray(stored)) return undefined;
  const [rank, note] = stored as readonly JsonValue[];
  return note === undefined ? undefined : { rank: typeof rank === "number" ? rank : 0, note };
};

export const stateOf = (prefix: string, entity: string, fields: Fields, read: ReadCode): ItemState => {
  const id = idOfSegment(segmentOfEntity(entity));
  if (prefix === noteList.prefix) {
    const note = noteParts(fields);
    return { entity, id, rank: note?.rank ?? 0, secondRank: 0, group: note === undefined ? undefined : wholeList };
  }
  const group = groupOfItem(prefix, fields, read);
  if (prefix === "h") return { entity, id, rank: firstWritten(fields, read), secondRank: rankOf(fields), group };
  return { entity, id, rank: rankOf(fields), secondRank: 0, group };
};

const withAnswer = (item: JsonObject, answer: JsonValue | undefined): JsonObject =>
  isJsonObject(answer) ? { ...item, ...answer } : item;

/** The item as its list shows it. */
export const projectState = (prefix: string, state: ItemState, fields: Fields): JsonValue => {
  const segment = segmentOfEntity(state.entity);
  if (prefix === noteList.prefix) return noteParts(fields)?.note ?? null;
  if (prefix === "t") {
    const group = state.group === "archived" || state.group === undefined ? "completed" : (state.group as TaskGroup);
    return projectTask(segment, fields, group);
  }
  const shape = listPlaces.get(prefix)?.shape;
  const item = shape === undefined ? {} : projectItem(shape, segment, fields);
  return prefix === "q" && state.group === "answered" ? withAnswer(item, fields.get(answerCode)) : item;
};
