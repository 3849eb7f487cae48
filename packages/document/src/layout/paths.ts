/** Places of a context by path, and the path of a key: both directions of the one table. */

import { err, ok, type Result } from "@context-mesh/common";
import { formatPath, type PathSegment, parsePath } from "@context-mesh/schema";
import { unknownCode, unpackUnknown } from "./content-id.ts";
import { unescapeSegment } from "./escape.ts";
import { idOfSegment, isUnknownCode, parseKey, segmentOfEntity, segmentOfId } from "./keys.ts";
import { fieldByCode, fieldByName, listPlaces, recordPlaces } from "./registry.ts";
import { blockerCode, type FieldShape, type ListShape, noteList, type RecordShape, rootRecord } from "./shapes.ts";

export type PlaceRefusal =
  | "path_syntax"
  | "path_too_long"
  | "reserved_key"
  | "unknown_path"
  | "unknown_id"
  | "ambiguous_index";

/** A record or an item: what has named fields. */
export type Container =
  | { readonly kind: "record"; readonly entity: string; readonly shape: RecordShape }
  | { readonly kind: "item"; readonly entity: string; readonly list: ListShape; readonly field: FieldShape };

/** Where a path leads: a container, or a field of one, or something inside a field's value. */
export interface Place {
  readonly container: Container;
  /** The field; undefined when the path names the container itself. */
  readonly name: string | undefined;
  /** Its shape, if the table knows it. */
  readonly field: FieldShape | undefined;
  /** Steps into the field's value. */
  readonly rest: readonly PathSegment[];
  /** True when an index stood for an id. */
  readonly viaIndex: boolean;
}

/** What resolving needs of the lists as they stand. */
export interface ListOrder {
  /** Entity at an index of the exported list. */
  entityAt(field: FieldShape, index: number): string | undefined;
  /** Entity of an id; undefined when there is no such item. */
  entityOfId(field: FieldShape, id: string): string | undefined;
  lastHandover(): string | undefined;
}

const root: Container = { kind: "record", entity: rootRecord.prefix, shape: rootRecord };

const recordContainer = (shape: RecordShape): Container => ({ kind: "record", entity: shape.prefix, shape });
const itemContainer = (entity: string, field: FieldShape & { readonly list: ListShape }): Container => ({
  kind: "item",
  entity,
  list: field.list,
  field,
});

const place = (container: Container, name?: string, field?: FieldShape, rest: readonly PathSegment[] = []): Place => ({
  container,
  name,
  field,
  rest,
  viaIndex: false,
});

const unknownPath = (segments: readonly PathSegment[], at: number): Result<never, PlaceRefusal> =>
  err("unknown_path", `\`${formatPath(segments.slice(0, at + 1))}\` is no place of a context`);

/** An item by its id or index, then whatever follows inside it. */
const inList = (
  segments: readonly PathSegment[],
  at: number,
  field: FieldShape & { readonly list: ListShape },
  order: ListOrder,
): Result<Place, PlaceRefusal> => {
  const step = segments[at] as PathSegment;
  if ("name" in step) return unknownPath(segments, at);
  const entity = "index" in step ? order.entityAt(field, step.index) : order.entityOfId(field, step.id);
  if (entity === undefined) {
    return err("unknown_id", `there is no \`${formatPath(segments.slice(0, at + 1))}\``);
  }
  const found = inItem(segments, at + 1, itemContainer(entity, field));
  return found.ok && "index" in step ? ok({ ...found.value, viaIndex: true }) : found;
};

const inItem = (segments: readonly PathSegment[], at: number, container: Container): Result<Place, PlaceRefusal> => {
  const step = segments[at];
  if (step === undefined) return ok(place(container));
  if (container.kind === "item" && container.list === noteList) {
    return ok(place(container, undefined, undefined, segments.slice(at)));
  }
  if (!("name" in step)) return unknownPath(segments, at);
  const fields = container.kind === "item" ? container.list.fields : container.shape.fields;
  return ok(place(container, step.name, fieldByName(fields, step.name), segments.slice(at + 1)));
};

const inRecord = (
  segments: readonly PathSegment[],
  at: number,
  shape: RecordShape,
  order: ListOrder,
): Result<Place, PlaceRefusal> => {
  const step = segments[at];
  const container = recordContainer(shape);
  if (step === undefined) return ok(place(container));
  if (!("name" in step)) return unknownPath(segments, at);
  const field = fieldByName(shape.fields, step.name);
  if (field?.kind === "record") return inRecord(segments, at + 1, field.record, order);
  if (field === undefined || !("list" in field) || segments.length === at + 1) {
    return ok(place(container, step.name, field, segments.slice(at + 1)));
  }
  if (field.kind !== "handover" || field.isEarlier) return inList(segments, at + 1, field, order);
  const last = order.lastHandover();
  if (last === undefined) return err("unknown_id", "there is no hand-over yet");
  return inItem(segments, at + 1, itemContainer(last, field));
};

export const resolvePath = (path: string, order: ListOrder): Result<Place, PlaceRefusal> => {
  const parsed = parsePath(path);
  if (!parsed.ok) return parsed;
  return parsed.value.length === 0 ? ok(place(root)) : inRecord(parsed.value, 0, rootRecord, order);
};

/** The suffix under which a container keeps a field. */
export const codeOf = (container: Container, name: string): string => {
  const fields = container.kind === "item" ? container.list.fields : container.shape.fields;
  const field = fieldByName(fields, name);
  return field === undefined ? unknownCode(name) : field.code;
};

export const entityOfId = (list: ListShape, id: string): string => `${list.prefix}/${segmentOfId(id)}`;

const named = (names: readonly string[]): PathSegment[] => names.map((name) => ({ name }));

/** Segments inside a container for the part of the key behind it. */
const stepsOfSuffix = (fields: readonly FieldShape[], suffix: string): PathSegment[] => {
  const [code = "", element] = suffix.split("/");
  if (isUnknownCode(code)) return [{ name: unpackUnknown(code, null).name }];
  if (code === blockerCode && element !== undefined) return [{ name: "reason" }];
  const field = fieldByCode(fields, code);
  if (field === undefined) return [];
  return element === undefined ? [{ name: field.name }] : [{ name: field.name }, { id: unescapeSegment(element) }];
};

/** The list of a context that an item stands in, of those its kind can stand in. */
export type FieldOfItem = (entity: string) => FieldShape | undefined;

/** A path for people; bookkeeping of items (rank, order, stub) has the item's path, other keys are their own path. */
export const keyToPath = (key: string, fieldOfItem: FieldOfItem): string => {
  const { prefix, entity, suffix } = parseKey(key);
  const record = recordPlaces.get(prefix);
  if (record !== undefined) return formatPath([...named(record.names), ...stepsOfSuffix(record.shape.fields, suffix)]);
  const list = listPlaces.get(prefix);
  if (list === undefined) return key;
  const shown = fieldOfItem(entity);
  const at = list.places.find((candidate) => candidate.field === shown) ?? list.places[0];
  const steps = stepsOfSuffix(list.shape.fields, suffix);
  const isLast = at?.field.kind === "handover" && !at.field.isEarlier;
  const id: PathSegment[] = isLast ? [] : [{ id: idOfSegment(segmentOfEntity(entity)) }];
  return formatPath([...named(at?.names ?? []), ...id, ...steps]);
};
