/**
 * The sources of agents' statuses as a tab has them. It reads no files: what a status file said is known from what a
 * reconciler wrote beside the status that everybody sees.
 */

import type { Clock } from "@context-mesh/common";
import {
  documentSource,
  isAgentStatus,
  presenceSource,
  readEvidence,
  type Verdict,
  validateStatuses,
} from "@context-mesh/coordination/status";
import type { Mesh } from "@context-mesh/mesh";
import type { StatusObservation, StatusSource } from "@context-mesh/ports";
import type { StatusFact } from "../../model/facts.ts";

type Shown = ReturnType<Mesh["statuses"]["list"]>[number];

const fileObservation = (shown: Shown): readonly StatusObservation[] => {
  const evidence = [shown.evidence, ...shown.evidenceBeside].map(readEvidence).find((one) => one?.source === "file");
  if (evidence === undefined || !isAgentStatus(evidence.status)) return [];
  const saidMs = evidence.said === null ? Number.NaN : Date.parse(evidence.said);
  return [
    {
      agent: shown.agent,
      status: evidence.status,
      word: evidence.word,
      confidence: 1,
      saidMs: Number.isNaN(saidMs) ? undefined : saidMs,
      isOwn: true,
      isLive: false,
      heartbeatMs: undefined,
      workMs: undefined,
      evidence: evidence.discrepancy,
      place: "as a reconciler read it",
      problems: [],
    },
  ];
};

const rememberedFiles = (mesh: Mesh): StatusSource => ({
  name: "file",
  title: "the status file",
  read: () => Promise.resolve(mesh.statuses.list().flatMap(fileObservation)),
  watch: (onChange) => mesh.statuses.watch(onChange),
});

const factOf = ({ agent, status, source, why, discrepancies, observations }: Verdict): StatusFact => ({
  agent,
  status,
  source,
  why,
  said: observations.map((one) => ({ source: one.source, word: one.word, at: one.saidMs })),
  discrepancies: discrepancies.map(({ code, detail }) => ({ code, detail })),
});

/** The same judgement as `context-mesh reconcile`, over what this tab can see. People and their tabs are no agents. */
export const judgeStatuses = async (mesh: Mesh, clock: Clock): Promise<readonly StatusFact[]> => {
  const agents = {
    list: () => mesh.presence.list().filter(({ own, roles }) => !own && !roles.includes("visitor")),
    subscribe: () => () => undefined,
  };
  const sources = [rememberedFiles(mesh), documentSource(mesh.statuses), presenceSource(agents, clock)];
  const { verdicts } = await validateStatuses(sources, { nowMs: clock.wallMs(), isPresenceKnown: true });
  return verdicts.map(factOf);
};
