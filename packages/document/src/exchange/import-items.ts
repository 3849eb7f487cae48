/** Items of an imported list against the items that are there. */

import { isJsonObject, type JsonObject, type JsonValue } from "@context-mesh/common";
import { wholeList } from "../context/items.ts";
import { statesIn } from "../context/lists.ts";
import { unknownValues } from "../context/project.ts";
import { segmentsOf } from "../layout/content-id.ts";
import { idOfEntity } from "../layout/keys.ts";
import { answerCode, type FieldShape, handoverList, type ListShape, noteList, rankCode } from "../layout/shapes.ts";
import type { ChangeSet } from "../operations/change-set.ts";
import { removeField, removeItem, writeItemFields, writeOrder } from "../operations/fields.ts";
import { ranksInOrder } from "../operations/ranks.ts";

export type ListField = FieldShape & { readonly list: ListShape };

export interface ImportOptions {
  /** Also removes what the file does not have. */
  readonly replace: boolean;
}

const nothing: ReadonlySet<string> = new Set();

/** Fields that are stored and that the file does not name. */
const removeMissing = (
  set: ChangeSet,
  entity: string,
  list: ListShape,
  item: JsonObject,
  done: ReadonlySet<string>,
): void => {
  const fields = set.view.table.fields(entity);
  const isMissing = (name: string): boolean => !Object.hasOwn(item, name) && !done.has(name);
  for (const field of list.fields) {
    const isStored = [...fields.keys()].some((code) => code === field.code || code.startsWith(`${field.code}/`));
    if (isStored && field.kind !== "status" && isMissing(field.name)) removeField(set, entity, field, field.name);
  }
  for (const { name } of unknownValues(fields)) if (isMissing(name)) removeField(set, entity, undefined, name);
};

/** The fields of one item. `done`: names that were taken care of. */
export const importFields = (
  set: ChangeSet,
  entity: string,
  list: ListShape,
  item: JsonObject,
  { replace }: ImportOptions,
  done: ReadonlySet<string> = nothing,
): void => {
  writeItemFields(set, entity, list, item, done);
  if (replace) removeMissing(set, entity, list, item, done);
  writeOrder(set, entity, list.fields, list.idName, item);
};

/** Ranks that bring the items into the order of the file; one write for each item that stands elsewhere. */
export const importOrder = (set: ChangeSet, entities: readonly string[]): void => {
  const items = entities.map((entity) => {
    const state = set.view.table.state(entity);
    return { rank: state?.group === undefined ? 0 : state.rank, id: idOfEntity(entity) };
  });
  for (const [at, rank] of ranksInOrder(items).entries()) {
    if (rank !== items[at]?.rank) set.set(`${entities[at]}/${rankCode}`, rank);
  }
};

export const entitiesOf = (list: ListShape, items: readonly JsonValue[]): string[] =>
  segmentsOf(list, items).map((segment) => `${list.prefix}/${segment}`);

/** Items of this field that the file does not have. */
export const removeOthers = (set: ChangeSet, field: ListField, kept: ReadonlySet<string>): void => {
  for (const state of [...statesIn(set.view.table, field)]) {
    if (!kept.has(state.entity)) removeItem(set, state.entity);
  }
};

const answerNames = ["answer", "answered_by", "answered_at"];

/** An answered question carries its answer under one key, so that answering is one write. */
const importQuestion = (
  set: ChangeSet,
  entity: string,
  field: ListField,
  item: JsonObject,
  options: ImportOptions,
): void => {
  const key = `${entity}/${answerCode}`;
  if (field.kind !== "questions" || !field.isAnswered) {
    importFields(set, entity, field.list, item, options);
    set.remove(key);
    return;
  }
  const names = answerNames.filter((name) => Object.hasOwn(item, name));
  set.set(key, Object.fromEntries(names.map((name) => [name, item[name] as JsonValue])));
  const rest = Object.fromEntries(Object.entries(item).filter(([name]) => !names.includes(name)));
  importFields(set, entity, field.list, rest, options);
};

const importNotes = (set: ChangeSet, notes: readonly JsonValue[], entities: readonly string[]): void => {
  const states = entities.map((entity) => set.view.table.state(entity));
  const ranks = ranksInOrder(
    states.map((state, at) => ({
      rank: state?.group === undefined ? 0 : state.rank,
      id: idOfEntity(entities[at] as string),
    })),
  );
  for (const [at, entity] of entities.entries()) set.set(entity, [ranks[at] as number, notes[at] as JsonValue]);
};

/** Hand-overs follow each other in time; those that come in one file are told apart by rank. */
const rankNewHandovers = (set: ChangeSet, entities: readonly string[]): void => {
  for (const [at, entity] of entities.entries()) {
    if (set.view.table.state(entity)?.group === undefined) set.set(`${entity}/${rankCode}`, at + 1);
  }
};

/** Any list but the three of tasks. `kept`: items that the file has somewhere, in this list or another. */
export const importList = (
  set: ChangeSet,
  field: ListField,
  items: readonly JsonValue[],
  options: ImportOptions,
  kept: ReadonlySet<string>,
): void => {
  const entities = entitiesOf(field.list, items);
  if (field.list === noteList) importNotes(set, items, entities);
  else {
    for (const [at, entity] of entities.entries()) {
      const item = items[at];
      if (isArchived(set, entity) || !isJsonObject(item)) continue;
      if (field.kind === "questions") importQuestion(set, entity, field, item, options);
      else importFields(set, entity, field.list, item, options);
    }
    if (field.kind === "handover") rankNewHandovers(set, entities);
    else
      importOrder(
        set,
        [...new Set(entities)].filter((entity) => !isArchived(set, entity)),
      );
  }
  if (options.replace) removeOthers(set, field, kept);
};

export const isArchived = (set: ChangeSet, entity: string): boolean =>
  set.view.table.state(entity)?.group === "archived";

/** Hand-overs that the file has neither as the last one nor among the earlier ones. */
export const removeHandovers = (set: ChangeSet, kept: ReadonlySet<string>): void => {
  for (const state of set.view.table.states(handoverList.prefix, wholeList)) {
    if (!kept.has(state.entity)) removeItem(set, state.entity);
  }
};

/** A new hand-over becomes the last one. `rank` orders those of one file. */
export const importLastHandover = (
  set: ChangeSet,
  item: JsonObject,
  options: ImportOptions,
  kept: ReadonlySet<string>,
  rank: number,
): void => {
  const [entity] = entitiesOf(handoverList, [item]);
  if (entity === undefined) return;
  const isNew = set.view.table.state(entity)?.group === undefined;
  importFields(set, entity, handoverList, item, options);
  if (isNew && rank > 0) set.set(`${entity}/${rankCode}`, rank);
  if (options.replace) removeHandovers(set, kept);
};
