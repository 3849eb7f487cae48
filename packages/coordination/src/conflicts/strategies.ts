/** What settles a conflict: functions from its values to one of them, to another value, or to "keep both". */

import type { JsonObject, JsonValue } from "@context-mesh/common";
import { type ConflictValue, type OpenConflict, plainText, priorityOrder, statusOrder } from "./patterns.ts";

export type StrategyAnswer =
  | { readonly kind: "choose"; readonly id: string; readonly reason: string }
  | { readonly kind: "value"; readonly value: JsonValue | undefined; readonly reason: string }
  | { readonly kind: "keep_both"; readonly reason: string };

/** May be slow or fail: it is given a time, and whatever it does wrong keeps both values. */
export type Strategy = (conflict: OpenConflict) => StrategyAnswer | Promise<StrategyAnswer>;

export type StrategyTable = Readonly<Record<string, Strategy>>;

/** The greatest by a measure; of equal ones the first by id, so that everybody chooses the same. */
const best = (conflict: OpenConflict, measure: (candidate: ConflictValue) => number): ConflictValue =>
  conflict.candidates.reduce((a, b) => (measure(b) > measure(a) ? b : a));

const choosing =
  (reason: string, measure: (candidate: ConflictValue) => number): Strategy =>
  (conflict) => ({ kind: "choose", id: best(conflict, measure).id, reason });

const textOf = ({ value }: ConflictValue): string => (typeof value === "string" ? value : "");

const union: Strategy = ({ candidates }) => {
  const texts = candidates.flatMap(({ value }) => (Array.isArray(value) ? (value as readonly string[]) : []));
  return { kind: "value", value: [...new Set(texts)], reason: "each list keeps what it had" };
};

const join: Strategy = ({ candidates }) => ({
  kind: "value",
  value: Object.fromEntries(candidates.flatMap(({ value }) => Object.entries((value ?? {}) as JsonObject))),
  reason: "the objects say nothing different",
});

export const defaultStrategies: StrategyTable = {
  latest: choosing("they mean the same; the later one counts", ({ at }) => at),
  keep_changed: choosing("what was changed is not removed", ({ value }) => (value === undefined ? 0 : 1)),
  highest_priority: choosing("the more urgent one counts", (candidate) =>
    priorityOrder.findIndex((word) => word === plainText(textOf(candidate))),
  ),
  furthest: choosing("work that went further is not undone", (candidate) =>
    statusOrder.findIndex((word) => textOf(candidate) === word),
  ),
  greatest: choosing("the greater count has seen more", ({ value }) => (typeof value === "number" ? value : 0)),
  earliest_time: choosing("the earlier time is when it began", (candidate) => -Date.parse(textOf(candidate))),
  latest_time: choosing("the later time is when it ended", (candidate) => Date.parse(textOf(candidate))),
  longest: choosing("the longer text has the others in it", (candidate) => textOf(candidate).length),
  union,
  join,
  keep_both: () => ({ kind: "keep_both", reason: "these are different statements; somebody has to decide" }),
};
