/** The table of shapes, looked up by prefix: which record or list a key belongs to, and where it stands in a context. */

import {
  agentPrefix,
  claimPrefix,
  conflictPrefix,
  type FieldShape,
  jobPrefix,
  type ListShape,
  messagePrefix,
  type RecordShape,
  reservationPrefix,
  rootRecord,
} from "./shapes.ts";

export interface RecordPlace {
  readonly shape: RecordShape;
  /** Names from the root: `["technical_context", "architecture"]`. */
  readonly names: readonly string[];
}

export interface ListPlace {
  readonly shape: ListShape;
  /** Every list of a context that shows items of this shape. */
  readonly places: readonly {
    readonly names: readonly string[];
    readonly field: FieldShape;
    readonly record: string;
  }[];
}

const records = new Map<string, RecordPlace>();
const lists = new Map<string, ListPlace>();

const addList = (shape: ListShape, names: readonly string[], field: FieldShape, record: string): void => {
  const known = lists.get(shape.prefix)?.places ?? [];
  lists.set(shape.prefix, { shape, places: [...known, { names, field, record }] });
};

const addRecord = (shape: RecordShape, names: readonly string[]): void => {
  records.set(shape.prefix, { shape, names });
  for (const field of shape.fields) {
    const inner = [...names, field.name];
    if (field.kind === "record") addRecord(field.record, inner);
    else if ("list" in field) addList(field.list, inner, field, shape.prefix);
  }
};

addRecord(rootRecord, []);

export const recordPlaces: ReadonlyMap<string, RecordPlace> = records;
export const listPlaces: ReadonlyMap<string, ListPlace> = lists;

/** Prefixes whose keys name an item in their second segment. */
const itemPrefixes: ReadonlySet<string> = new Set([
  ...lists.keys(),
  conflictPrefix,
  agentPrefix,
  jobPrefix,
  messagePrefix,
  claimPrefix,
  reservationPrefix,
]);
export const isItemPrefix = (prefix: string): boolean => itemPrefixes.has(prefix);

/** Prefixes that are part of the context; keys of others (claims, bookkeeping) are not shown in it. */
export const isContextPrefix = (prefix: string): boolean => records.has(prefix) || lists.has(prefix);

export const fieldByCode = (fields: readonly FieldShape[], code: string): FieldShape | undefined =>
  fields.find((field) => field.code === code);

export const fieldByName = (fields: readonly FieldShape[], name: string): FieldShape | undefined =>
  fields.find((field) => field.name === name);
