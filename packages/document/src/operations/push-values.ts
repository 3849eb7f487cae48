/** What a push checks before it writes: the type by the schema, and the new whole of a value that is changed inside. */

import { err, isJsonObject, type JsonObject, type JsonValue, ok, type Result } from "@context-mesh/common";
import {
  architectureSchema,
  codeChangesSchema,
  codeSummarySchema,
  communicationSchema,
  decisionSchema,
  decisionsLogSchema,
  dependenciesSchema,
  dependencySchema,
  handoverSchema,
  noteSchema,
  type PathSegment,
  problemWith,
  projectStateSchema,
  questionSchema,
  sharedContextSchema,
  significantChangeSchema,
  taskSchema,
  technicalContextSchema,
} from "@context-mesh/schema";
import type { ContextView } from "../context/view.ts";
import type { Place } from "../layout/paths.ts";

type Schema = Parameters<typeof problemWith>[0];

/** By the prefix of a record or a list. Everything is optional in them, so a part can be checked alone. */
const schemas: Readonly<Record<string, Schema>> = {
  r: sharedContextSchema,
  p: projectStateSchema,
  x: technicalContextSchema,
  a: architectureSchema,
  D: dependenciesSchema,
  c: codeChangesSchema,
  s: codeSummarySchema,
  l: decisionsLogSchema,
  m: communicationSchema,
  t: taskSchema,
  d: decisionSchema,
  q: questionSchema,
  h: handoverSchema,
  g: significantChangeSchema,
  da: dependencySchema,
  dr: dependencySchema,
  du: dependencySchema,
  n: noteSchema,
};

const prefixOf = (place: Place): string =>
  place.container.kind === "record" ? place.container.shape.prefix : place.container.list.prefix;

/** Why the schema does not take the value at that place; undefined when it does. */
export const typeProblem = (place: Place, value: JsonValue): string | undefined => {
  const schema = schemas[prefixOf(place)];
  if (schema === undefined) return undefined;
  return place.name === undefined ? problemWith(schema, value) : problemWith(schema, { [place.name]: value }, 1);
};

/** The same for some fields of an item of a list, by the list's prefix. What is undefined says nothing. */
export const itemProblem = (prefix: string, fields: Readonly<Record<string, unknown>>): string | undefined => {
  const schema = schemas[prefix];
  return schema === undefined ? undefined : problemWith(schema, fields);
};

/** The same for a path; also says when there is no such place. */
export const valueProblem = (view: ContextView, path: string, value: JsonValue | undefined): string | undefined => {
  const place = view.resolve(path);
  if (!place.ok) return place.detail ?? place.reason;
  return value === undefined || place.value.rest.length > 0 ? undefined : typeProblem(place.value, value);
};

type Edited = Result<JsonValue | undefined, "unknown_path">;

const nowhere = (): Edited => err("unknown_path", "there is nothing to change inside this value");

const inObject = (value: JsonObject, name: string, rest: readonly PathSegment[], to: JsonValue | undefined): Edited => {
  const inner = edited(Object.hasOwn(value, name) ? value[name] : undefined, rest, to);
  if (!inner.ok) return inner;
  const others = Object.entries(value).map(([key, old]): [string, JsonValue | undefined] =>
    key === name ? [key, inner.value] : [key, old],
  );
  const all = Object.hasOwn(value, name) ? others : [...others, [name, inner.value] as const];
  return ok(Object.fromEntries(all.filter((entry): entry is [string, JsonValue] => entry[1] !== undefined)));
};

const inList = (
  list: readonly JsonValue[],
  at: number,
  rest: readonly PathSegment[],
  to: JsonValue | undefined,
): Edited => {
  if (at < 0 || at > list.length) return nowhere();
  const inner = edited(list[at], rest, to);
  if (!inner.ok) return inner;
  const { value } = inner;
  return ok([...list.slice(0, at), ...(value === undefined ? [] : [value]), ...list.slice(at + 1)]);
};

const isNamed = (item: JsonValue, id: string): boolean => item === id || (isJsonObject(item) && item.id === id);

/** An element of a list of texts is named by itself: true or its text puts it in, false or nothing takes it out. */
const byName = (
  list: readonly JsonValue[],
  id: string,
  rest: readonly PathSegment[],
  to: JsonValue | undefined,
): Edited => {
  const at = list.findIndex((item) => isNamed(item, id));
  if (rest.length > 0 || isJsonObject(list[at])) return at < 0 ? nowhere() : inList(list, at, rest, to);
  if (to === undefined || to === null || to === false) return ok(list.filter((item) => item !== id));
  return ok(at >= 0 ? list : [...list, id]);
};

/** The value after a change at the end of the steps. Undefined in `to` takes away. */
export const edited = (
  value: JsonValue | undefined,
  steps: readonly PathSegment[],
  to: JsonValue | undefined,
): Edited => {
  const [step, ...rest] = steps;
  if (step === undefined) return ok(to);
  if ("name" in step) {
    if (value !== undefined && !isJsonObject(value)) return nowhere();
    return inObject(value ?? {}, step.name, rest, to);
  }
  if (value !== undefined && !Array.isArray(value)) return nowhere();
  const list = (value ?? []) as readonly JsonValue[];
  return "index" in step ? inList(list, step.index, rest, to) : byName(list, step.id, rest, to);
};
