/**
 * The difference of two lists as add and remove steps, in n log n: items are matched by id, else by content, and the longest
 * run of matches that keeps its order stays. (The library's own comparison of lists is quadratic and recursive.)
 */

import { canonicalJson, isJsonObject, type JsonValue } from "@context-mesh/common";

export interface ArrayDiff {
  /** Positions in the old list to remove, last first. */
  readonly removed: readonly number[];
  /** Positions in the new list to insert, first to last, after the removals. */
  readonly added: readonly number[];
  /** Old and new position of what stays; the content may differ where items have ids. */
  readonly kept: readonly (readonly [from: number, to: number])[];
}

const identity = (item: JsonValue): string => {
  const id = isJsonObject(item) ? item.id : undefined;
  return typeof id === "string" ? `id ${id}` : canonicalJson(item);
};

/** The first unused old position of each new item, or -1. */
const matches = (from: readonly JsonValue[], to: readonly JsonValue[]): number[] => {
  const placesByIdentity = new Map<string, number[]>();
  for (let at = from.length - 1; at >= 0; at -= 1) {
    const key = identity(from[at] as JsonValue);
    const places = placesByIdentity.get(key);
    if (places === undefined) placesByIdentity.set(key, [at]);
    else places.push(at);
  }
  return to.map((item) => placesByIdentity.get(identity(item))?.pop() ?? -1);
};

/** First position in `tails` whose value is not below `value`. */
const lowerBound = (tails: readonly number[], value: number, valueAt: (position: number) => number): number => {
  let [low, high] = [0, tails.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (valueAt(tails[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Positions of the longest rising run among values >= 0. */
const longestRise = (values: readonly number[]): number[] => {
  const tails: number[] = [];
  const previous: number[] = new Array(values.length).fill(-1);
  for (const [at, value] of values.entries()) {
    if (value < 0) continue;
    const place = lowerBound(tails, value, (position) => values[position] as number);
    previous[at] = place > 0 ? (tails[place - 1] as number) : -1;
    tails[place] = at;
  }
  const rise: number[] = [];
  for (let at = tails.at(-1) ?? -1; at !== -1; at = previous[at] as number) rise.push(at);
  return rise.reverse();
};

export const diffArrays = (from: readonly JsonValue[], to: readonly JsonValue[]): ArrayDiff => {
  const matched = matches(from, to);
  const kept = longestRise(matched).map((at) => [matched[at] as number, at] as const);
  const [stays, isThere] = [new Set(kept.map(([old]) => old)), new Set(kept.map(([, at]) => at))];
  const removed = [...from.keys()].filter((at) => !stays.has(at)).reverse();
  return { removed, added: [...to.keys()].filter((at) => !isThere.has(at)), kept };
};
