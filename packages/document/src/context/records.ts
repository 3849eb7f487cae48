/** Projects the records of a context, from the root down: single fields, nested records, lists. */

import type { JsonObject, JsonValue } from "@context-mesh/common";
import { schemaVersion } from "@context-mesh/schema";
import { unknownCode, unpackUnknown } from "../layout/content-id.ts";
import { fieldByName } from "../layout/registry.ts";
import { bareKey, type FieldShape, orderCode, type RecordShape, rootRecord } from "../layout/shapes.ts";
import { wholeList } from "./items.ts";
import { type Fields, inStoredOrder, type NamedValue, toObject, unknownValues } from "./project.ts";

/** Where records read from. */
export interface RecordSource {
  fields(entity: string): Fields;
  list(prefix: string, group: string): readonly JsonValue[];
  count(prefix: string, group: string): number;
}

/** One empty value for each field: the same as long as it stays empty, and never shared between two places of a context. */
const empties = new Map<FieldShape, JsonValue>();

const emptyFor = (field: FieldShape): JsonValue => {
  const known = empties.get(field) ?? Object.freeze(field.kind === "record" ? {} : []);
  empties.set(field, known);
  return known;
};

const emptyOf = (field: FieldShape): JsonValue | undefined => {
  if (field.kind === "archivedCount") return 0;
  if (field.kind === "value") return field.name === "version" ? schemaVersion : undefined;
  return field.kind === "handover" && !field.isEarlier ? undefined : emptyFor(field);
};

export const groupInField = (field: FieldShape): string | undefined => {
  if (field.kind === "tasks") return field.group;
  if (field.kind === "questions") return field.isAnswered ? "answered" : "pending";
  return "list" in field ? wholeList : undefined;
};

export class RecordProjection {
  readonly #source: RecordSource;
  readonly #last = new Map<string, JsonObject>();
  readonly #earlier = new WeakMap<readonly JsonValue[], readonly JsonValue[]>();

  constructor(source: RecordSource) {
    this.#source = source;
  }

  get isBare(): boolean {
    return this.#source.fields(rootRecord.prefix).get(bareKey.slice(rootRecord.prefix.length + 1)) === true;
  }

  /** The same object as before as long as nothing in it changed. */
  record(shape: RecordShape): JsonObject {
    const fields = this.#source.fields(shape.prefix);
    const entries: NamedValue[] = [];
    for (const field of shape.fields) {
      const value = this.#field(field, fields);
      if (value !== undefined) entries.push({ code: field.code, name: field.name, value });
    }
    const made = toObject(inStoredOrder([...entries, ...unknownValues(fields)], fields.get(orderCode)));
    const last = this.#last.get(shape.prefix);
    if (last !== undefined && isSame(last, made)) return last;
    this.#last.set(shape.prefix, made);
    return made;
  }

  /** One field of a record, without reading the others. */
  field(shape: RecordShape, name: string): JsonValue | undefined {
    const fields = this.#source.fields(shape.prefix);
    const known = fieldByName(shape.fields, name);
    if (known !== undefined) return this.#field(known, fields);
    const stored = fields.get(unknownCode(name));
    return stored === undefined ? undefined : unpackUnknown(unknownCode(name), stored).value;
  }

  #field(field: FieldShape, fields: Fields): JsonValue | undefined {
    const own = fields.get(field.code);
    if (field.kind === "value") return own !== undefined ? own : this.#whenEmpty(field, fields);
    if (field.kind === "archivedCount") return this.#archivedCount(field, fields);
    const content = this.#content(field);
    if (content !== undefined) return content;
    if (own !== undefined && own !== true) return own;
    return own === true ? emptyOf(field) : this.#whenEmpty(field, fields);
  }

  /** What the field holds; undefined when it is empty. */
  #content(field: FieldShape): JsonValue | undefined {
    if (field.kind === "record") {
      const nested = this.record(field.record);
      return Object.keys(nested).length > 0 ? nested : undefined;
    }
    if (!("list" in field)) return undefined;
    const items = this.#source.list(field.list.prefix, groupInField(field) ?? wholeList);
    if (field.kind === "handover") return field.isEarlier ? this.#allButLast(items) : items.at(-1);
    return items.length > 0 ? items : undefined;
  }

  #allButLast(items: readonly JsonValue[]): readonly JsonValue[] | undefined {
    if (items.length < 2) return undefined;
    const known = this.#earlier.get(items) ?? items.slice(0, -1);
    this.#earlier.set(items, known);
    return known;
  }

  #whenEmpty(field: FieldShape, fields: Fields): JsonValue | undefined {
    if (this.isBare || field.inSkeleton !== true || fields.has(field.code)) return undefined;
    return emptyOf(field);
  }

  /** What was counted before this room, and what this room archived. */
  #archivedCount(field: FieldShape, fields: Fields): JsonValue | undefined {
    const before = fields.get(field.code);
    const here = this.#source.count("d", "archived");
    if (here === 0) return before !== undefined ? before : this.#whenEmpty(field, fields);
    return (typeof before === "number" ? before : 0) + here;
  }
}

const isSame = (a: JsonObject, b: JsonObject): boolean => {
  const [namesA, namesB] = [Object.keys(a), Object.keys(b)];
  return namesA.length === namesB.length && namesA.every((name, at) => name === namesB[at] && a[name] === b[name]);
};
