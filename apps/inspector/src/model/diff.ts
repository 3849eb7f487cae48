/** What differs between two contexts, by path; items of lists are matched by their id. */

import { isJsonObject, type JsonValue, jsonEqual } from "@context-mesh/common";

export interface Difference {
  readonly path: string;
  readonly from: JsonValue | undefined;
  readonly to: JsonValue | undefined;
}

const differencesMax = 2_000;
const hasIds = (list: readonly JsonValue[]): boolean =>
  list.every((item) => isJsonObject(item) && typeof item.id === "string");

const entriesOf = (value: JsonValue | undefined): ReadonlyMap<string, JsonValue> | undefined => {
  if (Array.isArray(value)) {
    const list = value as readonly JsonValue[];
    if (!hasIds(list)) return undefined;
    return new Map(list.map((item) => [`[${(item as { id: string }).id}]`, item]));
  }
  if (!isJsonObject(value)) return undefined;
  return new Map(Object.entries(value).map(([name, inner]) => [`.${name}`, inner]));
};

const isSameKind = (a: JsonValue | undefined, b: JsonValue | undefined): boolean =>
  Array.isArray(a) === Array.isArray(b);

const walk = (path: string, from: JsonValue | undefined, to: JsonValue | undefined, into: Difference[]): void => {
  if (from === to || into.length >= differencesMax) return;
  const [a, b] = [entriesOf(from), entriesOf(to)];
  if (a === undefined || b === undefined || !isSameKind(from, to)) {
    if (!jsonEqual(from, to)) into.push({ path: path.replace(/^\./, ""), from, to });
    return;
  }
  for (const name of new Set([...a.keys(), ...b.keys()])) walk(path + name, a.get(name), b.get(name), into);
};

export const differencesOf = (from: JsonValue | undefined, to: JsonValue | undefined): readonly Difference[] => {
  const found: Difference[] = [];
  walk("", from, to, found);
  return found;
};

/** The value at a path as `differencesOf` writes it. */
export const valueAt = (value: JsonValue | undefined, path: string): JsonValue | undefined => {
  let at: JsonValue | undefined = value;
  for (const [, name, id] of path.matchAll(/\.?([^.[\]]+)(?=[.[]|$)|\[([^\]]*)\]/g)) {
    at = entriesOf(at)?.get(name === undefined ? `[${id}]` : `.${name}`);
  }
  return at;
};
