/** Turns a push to any place of the context into changes of keys. */

import { isJsonObject, type JsonValue } from "@context-mesh/common";
import { valueOfPlace } from "../context/places.ts";
import { blockersOf } from "../context/tasks.ts";
import { replacePart } from "../exchange/import.ts";
import { importFields } from "../exchange/import-items.ts";
import { importTaskState } from "../exchange/import-tasks.ts";
import type { Container, Place } from "../layout/paths.ts";
import { answerCode, noteList, type TaskGroup, taskList } from "../layout/shapes.ts";
import type { ChangeSet } from "./change-set.ts";
import { removeField, removeItem, writeField } from "./fields.ts";
import { edited, typeProblem } from "./push-values.ts";
import { addBlocker, removeBlockers } from "./task-status.ts";
import { writeWord } from "./tasks.ts";

type Item = Extract<Container, { kind: "item" }>;

const groupFor = (set: ChangeSet, item: Item): TaskGroup => {
  const group = set.view.table.state(item.entity)?.group;
  if (group === "active" || group === "blocked" || group === "completed") return group;
  return item.field.kind === "tasks" ? item.field.group : "active";
};

const writeItem = (set: ChangeSet, item: Item, to: JsonValue | undefined): void => {
  const { entity, list } = item;
  if (to === undefined || to === null) removeItem(set, entity);
  else if (!isJsonObject(to)) set.refuse("invalid_type", "an item is an object");
  else if (list === taskList) {
    const done = importTaskState(set, entity, groupFor(set, item), to, true);
    importFields(set, entity, list, to, { replace: true }, done);
  } else importFields(set, entity, list, to, { replace: true });
};

const writeNote = (set: ChangeSet, entity: string, place: Place, to: JsonValue | undefined): void => {
  const stored = set.view.replica.valueOf(entity);
  const [rank, note] = Array.isArray(stored) ? (stored as readonly JsonValue[]) : [];
  const whole = edited(note, place.rest, to);
  if (!whole.ok) set.refuse("invalid_type", whole.detail ?? whole.reason);
  else if (whole.value === undefined || whole.value === null) set.set(entity, false);
  else set.set(entity, [rank ?? 0, whole.value]);
};

const isBlockerName = (name: string): boolean => name === "reason" || name === "blocker_owner";

/** The reason of a blocked task is that of the blocker that is shown. */
const writeBlockerField = (set: ChangeSet, entity: string, name: string, value: JsonValue | undefined): void => {
  const [first] = blockersOf(set.view.table.fields(entity));
  const others = Object.entries(first?.value ?? {}).filter(([other]) => other !== name);
  removeBlockers(set, entity, (blocker) => blocker === first || blocker.segment === first?.segment);
  addBlocker(set, entity, Object.fromEntries(value === undefined ? others : [...others, [name, value]]));
};

const writeStatusWord = (set: ChangeSet, entity: string, value: JsonValue | undefined): void => {
  if (typeof value === "string") writeWord(set, entity, value);
  else set.refuse("invalid_type", "a status is a word");
};

const answerNames = new Set(["answer", "answered_by", "answered_at"]);

const writeItemField = (set: ChangeSet, item: Item, place: Place, value: JsonValue | undefined): void => {
  const { entity } = item;
  const name = place.name as string;
  const group = set.view.table.state(entity)?.group;
  const isBlocker = group === "blocked" && isBlockerName(name) && blockersOf(set.view.table.fields(entity)).length > 0;
  if (name === item.list.idName) set.refuse("read_only", "an id stays as it is: add another item");
  else if (place.field?.kind === "status") writeStatusWord(set, entity, value);
  else if (isBlocker) writeBlockerField(set, entity, name, value);
  else if (group === "answered" && answerNames.has(name)) writeAnswerField(set, entity, name, value);
  else if (value === undefined) removeField(set, entity, place.field, name);
  else writeField(set, entity, place.field, name, value);
};

const writeAnswerField = (set: ChangeSet, entity: string, name: string, value: JsonValue | undefined): void => {
  const key = `${entity}/${answerCode}`;
  const answer = set.view.replica.valueOf(key);
  const others = Object.entries(isJsonObject(answer) ? answer : {}).filter(([other]) => other !== name);
  set.set(key, Object.fromEntries(value === undefined ? others : [...others, [name, value]]));
};

const writeRecordField = (set: ChangeSet, place: Place, value: JsonValue | undefined): void => {
  if (place.container.kind !== "record") return;
  const { shape } = place.container;
  const { field } = place;
  const name = place.name as string;
  if (field !== undefined && field.kind !== "value") replacePart(set, shape, field, value ?? null);
  else if (value === undefined) removeField(set, shape.prefix, field, name);
  else writeField(set, shape.prefix, field, name, value);
};

const wholeValue = (set: ChangeSet, place: Place, to: JsonValue | undefined) => {
  if (place.rest.length === 0) return { ok: true, value: to } as const;
  return edited(valueOfPlace(set.view, { ...place, rest: [] }), place.rest, to);
};

const writeContainer = (set: ChangeSet, place: Place, to: JsonValue | undefined): void => {
  const { container } = place;
  if (container.kind === "item") writeItem(set, container, to);
  else if (isJsonObject(to)) replacePart(set, container.shape, undefined, to);
  else set.refuse("invalid_type", "a section is an object");
};

const writeChecked = (set: ChangeSet, place: Place, value: JsonValue | undefined): void => {
  const problem = value === undefined ? undefined : typeProblem(place, value);
  if (problem !== undefined) set.refuse("invalid_type", problem);
  else if (place.name === undefined) writeContainer(set, place, value);
  else if (place.container.kind === "item") writeItemField(set, place.container, place, value);
  else writeRecordField(set, place, value);
};

export const writePlace = (set: ChangeSet, place: Place, to: JsonValue | undefined): void => {
  const { container } = place;
  if (container.kind === "item" && container.list === noteList) {
    writeNote(set, container.entity, place, to);
    return;
  }
  const whole = wholeValue(set, place, to);
  if (whole.ok) writeChecked(set, place, whole.value);
  else set.refuse("invalid_type", whole.detail ?? whole.reason);
};
