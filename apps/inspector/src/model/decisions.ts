/** Decisions, what supersedes what, and which seem to contradict each other. */

import { firstText, type JsonObject, objectOf, objectsOf, textOf, textsOf, timeOf, wordOf } from "./read.ts";

export interface DecisionLine {
  readonly id: string;
  readonly decision: string;
  readonly type: string;
  readonly rationale: string;
  readonly by: string;
  readonly at: number | undefined;
  readonly impact: readonly string[];
  readonly supersedes: readonly string[];
  readonly supersededBy: readonly string[];
  /** Others of the same type that touch the same things and stand beside it. */
  readonly contradicts: readonly string[];
}

const lineOf = (item: JsonObject): DecisionLine => ({
  id: textOf(item.id),
  decision: firstText(item, "decision", "title", "summary") || "(without a text)",
  type: textOf(item.type),
  rationale: textOf(item.rationale),
  by: firstText(item, "decided_by", "by", "agent"),
  at: timeOf(item.timestamp),
  impact: textsOf(item.impact),
  supersedes: textsOf(item.supersedes ?? item.replaces),
  supersededBy: [],
  contradicts: textsOf(item.contradicts),
});

/** Words that name a choice: two decisions of a type over the same area that choose differently are worth a look. */
const contested = (a: DecisionLine, b: DecisionLine): boolean =>
  a.type !== "" &&
  wordOf(a.type) === wordOf(b.type) &&
  a.impact.length > 0 &&
  a.impact.length === b.impact.length &&
  a.impact.every((area) => b.impact.includes(area)) &&
  wordOf(a.decision) !== wordOf(b.decision);

const contradictionsMax = 2_000;

/** Newest first. */
export const decisionLines = (context: JsonObject): readonly DecisionLine[] => {
  const lines = objectsOf(objectOf(context.decisions_log).recent).map(lineOf);
  const supersededBy = new Map<string, string[]>();
  for (const { id, supersedes } of lines) {
    for (const old of supersedes) supersededBy.set(old, [...(supersededBy.get(old) ?? []), id]);
  }
  const standing = lines.filter(({ id }) => !supersededBy.has(id)).slice(-contradictionsMax);
  const byType = new Map<string, DecisionLine[]>();
  for (const line of standing) byType.set(wordOf(line.type), [...(byType.get(wordOf(line.type)) ?? []), line]);
  return lines
    .map((line) => {
      const peers = supersededBy.has(line.id) ? [] : (byType.get(wordOf(line.type)) ?? []);
      const against = peers.filter((other) => other.id !== line.id && contested(line, other)).map(({ id }) => id);
      const contradicts = [...new Set([...line.contradicts, ...against])];
      return { ...line, supersededBy: supersededBy.get(line.id) ?? [], contradicts };
    })
    .reverse();
};
