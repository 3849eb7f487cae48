/** The value at a place of the context, and the keys that make it up. */

import { isJsonObject, type JsonObject, type JsonValue } from "@context-mesh/common";
import type { PathSegment } from "@context-mesh/schema";
import type { Key } from "../entry/types.ts";
import { isProposalKey } from "../layout/keys.ts";
import { codeOf, type Place } from "../layout/paths.ts";
import { blockerCode, type FieldShape, noteList, type RecordShape } from "../layout/shapes.ts";
import type { ItemTable } from "./item-table.ts";
import { statesIn } from "./lists.ts";
import type { RecordProjection } from "./records.ts";
import { type ShownCandidate, shownValue } from "./shown.ts";
import { blockersOf } from "./tasks.ts";

interface Reader {
  readonly table: ItemTable;
  readonly records: RecordProjection;
}

const isNamed = (value: JsonValue, id: string): boolean =>
  value === id || (isJsonObject(value) && (value.id === id || value.name === id));

const step = (value: JsonValue | undefined, segment: PathSegment): JsonValue | undefined => {
  if (value === undefined) return undefined;
  if ("name" in segment) {
    return isJsonObject(value) && Object.hasOwn(value, segment.name) ? value[segment.name] : undefined;
  }
  if (!Array.isArray(value)) return undefined;
  const list = value as readonly JsonValue[];
  return "index" in segment ? list[segment.index] : list.find((item) => isNamed(item, segment.id));
};

/** Follows steps into a value. */
const dig = (value: JsonValue | undefined, rest: readonly PathSegment[]): JsonValue | undefined =>
  rest.reduce(step, value);

const itemValue = (reader: Reader, place: Place): JsonValue | undefined => {
  const { entity } = place.container;
  const state = reader.table.state(entity);
  if (state?.group === undefined) return undefined;
  if (place.field?.kind === "status") return shownValue(`${entity}/s`, reader.table.fields(entity).get("s"));
  const item = reader.table.item(state);
  if (place.name === undefined) return item;
  return isJsonObject(item) && Object.hasOwn(item, place.name) ? item[place.name] : undefined;
};

export const valueOfPlace = (reader: Reader, place: Place): JsonValue | undefined => {
  const { container } = place;
  if (container.kind === "item") return dig(itemValue(reader, place), place.rest);
  if (place.name === undefined) return reader.records.record(container.shape);
  return dig(reader.records.field(container.shape, place.name), place.rest);
};

/** A candidate as a read of that place shows it: of a blocker the named field, of a value what the path leads to inside. */
export const insidePlace = (place: Place, candidate: ShownCandidate): ShownCandidate => {
  const isPart = place.name !== undefined && blockerFields.has(place.name) && isJsonObject(candidate.value);
  const value = isPart ? (candidate.value as JsonObject)[place.name as string] : candidate.value;
  return { ...candidate, value: dig(value, place.rest) };
};

const blockerFields = new Set(["reason", "blocker_owner"]);

const withoutProposals = (keys: readonly Key[]): Key[] => keys.filter((key) => !isProposalKey(key));

const keysUnder = (reader: Reader, entity: string, code: string): Key[] =>
  withoutProposals(reader.table.index.keysOf(entity)).filter((key) => key.startsWith(`${entity}/${code}/`));

const keysOfRecord = (reader: Reader, shape: RecordShape): Key[] => [
  ...withoutProposals(reader.table.index.keysOf(shape.prefix)),
  ...shape.fields.flatMap((field) => keysInside(reader, field)),
];

/** Keys of what a field holds, its own key excluded. */
const keysInside = (reader: Reader, field: FieldShape): Key[] => {
  if (field.kind === "record") return keysOfRecord(reader, field.record);
  return statesIn(reader.table, field).flatMap((state) => withoutProposals(reader.table.index.keysOf(state.entity)));
};

const isBlockerField = (reader: Reader, place: Place): boolean =>
  place.container.kind === "item" &&
  blockerFields.has(place.name ?? "") &&
  reader.table.state(place.container.entity)?.group === "blocked";

/** Every key that the value at the place is made of. A single field has exactly one. */
export const keysOfPlace = (reader: Reader, place: Place): readonly Key[] => {
  const { container, name, field } = place;
  if (container.kind === "item" && container.list === noteList) return [container.entity];
  if (name === undefined) {
    return container.kind === "item"
      ? withoutProposals(reader.table.index.keysOf(container.entity))
      : keysOfRecord(reader, container.shape);
  }
  const blocker = isBlockerField(reader, place) ? blockersOf(reader.table.fields(container.entity))[0] : undefined;
  if (blocker !== undefined) return [`${container.entity}/${blockerCode}/${blocker.segment}`];
  const own = `${container.entity}/${codeOf(container, name)}`;
  if (field?.kind === "set") return [own, ...keysUnder(reader, container.entity, field.code)];
  return field === undefined ? [own] : [own, ...keysInside(reader, field)];
};
