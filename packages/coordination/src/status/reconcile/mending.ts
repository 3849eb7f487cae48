/** What to write so that everybody is shown what the chosen source says. Equal discrepancies give equal values. Pure. */

import type { JsonObject } from "@context-mesh/common";
import type { AgentStatus } from "../reading/status-words.ts";
import { readEvidence, type ShownStatuses, type StatusEvidence } from "../sources/document-source.ts";
import { agentKey } from "./validate.ts";
import type { Discrepancy, DiscrepancyCode, Verdict } from "./verdict.ts";

export interface Mending {
  readonly agent: string;
  readonly status: AgentStatus;
  readonly evidence: StatusEvidence & JsonObject;
  readonly discrepancy: Discrepancy;
}

const whyLengthMax = 600;

/** What a write can mend; the others are for a person. */
const mendable: ReadonlySet<DiscrepancyCode> = new Set(["display_differs", "display_missing", "display_undecided"]);

/** undefined when nothing is to be written. Neither the writer nor the moment is part of it: several write the same. */
export const mendingOf = (verdict: Verdict): Mending | undefined => {
  const { agent, status, source, word, saidMs, why, discrepancies } = verdict;
  const discrepancy = discrepancies.find(({ code }) => mendable.has(code));
  if (discrepancy === undefined || status === undefined || source === undefined) return undefined;
  const said = saidMs === undefined || source === "presence" ? null : new Date(saidMs).toISOString();
  return {
    agent,
    status,
    evidence: { status, source, word, said, discrepancy: discrepancy.id, why: why.slice(0, whyLengthMax) },
    discrepancy,
  };
};

/** The discrepancy was mended before, and somebody has changed the display since although nothing new was said. */
export const wasMended = ({ agent, discrepancy }: Mending, shown: ReturnType<ShownStatuses["list"]>): boolean => {
  const found = shown.find((status) => agentKey(status.agent) === agentKey(agent));
  return readEvidence(found?.evidence)?.discrepancy === discrepancy.id;
};
