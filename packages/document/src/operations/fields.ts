/** Writes single fields of records and items, whatever they are kept as; and takes whole items away. */

import { type JsonObject, type JsonValue, jsonEqual } from "@context-mesh/common";
import { inStoredOrder, readSet } from "../context/project.ts";
import { elementSegment, packUnknown, unknownCode } from "../layout/content-id.ts";
import { isImplicit, isProposalKey, parseKey, segmentOfEntity } from "../layout/keys.ts";
import { fieldByName } from "../layout/registry.ts";
import {
  blockerCode,
  existsCode,
  type FieldShape,
  type ListShape,
  noteList,
  oddIdCode,
  orderCode,
} from "../layout/shapes.ts";
import { encodeStatus, parseStatus, removedWord } from "../layout/status.ts";
import type { ChangeSet } from "./change-set.ts";
import { ranksInOrder } from "./ranks.ts";

const isTextList = (value: JsonValue): value is readonly string[] =>
  Array.isArray(value) && value.every((element) => typeof element === "string");

const elementValue = (segment: string, text: string, rank: number): JsonValue => {
  const isPlain = segment === elementSegment(text) && !segment.startsWith("~");
  if (isPlain) return rank === 0 ? true : rank;
  return [rank, text];
};

/** Segments of elements; a text that comes twice gets one of its own. */
const segmentsOfTexts = (texts: readonly string[]): string[] => {
  const counts = new Map<string, number>();
  return texts.map((text) => {
    const segment = elementSegment(text);
    const count = (counts.get(segment) ?? 0) + 1;
    counts.set(segment, count);
    return count === 1 ? segment : `${segment}%.${count}`;
  });
};

const clearElements = (set: ChangeSet, entity: string, code: string, kept: ReadonlySet<string>): void => {
  for (const key of set.view.table.index.keysOf(entity)) {
    const isElement = key.startsWith(`${entity}/${code}/`) && !isProposalKey(key);
    if (isElement && !kept.has(key) && set.view.replica.valueOf(key) !== undefined) set.set(key, false);
  }
};

const currentRank = (value: JsonValue | undefined): number => {
  if (typeof value === "number") return value;
  const [rank] = Array.isArray(value) ? (value as readonly JsonValue[]) : [];
  return typeof rank === "number" ? rank : 0;
};

/** Makes a set hold exactly these texts, in this order. */
const writeSet = (set: ChangeSet, entity: string, code: string, texts: readonly string[]): void => {
  const own = `${entity}/${code}`;
  const segments = segmentsOfTexts(texts);
  const keys = segments.map((segment) => `${own}/${segment}`);
  const ranks = ranksInOrder(
    texts.map((text, at) => ({ rank: currentRank(set.view.replica.valueOf(keys[at] as string)), id: text })),
  );
  for (const [at, text] of texts.entries()) {
    set.set(keys[at] as string, elementValue(segments[at] as string, text, ranks[at] as number));
  }
  clearElements(set, entity, code, new Set(keys));
  const shown = set.view.replica.valueOf(own);
  const isOther = shown !== undefined && shown !== true;
  const isEmptyUnsaid = texts.length === 0 && (set.view.replica.has(own) || !hasElements(set, entity, code));
  if (isOther || isEmptyUnsaid) set.set(own, true);
};

const hasElements = (set: ChangeSet, entity: string, code: string): boolean =>
  readSet(set.view.table.fields(entity), code).known;

/** Writes a field that is kept under its own key or as a set. Derived fields are written by those who know them. */
export const writeField = (
  set: ChangeSet,
  entity: string,
  field: FieldShape | undefined,
  name: string,
  value: JsonValue,
): void => {
  const key = `${entity}/${field === undefined ? unknownCode(name) : field.code}`;
  if (field?.kind !== "set") {
    set.set(key, field === undefined ? packUnknown(name, value) : value);
    return;
  }
  if (isTextList(value)) {
    writeSet(set, entity, field.code, value);
    return;
  }
  clearElements(set, entity, field.code, new Set());
  set.set(key, value);
};

export const removeField = (set: ChangeSet, entity: string, field: FieldShape | undefined, name: string): void => {
  const key = `${entity}/${field === undefined ? unknownCode(name) : field.code}`;
  const isList = field?.kind === "set" && hasElements(set, entity, field.code);
  if (field?.kind === "set") clearElements(set, entity, field.code, new Set());
  set.remove(key, isList);
};

const nothing: ReadonlySet<string> = new Set();

/** Every field of an item but those in `done`. An item without any is marked as being there. */
export const writeItemFields = (
  set: ChangeSet,
  entity: string,
  list: ListShape,
  item: JsonObject,
  done: ReadonlySet<string> = nothing,
): void => {
  const before = set.size;
  for (const [name, value] of Object.entries(item)) {
    if (done.has(name)) continue;
    if (name !== list.idName) writeField(set, entity, fieldByName(list.fields, name), name, value);
    else if (isImplicit(segmentOfEntity(entity))) set.set(`${entity}/${oddIdCode}`, value);
  }
  const isBareNew = set.size === before && set.view.table.state(entity)?.group === undefined;
  if (isBareNew && done.size === 0) set.set(`${entity}/${existsCode}`, true);
};

/** What a removed key holds: elements are out, a status remembers its round, everything else is absent. */
export const removeItem = (set: ChangeSet, entity: string): void => {
  for (const key of set.view.table.index.keysOf(entity)) {
    if (isProposalKey(key)) continue;
    const { prefix, suffix } = parseKey(key);
    const isElement = prefix === noteList.prefix || suffix.startsWith(`${blockerCode}/`) || suffix.includes("/");
    if (prefix === "t" && suffix === "s") {
      const { round } = parseStatus(set.view.replica.valueOf(key));
      set.set(key, encodeStatus({ round, word: removedWord }));
    } else if (isElement) {
      if (set.view.replica.valueOf(key) !== undefined) set.set(key, false);
    } else set.remove(key);
  }
};

/** Names in the order of the schema, then the others by name: how they are shown when no order is stored. */
const inTableOrder = (fields: readonly FieldShape[], idName: string | undefined, names: readonly string[]) => {
  const position = (name: string): number => {
    if (name === idName) return -1;
    const at = fields.findIndex((field) => field.name === name);
    return at < 0 ? fields.length : at;
  };
  const sorted = [...names].sort((a, b) => position(a) - position(b) || (a < b ? -1 : a > b ? 1 : 0));
  return sorted.map((name) => ({
    name,
    code: name === idName ? oddIdCode : (fieldByName(fields, name)?.code ?? unknownCode(name)),
  }));
};

/** Stores the order of names where it is not the one they are shown in anyway. */
export const writeOrder = (
  set: ChangeSet,
  entity: string,
  fields: readonly FieldShape[],
  idName: string | undefined,
  object: JsonObject,
): void => {
  const names = Object.keys(object);
  const natural = inTableOrder(fields, idName, names);
  const key = `${entity}/${orderCode}`;
  const shown = inStoredOrder(natural, set.view.replica.valueOf(key)).map((entry) => entry.name);
  if (jsonEqual(shown, names)) return;
  if (
    jsonEqual(
      natural.map((entry) => entry.name),
      names,
    )
  ) {
    set.remove(key);
    return;
  }
  const codeByName = new Map(natural.map((entry) => [entry.name, entry.code]));
  set.set(
    key,
    names.map((name) => codeByName.get(name) as string),
  );
};
