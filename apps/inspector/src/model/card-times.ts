/** When a task entered its state and when it is due, read off whichever field says so. */

import { type JsonObject, timeOf } from "./read.ts";

const sinceFields = ["completed", "blocked_since", "started", "claimed_at", "updated", "created", "timestamp"];
const dueFields = ["due", "deadline", "due_date", "due_at"];

const firstTime = (item: JsonObject, fields: readonly string[]): number | undefined => {
  for (const field of fields) {
    const at = timeOf(item[field]);
    if (at !== undefined) return at;
  }
  return undefined;
};

export const timeFieldsOf = (
  item: JsonObject,
): { readonly since: number | undefined; readonly due: number | undefined } => ({
  since: firstTime(item, sinceFields),
  due: firstTime(item, dueFields),
});
