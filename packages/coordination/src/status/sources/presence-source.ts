/** Who is here now, as a source: a living process, its heartbeat, what it says it does, and when it last really worked. */

import { type Clock, isJsonObject, type JsonValue, limits, type Unsubscribe } from "@context-mesh/common";
import type { StatusObservation, StatusSource } from "@context-mesh/ports";
import { type AgentStatus, defaultStatusWords } from "../reading/status-words.ts";
import { readTime } from "../reading/times.ts";
import { normaliseWord, type Vocabulary } from "../reading/vocabulary.ts";
import { evidenceOf } from "./file-source.ts";

/** What is needed of `mesh.presence`. */
export interface PresentAgents {
  list(): readonly {
    readonly agent: string;
    readonly state: Readonly<Record<string, JsonValue>>;
    readonly seenMsAgo: number;
  }[];
  subscribe(listener: () => void): Unsubscribe;
}

type Present = ReturnType<PresentAgents["list"]>[number];

const observe = (present: Present, nowMs: number, words: Vocabulary<AgentStatus>): StatusObservation => {
  const { agent, state, seenMsAgo } = present;
  const said = isJsonObject(state.status) ? state.status.word : state.status;
  const word = typeof said === "string" ? said : "";
  const { meaning, confidence } = normaliseWord(words, word);
  const work = state.worked === undefined ? undefined : readTime(state.worked, { nowMs });
  return {
    agent,
    status: meaning,
    word,
    confidence,
    saidMs: nowMs - seenMsAgo,
    isOwn: true,
    isLive: seenMsAgo <= limits.presenceTimeoutMs,
    heartbeatMs: nowMs - seenMsAgo,
    workMs: work === undefined || work.isFuture ? undefined : work.ms,
    evidence: evidenceOf(["presence", agent.toLowerCase(), word]),
    place: "presence",
    problems: [],
  };
};

/** An agent says its status with `mesh.presence.set({ status: "reviewing", worked: clock.wallMs() })`. */
export const presenceSource = (
  presence: PresentAgents,
  clock: Clock,
  words: Vocabulary<AgentStatus> = defaultStatusWords,
): StatusSource => ({
  name: "presence",
  title: "its own process",
  read: () => Promise.resolve(presence.list().map((present) => observe(present, clock.wallMs(), words))),
  watch(onChange) {
    let isFirst = true;
    return presence.subscribe(() => {
      if (!isFirst) onChange();
      isFirst = false;
    });
  },
});
