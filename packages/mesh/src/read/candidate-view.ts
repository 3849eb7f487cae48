/** One of several values as the API shows it: with its author, and what the author had seen. */

import type { ContextView, ShownCandidate } from "@context-mesh/document";
import type { CandidateView } from "../api/types.ts";

export const toCandidateView = (view: ContextView, candidate: ShownCandidate): CandidateView => {
  const { id, value, agent, at, queued, seen } = candidate;
  const writes = Object.entries(seen).map(([writer, seq]) => ({ agent: view.replica.agentOf(writer), writer, seq }));
  return { id, value, agent, at, queued, seen: writes };
};
