/** From the current values of one item or record to the object a context shows, names in their order. */

import type { JsonObject, JsonValue } from "@context-mesh/common";
import { unpackUnknown } from "../layout/content-id.ts";
import { unescapeSegment } from "../layout/escape.ts";
import { idOfSegment, isImplicit, isUnknownCode } from "../layout/keys.ts";
import { type FieldShape, type ListShape, oddIdCode, orderCode } from "../layout/shapes.ts";

/** Suffix of the key -> shown value. A removed value is there as undefined. */
export type Fields = ReadonlyMap<string, JsonValue | undefined>;

export interface NamedValue {
  readonly code: string;
  readonly name: string;
  readonly value: JsonValue;
}

interface SetElement {
  readonly text: string;
  readonly rank: number;
}

const elementOf = (segment: string, value: JsonValue | undefined): SetElement | undefined => {
  if (value === true) return { text: unescapeSegment(segment), rank: 0 };
  if (typeof value === "number") return { text: unescapeSegment(segment), rank: value };
  if (!Array.isArray(value)) return undefined;
  const [rank, text] = value as readonly JsonValue[];
  return typeof text === "string" ? { text, rank: typeof rank === "number" ? rank : 0 } : undefined;
};

const compareElements = (a: SetElement, b: SetElement): number =>
  a.rank - b.rank || (a.text < b.text ? -1 : a.text > b.text ? 1 : 0);

/** Elements of a set that are there, in order. `known` is true once any element was ever written. */
export const readSet = (
  fields: Fields,
  code: string,
): { readonly elements: readonly SetElement[]; readonly known: boolean } => {
  const elements: SetElement[] = [];
  let known = false;
  for (const [suffix, value] of fields) {
    if (!suffix.startsWith(`${code}/`)) continue;
    known = true;
    const element = elementOf(suffix.slice(code.length + 1), value);
    if (element !== undefined) elements.push(element);
  }
  return { elements: elements.sort(compareElements), known };
};

/** A list of texts; whatever else the field's own key holds; or undefined when there is nothing to show. */
const projectSet = (fields: Fields, code: string): JsonValue | undefined => {
  const own = fields.get(code);
  if (own !== undefined && own !== true) return own;
  const { elements, known } = readSet(fields, code);
  if (elements.length > 0 || own === true) return elements.map((element) => element.text);
  return known && !fields.has(code) ? [] : undefined;
};

const fieldValue = (field: FieldShape, fields: Fields): JsonValue | undefined => {
  if (field.kind === "value") return fields.get(field.code);
  return field.kind === "set" ? projectSet(fields, field.code) : undefined;
};

export const unknownValues = (fields: Fields): NamedValue[] => {
  const found: NamedValue[] = [];
  for (const [suffix, value] of fields) {
    if (isUnknownCode(suffix) && value !== undefined) found.push({ code: suffix, ...unpackUnknown(suffix, value) });
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
};

/**
 * Puts names in the stored order. What the stored order does not name goes behind the nearest one that comes before it in
 * the order of the schema.
 */
export const inStoredOrder = <T extends { readonly code: string }>(
  entries: readonly T[],
  stored: JsonValue | undefined,
): readonly T[] => {
  if (!Array.isArray(stored)) return entries;
  const position = new Map(entries.map((entry, at) => [entry.code, at]));
  const listed = [...new Set(stored as readonly JsonValue[])].filter((code) =>
    position.has(code as string),
  ) as string[];
  const isListed = new Set(listed);
  const result = listed.map((code) => position.get(code) as number);
  for (const [at, entry] of entries.entries()) {
    if (isListed.has(entry.code)) continue;
    const before = Math.max(-1, ...result.filter((other) => other < at));
    result.splice(before < 0 ? 0 : result.indexOf(before) + 1, 0, at);
  }
  return result.map((at) => entries[at] as T);
};

/** Safe for any name: `__proto__` becomes a property of its own. */
export const toObject = (entries: readonly NamedValue[]): JsonObject =>
  Object.fromEntries(entries.map((entry) => [entry.name, entry.value]));

const idEntry = (list: ListShape, segment: string, fields: Fields): NamedValue | undefined => {
  if (!isImplicit(segment)) return { code: oddIdCode, name: list.idName, value: idOfSegment(segment) };
  const odd = fields.get(oddIdCode);
  return odd === undefined ? undefined : { code: oddIdCode, name: list.idName, value: odd };
};

/** An item as its list shows it. `override` gives fields that are derived instead of read; null there means "not shown". */
export const projectItem = (
  list: ListShape,
  segment: string,
  fields: Fields,
  override?: (field: FieldShape) => { readonly value: JsonValue | undefined } | undefined,
): JsonObject => {
  const entries: NamedValue[] = [];
  const id = idEntry(list, segment, fields);
  if (id !== undefined) entries.push(id);
  for (const field of list.fields) {
    const derived = override?.(field);
    const value = derived === undefined ? fieldValue(field, fields) : derived.value;
    if (value !== undefined) entries.push({ code: field.code, name: field.name, value });
  }
  return toObject(inStoredOrder([...entries, ...unknownValues(fields)], fields.get(orderCode)));
};
