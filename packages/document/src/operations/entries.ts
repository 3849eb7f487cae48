/** Decisions, questions, hand-overs and notes. */

import { isJsonObject, type JsonObject, type JsonValue } from "@context-mesh/common";
import { wholeList } from "../context/items.ts";
import type { ItemState } from "../context/sorted-items.ts";
import type { ContextView } from "../context/view.ts";
import { contentId, isUsableId, segmentsOf } from "../layout/content-id.ts";
import { itemEntity } from "../layout/keys.ts";
import {
  answerCode,
  decisionList,
  handoverList,
  type ListShape,
  noteList,
  questionList,
  rankCode,
} from "../layout/shapes.ts";
import { ChangeSet } from "./change-set.ts";
import { writeItemFields } from "./fields.ts";
import { itemProblem } from "./push-values.ts";
import { rankForLast } from "./ranks.ts";
import type { TaskInput } from "./tasks.ts";
import type { Author, OperationRefusal, Outcome } from "./types.ts";

const refused = (set: ChangeSet, reason: OperationRefusal, detail: string): Outcome => {
  set.refuse(reason, detail);
  return set.outcome();
};

const isoTime = (author: Author): string => new Date(author.nowMs).toISOString();

/** Given fields win over defaults; what is undefined is left out. */
const withDefaults = (fields: TaskInput, defaults: JsonObject): JsonObject => {
  const given = Object.entries(fields).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined);
  const names = new Set(given.map(([name]) => name));
  return Object.fromEntries([...given, ...Object.entries(defaults).filter(([name]) => !names.has(name))]);
};

const rankAtEnd = (set: ChangeSet, entity: string, id: string, states: readonly ItemState[]): void => {
  const rank = rankForLast(states.at(-1), id);
  if (rank !== 0) set.set(`${entity}/${rankCode}`, rank);
};

const addNamed = (set: ChangeSet, list: ListShape, item: JsonObject, states: readonly ItemState[]): Outcome => {
  const id = item.id;
  if (!isUsableId(id)) return refused(set, "bad_id", "an id is a text of 1 to 200 characters");
  const entity = itemEntity(list.prefix, id);
  const group = set.view.table.state(entity)?.group;
  if (group !== undefined)
    return refused(set, group === "archived" ? "archived" : "exists", `\`${id}\` is there already`);
  const problem = itemProblem(list.prefix, item);
  if (problem !== undefined) return refused(set, "invalid_type", problem);
  writeItemFields(set, entity, list, item);
  rankAtEnd(set, entity, id, states);
  return set.outcome();
};

/** `decided_by` is the author and `timestamp` now, unless given. */
export const addDecision = (
  view: ContextView,
  decision: TaskInput & { readonly id: string },
  author: Author,
): Outcome => {
  const item = withDefaults(decision, { decided_by: author.agent, timestamp: isoTime(author) });
  return addNamed(new ChangeSet(view, author), decisionList, item, view.table.states(decisionList.prefix, wholeList));
};

/** `from` is the author unless given. */
export const askQuestion = (
  view: ContextView,
  question: TaskInput & { readonly id: string },
  author: Author,
): Outcome => {
  const item = withDefaults(question, { from: author.agent });
  return addNamed(new ChangeSet(view, author), questionList, item, view.table.states(questionList.prefix, "pending"));
};

/** One write, so two answers at once are a conflict that shows both. */
export const answerQuestion = (view: ContextView, id: string, answer: string, author: Author): Outcome => {
  const set = new ChangeSet(view, author);
  const entity = itemEntity(questionList.prefix, id);
  if (view.table.state(entity)?.group === undefined)
    return refused(set, "unknown_id", `there is no question \`${id}\``);
  set.set(`${entity}/${answerCode}`, { answer, answered_by: author.agent, answered_at: isoTime(author) });
  return set.outcome();
};

/** `from` is the author, `timestamp` now and `acknowledged` false, unless given. */
export const addHandover = (view: ContextView, handover: TaskInput, author: Author): Outcome => {
  const set = new ChangeSet(view, author);
  const item = withDefaults(handover, { from: author.agent, timestamp: isoTime(author), acknowledged: false });
  const entity = `${handoverList.prefix}/${segmentsOf(handoverList, [item])[0]}`;
  if (view.table.state(entity)?.group !== undefined) return refused(set, "exists", "this hand-over is there already");
  const problem = itemProblem(handoverList.prefix, item);
  if (problem !== undefined) return refused(set, "invalid_type", problem);
  writeItemFields(set, entity, handoverList, item);
  return set.outcome();
};

/** Without an id: the last one. */
export const acknowledgeHandover = (view: ContextView, id: string | undefined, author: Author): Outcome => {
  const set = new ChangeSet(view, author);
  const states = view.table.states(handoverList.prefix, wholeList);
  const state = id === undefined ? states.at(-1) : states.find((candidate) => candidate.id === id);
  if (state === undefined)
    return refused(set, "unknown_id", id === undefined ? "there is no hand-over" : `there is no hand-over \`${id}\``);
  set.set(`${state.entity}/a`, true);
  return set.outcome();
};

export const addNote = (view: ContextView, note: JsonValue, author: Author): Outcome => {
  const set = new ChangeSet(view, author);
  const entity = `${noteList.prefix}/${segmentsOf(noteList, [note])[0]}`;
  const state = view.table.state(entity);
  if (state?.group !== undefined) return set.outcome();
  const last = view.table.states(noteList.prefix, wholeList).at(-1);
  set.set(entity, [rankForLast(last, entity.slice(2)), note]);
  return set.outcome();
};

/** By its id, or by its text. */
export const removeNote = (view: ContextView, note: string, author: Author): Outcome => {
  const set = new ChangeSet(view, author);
  const found = view.notes().filter((candidate) => {
    const text = isJsonObject(candidate.note) ? undefined : candidate.note;
    return candidate.id === note || text === note || candidate.id === `~${contentId(note)}`;
  });
  if (found.length === 0) return refused(set, "unknown_id", "there is no such note");
  for (const { id } of found) set.set(itemEntity(noteList.prefix, id), false);
  return set.outcome();
};
