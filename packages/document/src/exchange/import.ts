/**
 * A whole context, or a part of it, against the room: only what differs is written, so importing twice writes nothing.
 * Values are based on what the room shows at this moment.
 */

import { isJsonObject, type JsonObject, type JsonValue } from "@context-mesh/common";
import type { SharedContext } from "@context-mesh/schema";
import { unknownValues } from "../context/project.ts";
import type { ContextView } from "../context/view.ts";
import { parseKey } from "../layout/keys.ts";
import { fieldByName, isContextPrefix } from "../layout/registry.ts";
import { bareKey, type FieldShape, type RecordShape, rootRecord, type TaskGroup } from "../layout/shapes.ts";
import { ChangeSet } from "../operations/change-set.ts";
import { removeField, writeField, writeOrder } from "../operations/fields.ts";
import type { Author, Outcome } from "../operations/types.ts";
import {
  entitiesOf,
  type ImportOptions,
  importFields,
  importLastHandover,
  importList,
  importOrder,
  isArchived,
  type ListField,
  removeHandovers,
  removeOthers,
} from "./import-items.ts";
import { importTaskState, listedTasks } from "./import-tasks.ts";

const isList = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value);

/** True when the file leaves out something that a context shows even while it is empty. */
const lacksSkeleton = (shape: RecordShape, value: JsonObject): boolean =>
  shape.fields.some((field) => {
    const own = Object.hasOwn(value, field.name) ? value[field.name] : undefined;
    if (field.inSkeleton === true && (own === undefined || own === null)) return true;
    return field.kind === "record" && isJsonObject(own) && lacksSkeleton(field.record, own);
  });

/** Every item that the value names, in whatever list. */
const entitiesIn = (shape: RecordShape, value: JsonObject): string[] =>
  shape.fields.flatMap((field) => {
    const own = Object.hasOwn(value, field.name) ? value[field.name] : undefined;
    if (field.kind === "record") return isJsonObject(own) ? entitiesIn(field.record, own) : [];
    if (!("list" in field)) return [];
    return entitiesOf(field.list, isList(own) ? own : own === undefined || own === null ? [] : [own]);
  });

/** Lists that the schema does not know may hold anything in a file; what is no list of items is kept as an unknown field. */
const isOtherMeaning = (field: FieldShape | undefined, value: JsonValue): boolean =>
  field?.isExtra === true && "list" in field && !(isList(value) && value.every(isJsonObject));

/** Earlier hand-overs are written first, so that the last one is the newest. */
const inWritingOrder = (shape: RecordShape, value: JsonObject): [string, JsonValue][] => {
  const isEarlier = ([name]: readonly [string, JsonValue]): boolean => {
    const field = fieldByName(shape.fields, name);
    return field?.kind === "handover" && field.isEarlier;
  };
  const entries = Object.entries(value);
  return [...entries.filter(isEarlier), ...entries.filter((entry) => !isEarlier(entry))];
};

class Import {
  readonly set: ChangeSet;
  readonly options: ImportOptions;
  readonly isBare: boolean;
  /** From now on what is empty is shown only where something says that it is there. */
  readonly #becomesBare: boolean;
  readonly #kept: ReadonlySet<string>;

  constructor(set: ChangeSet, options: ImportOptions, isBare: boolean, kept: readonly string[]) {
    this.set = set;
    this.options = options;
    this.isBare = isBare;
    this.#becomesBare = isBare && !set.view.records.isBare;
    this.#kept = new Set(kept);
  }

  record(shape: RecordShape, value: JsonObject): void {
    for (const [name, inner] of inWritingOrder(shape, value)) {
      const field = this.#meant(shape, name, inner);
      if (field === undefined || field.kind === "value") this.#value(shape, field, name, inner);
      else if (field.kind === "archivedCount") this.#archivedCount(shape, field, inner);
      else if (field.kind !== "tasks") this.part(shape, field, inner, value);
    }
    this.tasks(shape, value);
    if (this.options.replace) this.#removeMissing(shape, value);
    writeOrder(this.set, shape.prefix, shape.fields, undefined, value);
  }

  /** The field a file means. The other meaning of its name goes, so that it cannot stand in front. */
  #meant(shape: RecordShape, name: string, value: JsonValue): FieldShape | undefined {
    const field = fieldByName(shape.fields, name);
    if (isOtherMeaning(field, value)) {
      if (this.options.replace) this.#removeField(shape, field as FieldShape);
      return undefined;
    }
    if (field?.isExtra === true) removeField(this.set, shape.prefix, undefined, name);
    return field;
  }

  #value(shape: RecordShape, field: FieldShape | undefined, name: string, value: JsonValue): void {
    const isDefault = field?.inSkeleton === true && !this.isBare && value === this.#shown(shape, name);
    if (!isDefault) writeField(this.set, shape.prefix, field, name, value);
  }

  #shown(shape: RecordShape, name: string): JsonValue | undefined {
    return this.set.view.records.field(shape, name);
  }

  /** The stored number is what was counted elsewhere; what this room archived is added when it is shown. */
  #archivedCount(shape: RecordShape, field: FieldShape, value: JsonValue): void {
    const key = `${shape.prefix}/${field.code}`;
    const here = this.set.view.archivedCounts().decisions;
    const isShown = value === this.#shown(shape, field.name);
    if (isShown && (!this.isBare || here > 0 || this.set.view.replica.has(key))) return;
    this.set.set(key, typeof value === "number" ? value - here : value);
  }

  /** A record or a list that is not of tasks. `beside`: the record it stands in. */
  part(shape: RecordShape, field: FieldShape, value: JsonValue, beside: JsonObject): void {
    if (value === null && this.options.replace) this.#empty(field);
    if (field.kind === "record" && isJsonObject(value)) this.record(field.record, value);
    if (field.kind === "handover" && !field.isEarlier && isJsonObject(value)) {
      const earlier = beside.earlier_handovers;
      importLastHandover(this.set, value, this.options, this.#kept, isList(earlier) ? earlier.length + 1 : 0);
    } else if ("list" in field && isList(value)) {
      importList(this.set, field as ListField, value, this.options, this.#kept);
    }
    this.#presence(shape, field, value);
  }

  /** Says that a part is there though empty, or null, where that would not be shown anyway. */
  #presence(shape: RecordShape, field: FieldShape, value: JsonValue): void {
    const key = `${shape.prefix}/${field.code}`;
    const isEmpty = value === null || Object.keys(value as object).length === 0;
    const own = this.set.view.replica.valueOf(key);
    const isNatural = field.inSkeleton === true && !this.isBare && !this.set.view.replica.has(key);
    if (value === null) this.set.set(key, null);
    else if (this.#becomesBare || (isEmpty && !isNatural)) this.set.set(key, true);
    else if (own === null) this.set.set(key, true);
  }

  tasks(shape: RecordShape, value: JsonObject): void {
    const fields = shape.fields.filter((field) => field.kind === "tasks" && Object.hasOwn(value, field.name));
    if (fields.length === 0) return;
    const lists: Record<TaskGroup, { entity: string; item: JsonObject }[]> = { active: [], blocked: [], completed: [] };
    for (const field of fields) {
      const items = value[field.name];
      if (field.kind !== "tasks" || !isList(items)) continue;
      const entities = entitiesOf(field.list, items);
      lists[field.group].push(...entities.map((entity, at) => ({ entity, item: items[at] as JsonObject })));
    }
    const tasks = listedTasks(lists);
    for (const [entity, { group, item }] of tasks) {
      if (isArchived(this.set, entity)) continue;
      const done = importTaskState(this.set, entity, group, item, this.options.replace);
      importFields(this.set, entity, (fields[0] as ListField).list, item, this.options, done);
    }
    for (const group of ["active", "blocked", "completed"] as const) {
      importOrder(
        this.set,
        [...new Set(lists[group].map((task) => task.entity))].filter((entity) => !isArchived(this.set, entity)),
      );
    }
    for (const field of fields) {
      if (this.options.replace) removeOthers(this.set, field as ListField, this.#kept);
      this.#presence(shape, field, value[field.name] as JsonValue);
    }
  }

  #removeMissing(shape: RecordShape, value: JsonObject): void {
    for (const field of shape.fields) {
      if (!Object.hasOwn(value, field.name)) this.#removeField(shape, field);
    }
    for (const { name } of unknownValues(this.set.view.table.fields(shape.prefix))) {
      if (!Object.hasOwn(value, name)) removeField(this.set, shape.prefix, undefined, name);
    }
  }

  #removeField(shape: RecordShape, field: FieldShape): void {
    this.#empty(field);
    this.set.remove(`${shape.prefix}/${field.code}`);
  }

  /** Takes away what a field holds, apart from items that the file has elsewhere. */
  #empty(field: FieldShape): void {
    if (field.kind === "record") this.#removeMissing(field.record, {});
    if (field.kind === "handover") removeHandovers(this.set, this.#kept);
    else if ("list" in field) removeOthers(this.set, field as ListField, this.#kept);
  }
}

const isEmptyRoom = (view: ContextView): boolean => {
  for (const key of view.replica.keys()) if (isContextPrefix(parseKey(key).prefix)) return false;
  return true;
};

const withoutUndefined = (value: JsonValue): JsonValue => {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(withoutUndefined);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.map(([name, inner]) => [name, withoutUndefined(inner)]));
};

/**
 * The changes that make the room show the context; with `replace` nothing else. Refused as a whole when a value cannot be
 * kept (too large, not JSON).
 */
export const importContext = (
  view: ContextView,
  context: SharedContext,
  author: Author,
  options: ImportOptions = { replace: false },
): Outcome => {
  const set = new ChangeSet(view, author);
  const value = withoutUndefined(context as JsonObject) as JsonObject;
  const decides = options.replace || isEmptyRoom(view);
  const isBare = view.records.isBare || (decides && lacksSkeleton(rootRecord, value));
  if (isBare) set.set(bareKey, true);
  new Import(set, options, isBare, entitiesIn(rootRecord, value)).record(rootRecord, value);
  return set.outcome();
};

/** Makes one record, or one list of it, what the value says; nothing else in it stays. */
export const replacePart = (
  set: ChangeSet,
  shape: RecordShape,
  field: FieldShape | undefined,
  value: JsonValue,
): void => {
  const whole = field === undefined ? (value as JsonObject) : { [field.name]: value };
  const work = new Import(set, { replace: true }, set.view.records.isBare, entitiesIn(shape, whole));
  if (field === undefined) work.record(shape, whole);
  else if (field.kind === "tasks") work.tasks(shape, whole);
  else work.part(shape, field, value, whole);
};
