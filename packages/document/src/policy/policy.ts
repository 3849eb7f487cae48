/** The table of policies made runnable: `policyFor(key, version)` gives the order of candidates for a key. */

import type { JsonValue } from "@context-mesh/common";
import { compareStandings } from "../entry/standing.ts";
import type { Candidate, Policy } from "../entry/types.ts";
import { parseStatus, wordRank } from "../layout/status.ts";
import { type Criterion, defaultPolicyVersion, type PolicyRule, policyTables } from "./table.ts";

type Comparison = (a: Candidate, b: Candidate) => number;

const descending = (a: number, b: number): number => (a === b ? 0 : a > b ? -1 : 1);
const by =
  (measure: (candidate: Candidate) => number): Comparison =>
  (a, b) =>
    descending(measure(a), measure(b));

const isThere = (value: JsonValue | undefined): boolean => value !== undefined && value !== false;
const numberOf = (value: JsonValue | undefined): number => (typeof value === "number" ? value : 0);

const comparisons: Readonly<Record<Criterion, Comparison>> = {
  present: by((candidate) => (candidate.value === undefined ? 0 : 1)),
  round: by((candidate) => (candidate.value === undefined ? -1 : parseStatus(candidate.value).round)),
  word: by((candidate) => (candidate.value === undefined ? -1 : wordRank(parseStatus(candidate.value).word))),
  standing: (a, b) => -compareStandings(a.meta?.standing, b.meta?.standing),
  true: by((candidate) => (isThere(candidate.value) ? 1 : 0)),
  greatest: by((candidate) => numberOf(candidate.value)),
};

/** Newest first, then the greater writer id, so that no two entries are ever equal. */
const lastResort: Comparison = (a, b) =>
  descending(a.hlc, b.hlc) || (a.writer === b.writer ? descending(a.seq, b.seq) : a.writer > b.writer ? -1 : 1);

interface Compiled {
  readonly segments: readonly string[];
  readonly rule: PolicyRule;
  readonly policy: Policy;
}

const compile = (rule: PolicyRule): Compiled => {
  const chain = [...rule.order.map((criterion) => comparisons[criterion]), lastResort];
  const order: Comparison = (a, b) => {
    for (const compare of chain) {
      const answer = compare(a, b);
      if (answer !== 0) return answer;
    }
    return 0;
  };
  return { segments: rule.keys.split("/"), rule, policy: { order } };
};

const compiledTables = new Map<number, readonly Compiled[]>(
  Object.entries(policyTables).map(([version, rules]) => [Number(version), rules.map(compile)]),
);

const fits = (pattern: readonly string[], segments: readonly string[]): boolean =>
  pattern.length === 1 ||
  (pattern.length === segments.length && pattern.every((part, at) => part === "*" || part === segments[at]));

const ruleFor = (key: string, version: number): Compiled | undefined => {
  const bare = key.endsWith("?") ? key.slice(0, -1) : key;
  const segments = bare.split("/");
  return compiledTables.get(version)?.find((compiled) => fits(compiled.segments, segments));
};

/** Rules depend on the first segment, the field and the depth only, so they are remembered by these. */
const remembered = new Map<string, Compiled | undefined>();
const rememberedMax = 4_096;

const signature = (key: string, version: number): string => {
  const first = key.indexOf("/");
  const second = key.indexOf("/", first + 1);
  if (first < 0 || second < 0) return `${version}:${first < 0 ? "" : key.slice(0, key === "r/P" ? 3 : first)}`;
  const third = key.indexOf("/", second + 1);
  return `${version}:${key.slice(0, first)}:${third < 0 ? key.slice(second) : `${key.slice(second, third)}/`}`;
};

const cachedRule = (key: string, version: number): Compiled | undefined => {
  const name = signature(key, version);
  if (remembered.has(name)) return remembered.get(name);
  const rule = ruleFor(key, version);
  if (remembered.size < rememberedMax) remembered.set(name, rule);
  return rule;
};

/** The order of candidates for a key; undefined when this software does not know the version: then nobody wins. */
export const policyFor = (key: string, version: number = defaultPolicyVersion): Policy | undefined =>
  cachedRule(key, version)?.policy;

/** The name of the rule, for conflict records. */
export const strategyFor = (key: string, version: number = defaultPolicyVersion): string =>
  cachedRule(key, version)?.rule.strategy ?? "undecided";

export const isKnownPolicyVersion = (version: number): boolean => compiledTables.has(version);
