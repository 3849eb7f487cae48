/**
 * Who changed a field, read off the relay's log: update by update over the newest ones, since a value may come back; before
 * those by halving, which finds where the value that stood then began.
 */

import { type JsonValue, jsonEqual } from "@context-mesh/common";
import { valueAt } from "../../model/diff.ts";
import type { Stamp } from "../../model/past.ts";
import { keptContext, readLog, stampAt } from "./history.ts";

export interface FieldChange {
  readonly stamp: Stamp;
  readonly value: JsonValue | undefined;
}

const changesMax = 6;
const newestUpdates = 64;
/** Former contexts asked for at a time; the relay makes them one by one. */
const atOnce = 8;

const valueIn = async (seq: number, path: string): Promise<JsonValue | undefined> => {
  const context = await keptContext(seq);
  if (typeof context === "string") throw new Error(context);
  return valueAt(context, path);
};

/** Of all moments between the two, the value at each. */
const valuesBetween = async (
  path: string,
  first: number,
  last: number,
): Promise<ReadonlyMap<number, JsonValue | undefined>> => {
  const values = new Map<number, JsonValue | undefined>();
  for (let high = last; high >= first; high -= atOnce) {
    const seqs = Array.from({ length: Math.min(atOnce, high - first + 1) }, (_, at) => high - at);
    const found = await Promise.all(seqs.map((seq) => valueIn(seq, path)));
    for (const [at, seq] of seqs.entries()) values.set(seq, found[at]);
  }
  return values;
};

/** Where the value that stands at `last` began, if it stood all the time since. */
const beganAt = async (path: string, first: number, last: number, value: JsonValue | undefined): Promise<number> => {
  let [low, high] = [first, last];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (jsonEqual(await valueIn(middle, path), value)) high = middle;
    else low = middle + 1;
  }
  return low;
};

const found = async (path: string, first: number, last: number): Promise<readonly FieldChange[]> => {
  const from = Math.max(first, last - newestUpdates + 1);
  const values = await valuesBetween(path, from, last);
  const changed = [...values.keys()].filter((seq) => seq > from && !jsonEqual(values.get(seq), values.get(seq - 1)));
  const oldest = values.get(from);
  const began = oldest === undefined ? [] : [await beganAt(path, first, from, oldest)];
  const seqs = [...changed, ...began].slice(0, changesMax);
  return Promise.all(
    seqs.map(async (seq) => ({
      stamp: (await stampAt(seq)) ?? { seq, at: 0, agent: "before the log began" },
      value: values.has(seq) ? values.get(seq) : oldest,
    })),
  );
};

/** Newest first, at most a few; a reason in words where the relay cannot say. */
export const fieldChanges = async (path: string): Promise<readonly FieldChange[] | string> => {
  const log = await readLog();
  if (typeof log === "string") return log;
  try {
    return await found(path, log.first, log.last);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
