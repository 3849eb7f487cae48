/**
 * One status out of what several sources say of an agent: which one counts, why, and where the others differ. Pure: time is an
 * argument, and equal statements give equal verdicts on every machine.
 */

import type { StatusNote, StatusObservation } from "@context-mesh/ports";
import { certainFrom } from "../reading/read-status-file.ts";
import { type AgentStatus, isAgentStatus } from "../reading/status-words.ts";
import { evidenceOf } from "../sources/file-source.ts";
import { agreementOf, differenceOf, missingOf, quietOf, saidBy, silence } from "./sentences.ts";

export interface SourcedObservation extends StatusObservation {
  readonly source: string;
  readonly title: string;
}

export type DiscrepancyCode =
  /** What everybody sees is not what the chosen source says. */
  | "display_differs"
  /** A source knows the agent, and the shared context shows nothing of it. */
  | "display_missing"
  /** Two values stand in the shared context, undecided. */
  | "display_undecided"
  /** Another source says something else. */
  | "source_differs"
  /** It is said to work, and nobody by that name is here. */
  | "not_live"
  /** The source is damaged; what it said last counts. */
  | "source_damaged";

export interface Discrepancy {
  readonly code: DiscrepancyCode;
  /** Names what has to be mended: equal on every machine that sees the same. */
  readonly id: string;
  readonly source: string;
  readonly detail: string;
}

export interface Verdict {
  readonly agent: string;
  /** undefined: no source says anything that can be understood. */
  readonly status: AgentStatus | undefined;
  readonly source: string | undefined;
  /** What the chosen source says in its own words. */
  readonly word: string;
  readonly saidMs: number | undefined;
  readonly confidence: number;
  readonly why: string;
  /** Names what the chosen source says: equal wherever it is read, other as soon as the source says something new. */
  readonly statement: string;
  readonly discrepancies: readonly Discrepancy[];
  readonly problems: readonly (StatusNote & { readonly source: string; readonly place: string })[];
  readonly observations: readonly SourcedObservation[];
}

export interface ReconcileOptions {
  readonly nowMs: number;
  /** Name of the source that everybody sees; default `document`. */
  readonly display?: string;
  /** Who is asked first among sources that say something at the same time; default file, then others, then the display. */
  readonly trust?: Readonly<Record<string, number>>;
  /** An agent that is said to work without being here, longer than this after its last work, is told. */
  readonly quietMs?: number;
  /** Whether somebody was asked who is here; without that nobody is called missing. Default false. */
  readonly isPresenceKnown?: boolean;
}

export const defaultQuietMs = 60 * 60_000;
export const defaultTrust: Readonly<Record<string, number>> = { presence: 3, file: 2, document: 0 };
const otherTrust = 1;

/** Statuses in which an agent is expected to be here. */
const working: ReadonlySet<AgentStatus> = new Set(["active", "starting"]);

interface Usable extends SourcedObservation {
  readonly status: AgentStatus;
}

const isUsable = (observation: SourcedObservation): observation is Usable =>
  observation.status !== undefined && isAgentStatus(observation.status);

/** A display that says "not there yet" in somebody else's words is what an empty display says. */
const isEmptyDisplay = (observation: Usable, display: string): boolean =>
  observation.source === display && observation.status === "uninitialized" && !observation.isOwn;

/** Greater first; compared from left to right. */
const rankOf = (observation: Usable, display: string, trust: Readonly<Record<string, number>>): readonly number[] => [
  isEmptyDisplay(observation, display) ? 0 : 1,
  observation.confidence >= certainFrom ? 1 : 0,
  observation.isLive ? 1 : 0,
  observation.isOwn ? 1 : 0,
  observation.saidMs ?? 0,
  trust[observation.source] ?? otherTrust,
];

const compareRanks = (a: readonly number[], b: readonly number[]): number => {
  for (const [at, value] of a.entries()) {
    const other = b[at] ?? 0;
    if (value !== other) return other - value;
  }
  return 0;
};

const inOrder = (usable: readonly Usable[], options: ReconcileOptions): readonly Usable[] => {
  const { display = "document", trust = {} } = options;
  const ranked = usable.map((observation) => ({
    observation,
    rank: rankOf(observation, display, { ...defaultTrust, ...trust }),
  }));
  ranked.sort((a, b) => compareRanks(a.rank, b.rank) || (a.observation.evidence < b.observation.evidence ? -1 : 1));
  return ranked.map(({ observation }) => observation);
};

const statementOf = (chosen: Usable): string =>
  evidenceOf([chosen.agent.toLowerCase(), chosen.source, chosen.status, chosen.evidence]);

const discrepancy = (code: DiscrepancyCode, chosen: Usable, source: string, detail: string): Discrepancy => ({
  code,
  id: statementOf(chosen),
  source,
  detail,
});

const displayDiscrepancies = (
  chosen: Usable,
  observations: readonly SourcedObservation[],
  display: string,
): readonly Discrepancy[] => {
  const shown = observations.find(({ source }) => source === display);
  if (shown === undefined) return [discrepancy("display_missing", chosen, display, missingOf(chosen))];
  if (shown.status !== chosen.status) {
    return [discrepancy("display_differs", chosen, display, differenceOf(chosen, shown))];
  }
  const undecided = shown.problems.find(({ code }) => code === "undecided");
  return undecided === undefined ? [] : [discrepancy("display_undecided", chosen, display, undecided.detail)];
};

const notLive = (
  chosen: Usable,
  observations: readonly SourcedObservation[],
  { nowMs, quietMs = defaultQuietMs, isPresenceKnown = false }: ReconcileOptions,
): readonly Discrepancy[] => {
  if (!isPresenceKnown) return [];
  if (!working.has(chosen.status) || observations.some(({ isLive }) => isLive)) return [];
  const signs = observations.flatMap(({ workMs = 0, heartbeatMs = 0 }) => [workMs, heartbeatMs]);
  const last = Math.max(0, ...signs);
  return nowMs - last < quietMs ? [] : [discrepancy("not_live", chosen, chosen.source, quietOf(chosen, last))];
};

const isDamage = ({ code }: StatusNote): boolean => code !== "undecided";

const damaged = (chosen: Usable): readonly Discrepancy[] => {
  const [first] = chosen.problems.filter(isDamage);
  const hasBytes = chosen.problems.some(({ code }) => unreadableNow.has(code));
  return first === undefined || !hasBytes ? [] : [discrepancy("source_damaged", chosen, chosen.source, first.detail)];
};

/** Problems with which a reading has no status of its own: an older one was kept. */
const unreadableNow: ReadonlySet<string> = new Set([
  "not_found",
  "not_a_file",
  "symlink_loop",
  "unreadable",
  "too_large",
  "empty",
  "nul_filled",
  "not_json",
  "too_deep",
  "no_status",
  "unknown_status",
]);

const problemsOf = (observations: readonly SourcedObservation[]) =>
  observations.flatMap(({ problems, source, place }) => problems.map((note) => ({ ...note, source, place })));

const unknownVerdict = (agent: string, observations: readonly SourcedObservation[]): Verdict => ({
  agent,
  status: undefined,
  source: undefined,
  word: observations[0]?.word ?? "",
  saidMs: undefined,
  confidence: 0,
  why: silence(observations),
  statement: "",
  discrepancies: [],
  problems: problemsOf(observations),
  observations,
});

/** `observations`: what each source says of this one agent. */
export const reconcile = (
  agent: string,
  observations: readonly SourcedObservation[],
  options: ReconcileOptions,
): Verdict => {
  const { display = "document" } = options;
  const [chosen, ...others] = inOrder(observations.filter(isUsable), options);
  if (chosen === undefined) return unknownVerdict(agent, observations);
  const different = others.filter(({ status, source }) => status !== chosen.status && source !== display);
  return {
    agent,
    status: chosen.status,
    source: chosen.source,
    word: chosen.word,
    saidMs: chosen.saidMs,
    confidence: chosen.confidence,
    why: [saidBy(chosen), agreementOf(chosen, others)].join(" "),
    statement: statementOf(chosen),
    discrepancies: [
      ...displayDiscrepancies(chosen, observations, display),
      ...different.map((other) => discrepancy("source_differs", chosen, other.source, differenceOf(chosen, other))),
      ...notLive(chosen, observations, options),
      ...damaged(chosen),
    ],
    problems: problemsOf(observations),
    observations,
  };
};
