/** What the shared context shows (`agent_status`), as a source. */

import { isJsonObject, type JsonValue, type Unsubscribe } from "@context-mesh/common";
import type { StatusObservation, StatusSource } from "@context-mesh/ports";
import { problem } from "../reading/problems.ts";
import { type AgentStatus, defaultStatusWords } from "../reading/status-words.ts";
import { normaliseWord, type Vocabulary } from "../reading/vocabulary.ts";
import { evidenceOf } from "./file-source.ts";

/** What is needed of `mesh.statuses`. */
export interface ShownStatuses {
  list(): readonly {
    readonly agent: string;
    readonly status: JsonValue | undefined;
    readonly evidence: JsonValue | undefined;
    readonly evidenceBeside: readonly JsonValue[];
    readonly by: string | undefined;
    readonly at: number | undefined;
    readonly beside: readonly JsonValue[];
  }[];
  watch(onChange: () => void): Unsubscribe;
}

/** What a reconciler keeps beside the status that it wrote. */
export interface StatusEvidence {
  readonly status: string;
  readonly source: string;
  readonly word: string;
  readonly said: string | null;
  readonly discrepancy: string;
  readonly why: string;
}

export const readEvidence = (value: JsonValue | undefined): StatusEvidence | undefined => {
  if (!isJsonObject(value)) return undefined;
  const { status, source, word, said, discrepancy, why } = value;
  const isWhole = [status, source, word, discrepancy, why].every((text) => typeof text === "string");
  return isWhole && (said === null || typeof said === "string") ? (value as unknown as StatusEvidence) : undefined;
};

const saidOf = (evidence: StatusEvidence): number | undefined => {
  const ms = evidence.said === null ? Number.NaN : Date.parse(evidence.said);
  return Number.isNaN(ms) ? undefined : ms;
};

type Shown = ReturnType<ShownStatuses["list"]>[number];

const evidenceFor = (shown: Shown, status: JsonValue | undefined): StatusEvidence | undefined =>
  [shown.evidence, ...shown.evidenceBeside].map(readEvidence).find((evidence) => evidence?.status === status);

/** A status that a reconciler put there is as old as what it rests on; any other as old as its entry. */
const observeValue = (
  shown: Shown,
  status: JsonValue | undefined,
  words: Vocabulary<AgentStatus>,
): StatusObservation => {
  const word = typeof status === "string" ? status : JSON.stringify(status ?? null);
  const { meaning, confidence } = normaliseWord(words, status ?? null);
  const evidence = evidenceFor(shown, status);
  const isDerived = evidence !== undefined;
  return {
    agent: shown.agent,
    status: meaning,
    word: isDerived ? evidence.word : word,
    confidence,
    saidMs: isDerived ? saidOf(evidence) : shown.at,
    isOwn: isDerived || shown.by?.toLowerCase() === shown.agent.toLowerCase(),
    isLive: false,
    heartbeatMs: undefined,
    workMs: undefined,
    evidence: evidenceOf(["document", shown.agent.toLowerCase(), word, shown.at ?? null]),
    place: `agent_status[${shown.agent}].status`,
    problems: [],
  };
};

/** What is shown, and after it every value that stands beside it undecided: the one that was said last may be among them. */
const observe = (shown: Shown, words: Vocabulary<AgentStatus>): readonly StatusObservation[] => {
  const first = observeValue(shown, shown.status, words);
  if (shown.beside.length === 0) return [first];
  const beside = shown.beside.map((value) => JSON.stringify(value)).join(", ");
  return [
    { ...first, problems: [problem("undecided", `Beside it stands ${beside}, undecided.`)] },
    ...shown.beside.map((value) => observeValue(shown, value, words)),
  ];
};

export const documentSource = (
  statuses: ShownStatuses,
  words: Vocabulary<AgentStatus> = defaultStatusWords,
): StatusSource => ({
  name: "document",
  title: "the shared context",
  read: () => Promise.resolve(statuses.list().flatMap((shown) => observe(shown, words))),
  watch: (onChange) => statuses.watch(onChange),
});
