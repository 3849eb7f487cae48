/** All agents at once: what every source says, gathered by agent. */

import type { StatusObservation, StatusSource } from "@context-mesh/ports";
import { type ReconcileOptions, reconcile, type SourcedObservation, type Verdict } from "./verdict.ts";

export interface Validation {
  readonly ok: boolean;
  readonly verdicts: readonly Verdict[];
  readonly agents: number;
  /** Agents with at least one discrepancy. */
  readonly differing: number;
  /** Sources that failed as a whole, against their contract. */
  readonly failures: readonly { readonly source: string; readonly detail: string }[];
}

interface Told {
  readonly source: StatusSource;
  readonly observations: readonly StatusObservation[];
}

/** `Agent-1` and `agent-1` are one agent. */
export const agentKey = (agent: string): string => agent.trim().toLowerCase();

const byAgent = (told: readonly Told[]): ReadonlyMap<string, readonly SourcedObservation[]> => {
  const found = new Map<string, SourcedObservation[]>();
  for (const { source, observations } of told) {
    for (const observation of observations) {
      const key = agentKey(observation.agent);
      const sourced = { ...observation, source: source.name, title: source.title };
      const known = found.get(key);
      if (known === undefined) found.set(key, [sourced]);
      else known.push(sourced);
    }
  }
  return found;
};

/** The spelling that everybody sees already, else the first one. */
const spelling = (observations: readonly SourcedObservation[], display: string): string =>
  (observations.find(({ source }) => source === display) ?? observations[0])?.agent ?? "";

export const validateTold = (
  told: readonly Told[],
  options: ReconcileOptions,
  failures: Validation["failures"] = [],
): Validation => {
  const { display = "document" } = options;
  const isPresenceKnown =
    options.isPresenceKnown ??
    told.some(({ source, observations }) => source.name === "presence" && observations.length > 0);
  const asked = { ...options, isPresenceKnown };
  const verdicts = [...byAgent(told).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, observations]) => reconcile(spelling(observations, display), observations, asked));
  const differing = verdicts.filter(({ discrepancies }) => discrepancies.length > 0).length;
  return { ok: differing === 0 && failures.length === 0, verdicts, agents: verdicts.length, differing, failures };
};

/** Reads every source and gives a verdict for every agent that any of them knows. */
export const validateStatuses = async (
  sources: readonly StatusSource[],
  options: ReconcileOptions,
): Promise<Validation> => {
  const failures: { source: string; detail: string }[] = [];
  const told = await Promise.all(
    sources.map(async (source): Promise<Told> => {
      try {
        return { source, observations: await source.read() };
      } catch (error) {
        failures.push({ source: source.name, detail: error instanceof Error ? error.message : String(error) });
        return { source, observations: [] };
      }
    }),
  );
  return validateTold(told, options, failures);
};
