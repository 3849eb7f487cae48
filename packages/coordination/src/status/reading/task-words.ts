/** Words for tasks and priorities, and the numbers that some systems use instead. */

import type { JsonValue } from "@context-mesh/common";
import { type NormalisedWord, normaliseWord, type Vocabulary, vocabulary } from "./vocabulary.ts";

export type TaskWord = "pending" | "in_progress" | "blocked" | "completed" | "failed" | "cancelled";

export const defaultTaskWords: Vocabulary<TaskWord> = vocabulary<TaskWord>({
  words: {
    pending:
      "pending, todo, to do, open, new, queued, ready, available, available for claiming, unclaimed, unassigned, backlog, " +
      "not started, planned, scheduled, assigned, proposed, created, waiting, next, upcoming",
    in_progress:
      "in progress, inprogress, doing, active, started, claimed, working, ongoing, wip, running, executing, in review, " +
      "review, testing, accepted, processing, reopened, underway",
    blocked: "blocked, stuck, on hold, paused, impeded, waiting on dependency, deferred, suspended, needs info",
    completed:
      "completed, complete, done, closed, finished, success, successful, resolved, delivered, merged, verified, accomplished, " +
      "mission accomplished, shipped, passed, approved",
    failed: "failed, error, failure, broken, rejected, aborted, timeout, timed out, crashed",
    cancelled:
      "cancelled, canceled, abandoned, dropped, wont do, wontfix, obsolete, superseded, duplicate, skipped, removed",
  },
  weak: "new, open, ready, next, review, approved, active",
  symbols: {
    completed: "✅ ✔ ☑",
    failed: "❌ ✖ 🔴",
    blocked: "🚫 ⛔",
    in_progress: "🔄 🚧 🟢 🚀",
    pending: "⏳ 🟡 ⚪ ☐",
  },
});

export type PriorityWord = "critical" | "high" | "normal" | "low";

export const defaultPriorityWords: Vocabulary<PriorityWord> = vocabulary<PriorityWord>({
  words: {
    critical: "critical, urgent, immediate, emergency, blocker, highest, asap, top, p0, sev0, sev1, maximum, max",
    high: "high, important, major, p1, elevated, above normal",
    normal: "normal, medium, regular, moderate, standard, default, mid, average, p2, routine",
    low: "low, minor, lowest, trivial, p3, p4, p5, optional, someday, backlog, minimal",
  },
  weak: "top, mid, max, default",
  symbols: { critical: "🔴 🚨 🔥", high: "🟠", normal: "🟡", low: "🟢" },
});

/** Which end of a scale of numbers is the most urgent. Files do not say, so the reader can be told. */
export type PriorityScale = "low_number_first" | "high_number_first";

const byNumber = (value: number, scale: PriorityScale): PriorityWord => {
  if (scale === "low_number_first")
    return value <= 0 ? "critical" : value <= 1 ? "high" : value <= 3 ? "normal" : "low";
  return value >= 8 ? "critical" : value >= 4 ? "high" : value >= 2 ? "normal" : "low";
};

/** A number without a known scale is read with 0 as the most urgent up to 5, and with little confidence. */
export const normalisePriority = (
  table: Vocabulary<PriorityWord>,
  original: JsonValue,
  scale?: PriorityScale,
): NormalisedWord<PriorityWord> => {
  const number = typeof original === "string" && /^\s*\d{1,3}\s*$/.test(original) ? Number(original) : original;
  if (typeof number !== "number" || !Number.isFinite(number)) return normaliseWord(table, original);
  const assumed = scale ?? (number > 5 ? "high_number_first" : "low_number_first");
  const confidence = scale === undefined ? 0.4 : 0.9;
  return { meaning: byNumber(number, assumed), original, word: String(number), confidence };
};
