/** One result a file: what its agent's status is, by which source, why, and what is wrong. */

import type { Mesh } from "context-mesh";
import {
  agentKey,
  documentSource,
  type Mending,
  mendingOf,
  observationOf,
  presenceSource,
  readFound,
  reconcile,
  type SourcedObservation,
  type StatusReading,
  type StatusSource,
  statusFiles,
  type Verdict,
  validateTold,
  wasMended,
} from "context-mesh/reconcile";
import type { Io } from "../frame/io.ts";
import type { ReadingOptions } from "./tables.ts";

export interface FileResult {
  readonly file: string;
  readonly agent: string | null;
  readonly status: string | null;
  readonly source: string | null;
  readonly why: string;
  readonly problems: readonly { readonly code: string; readonly detail: string }[];
}

export interface Reconciliation {
  readonly results: readonly FileResult[];
  /** What is to be written so that everybody is shown the same, one an agent. */
  readonly mendings: readonly Mending[];
  /** Of those, what was mended before and came back. */
  readonly recurring: readonly Mending[];
}

interface ReadFile {
  readonly reading: StatusReading;
  readonly observation: SourcedObservation | undefined;
}

const fileTitle = "the status file";

const readFiles = async (files: readonly string[], io: Io, options: ReadingOptions): Promise<readonly ReadFile[]> => {
  const nowMs = io.clock.wallMs();
  const found = await statusFiles({ files, cwd: io.cwd, clock: io.clock }).read();
  return found.map((item) => {
    const reading = readFound(item, nowMs, options);
    const observation = observationOf(reading, item.writtenMs);
    return { reading, observation: observation && { ...observation, source: "file", title: fileTitle } };
  });
};

const observedBy = async (source: StatusSource): Promise<readonly SourcedObservation[]> =>
  (await source.read()).map((observation) => ({ ...observation, source: source.name, title: source.title }));

/** What the shared context and presence say; this command's own presence says nothing of an agent's work. */
const observedInMesh = async (mesh: Mesh | undefined, io: Io): Promise<readonly SourcedObservation[]> => {
  if (mesh === undefined) return [];
  const others = {
    list: () => mesh.presence.list().filter(({ own }) => !own),
    subscribe: () => () => undefined,
  };
  return [
    ...(await observedBy(documentSource(mesh.statuses))),
    ...(await observedBy(presenceSource(others, io.clock))),
  ];
};

const ofAgent = (agent: string, observations: readonly SourcedObservation[]): readonly SourcedObservation[] =>
  observations.filter((observation) => agentKey(observation.agent) === agentKey(agent));

const resultOf = (
  { reading, observation }: ReadFile,
  inMesh: readonly SourcedObservation[],
  isInMesh: boolean,
  nowMs: number,
): FileResult => {
  const { file, agent, problems } = reading;
  const told =
    agent === undefined ? [] : [...(observation === undefined ? [] : [observation]), ...ofAgent(agent, inMesh)];
  const verdict: Verdict = reconcile(agent ?? "", told, { nowMs });
  const discrepancies = verdict.discrepancies.filter(({ code }) => isInMesh || code !== "display_missing");
  const [first] = problems;
  return {
    file,
    agent: agent ?? null,
    status: verdict.status ?? null,
    source: verdict.source ?? null,
    why: told.length === 0 && first !== undefined ? first.detail : verdict.why,
    problems: [...problems, ...discrepancies].map(({ code, detail }) => ({ code, detail })),
  };
};

/** Two files of one agent that say different things: each result tells it. */
const withOthers = (results: readonly FileResult[], files: readonly ReadFile[]): readonly FileResult[] =>
  results.map((result, at) => {
    const own = files[at]?.observation;
    const other = files.find(
      ({ observation }) =>
        own !== undefined &&
        observation !== undefined &&
        observation !== own &&
        agentKey(observation.agent) === agentKey(own.agent) &&
        observation.status !== undefined &&
        observation.status !== own.status,
    );
    if (other === undefined) return result;
    const detail = `${other.reading.file} says ${other.observation?.status} of the same agent.`;
    return { ...result, problems: [...result.problems, { code: "other_file_differs", detail }] };
  });

export interface ReconcileRequest {
  readonly files: readonly string[];
  readonly mesh: Mesh | undefined;
  readonly io: Io;
  readonly options: ReadingOptions;
}

export const reconcileFiles = async ({ files, mesh, io, options }: ReconcileRequest): Promise<Reconciliation> => {
  const nowMs = io.clock.wallMs();
  const [read, inMesh] = [await readFiles(files, io, options), await observedInMesh(mesh, io)];
  const results = read.map((file) => resultOf(file, inMesh, mesh !== undefined, nowMs));
  if (mesh === undefined) return { results: withOthers(results, read), mendings: [], recurring: [] };
  const agents = new Set(
    read.flatMap(({ observation }) => (observation === undefined ? [] : [agentKey(observation.agent)])),
  );
  const told = [...read.flatMap(({ observation }) => observation ?? []), ...inMesh].map((observation) => ({
    source: { name: observation.source, title: observation.title } as StatusSource,
    observations: [observation],
  }));
  const { verdicts } = validateTold(told, { nowMs, isPresenceKnown: false });
  const mendings = verdicts
    .filter(({ agent }) => agents.has(agentKey(agent)))
    .flatMap((verdict) => mendingOf(verdict) ?? []);
  const shown = mesh.statuses.list();
  const recurring = mendings.filter((mending) => wasMended(mending, shown));
  return { results: withOthers(results, read), mendings, recurring };
};
