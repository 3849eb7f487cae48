/** Parts of a context that are not of the form they should have: named, shown raw, never dropped. */

import { isJsonObject, type JsonObject, type JsonValue, objectOf } from "./read.ts";

const lists: readonly (readonly [string, string])[] = [
  ["project_state", "active_tasks"],
  ["project_state", "blocked_tasks"],
  ["project_state", "completed_tasks"],
  ["decisions_log", "recent"],
  ["communication", "pending_questions"],
];

const mustBeText = ["title", "status", "owner", "decision", "question"];

const oddFields = (path: string, item: JsonValue): readonly string[] => {
  if (!isJsonObject(item)) return [path];
  return mustBeText
    .filter((name) => item[name] !== undefined && item[name] !== null && typeof item[name] !== "string")
    .map((name) => `${path}.${name}`);
};

const listMax = 50;

export const oddItemsOf = (context: JsonObject): readonly string[] => {
  const odd: string[] = [];
  for (const [section, name] of lists) {
    const value = objectOf(context[section])[name];
    if (value === undefined || value === null) continue;
    if (!Array.isArray(value)) {
      odd.push(`${section}.${name}`);
      continue;
    }
    for (const [at, item] of (value as readonly JsonValue[]).entries()) {
      const id = isJsonObject(item) && typeof item.id === "string" ? item.id : String(at);
      odd.push(...oddFields(`${name}[${id}]`, item));
      if (odd.length >= listMax) return odd;
    }
  }
  return odd;
};
