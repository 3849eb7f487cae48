/** Conflicts in words: which rule chose, what each author had seen. */

import { countText } from "./ages.ts";
import type { CandidateFact, ConflictFact } from "./facts.ts";

const strategies: Readonly<Record<string, string>> = {
  undecided: "No rule may choose here: somebody has to decide.",
  latest: "The latest value is shown until somebody decides.",
  furthest_status: "The status that is furthest along is shown until somebody decides.",
  keep_element: "The rule keeps what somebody still wants until somebody decides.",
  greatest: "The greatest value is shown.",
  manual: "Somebody decided.",
};

export const ruleText = (strategy: string): string =>
  strategies[strategy] ?? `The rule "${strategy.replaceAll("_", " ")}" chose what is shown.`;

export const typeText = (type: string): string =>
  type === "concurrent_removal" ? "Removed by one, changed by another" : "Changed by several at once";

const writerOf = (candidate: CandidateFact): string => candidate.id.slice(0, candidate.id.lastIndexOf(":"));
const seqOf = (candidate: CandidateFact): number => Number(candidate.id.slice(candidate.id.lastIndexOf(":") + 1));

/** What this value's author knew of the field when writing, and which of the others it had not seen. */
export const seenText = (candidate: CandidateFact, conflict: ConflictFact): string => {
  const seen = new Map((candidate.seen ?? []).map(({ writer, seq }) => [writer, seq]));
  const unseen = conflict.candidates.filter(
    (other) => other.id !== candidate.id && (seen.get(writerOf(other)) ?? 0) < seqOf(other),
  );
  const agents = [...new Set((candidate.seen ?? []).map(({ agent }) => agent))];
  const had = agents.length === 0 ? "Had seen no value by others" : `Had seen earlier values by ${agents.join(", ")}`;
  const names = [...new Set(unseen.map(({ agent }) => agent))];
  return names.length === 0 ? `${had}.` : `${had}, and not the one by ${names.join(" or ")}.`;
};

export const summaryText = (conflict: ConflictFact): string =>
  `${countText(conflict.candidates.length, "value")} by ${[...new Set(conflict.candidates.map(({ agent }) => agent))].join(", ")}`;
