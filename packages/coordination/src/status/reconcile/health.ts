/** How well an agent is, from signs that are not the same: a living process, its heartbeat, its last real work. Pure. */

import { limits } from "@context-mesh/common";
import type { SourcedObservation, Verdict } from "./verdict.ts";

export type Vitality =
  /** Here, and worked lately. */
  | "working"
  /** Here, and has not worked for a while, whatever it says. */
  | "alive_without_work"
  /** Its process still answers, and its heartbeat is late. */
  | "late"
  /** Not here; it worked or spoke not long ago. */
  | "away"
  /** Not here, and no sign of it for so long that it may be forgotten. */
  | "ghost";

export interface SourceAge {
  readonly source: string;
  readonly place: string;
  readonly status: string | undefined;
  /** Since it was said; undefined when nobody knows. */
  readonly ageMs: number | undefined;
}

export interface AgentHealth {
  readonly agent: string;
  readonly vitality: Vitality;
  readonly isProcessAlive: boolean;
  readonly heartbeatAgeMs: number | undefined;
  readonly workAgeMs: number | undefined;
  readonly sources: readonly SourceAge[];
}

export interface HealthOptions {
  readonly nowMs: number;
  /** A heartbeat older than this is late. */
  readonly heartbeatMs?: number;
  /** Work older than this is long ago. */
  readonly workMs?: number;
  /** Without any sign for this long an agent is a ghost. */
  readonly ghostMs?: number;
}

export const statusHealthDefaults = {
  heartbeatMs: 2 * limits.presenceRenewMs,
  workMs: 60 * 60_000,
  ghostMs: 7 * 24 * 60 * 60_000,
} as const;

const newest = (times: readonly (number | undefined)[]): number | undefined => {
  const known = times.filter((ms): ms is number => ms !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
};

const vitalityOf = (
  health: Omit<AgentHealth, "vitality">,
  lastSignAgeMs: number | undefined,
  { heartbeatMs, workMs, ghostMs }: Required<Omit<HealthOptions, "nowMs">>,
): Vitality => {
  if (health.isProcessAlive) {
    if ((health.heartbeatAgeMs ?? 0) > heartbeatMs) return "late";
    return (health.workAgeMs ?? Number.POSITIVE_INFINITY) <= workMs ? "working" : "alive_without_work";
  }
  return lastSignAgeMs !== undefined && lastSignAgeMs < ghostMs ? "away" : "ghost";
};

/** What a display says of an agent is no sign of life, unless the agent said it itself. */
const isSign = ({ isOwn }: SourcedObservation): boolean => isOwn;

export const agentHealth = ({ agent, observations }: Verdict, options: HealthOptions): AgentHealth => {
  const { nowMs } = options;
  const age = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : Math.max(0, nowMs - ms));
  const health = {
    agent,
    isProcessAlive: observations.some(({ isLive }) => isLive),
    heartbeatAgeMs: age(newest(observations.map(({ heartbeatMs }) => heartbeatMs))),
    workAgeMs: age(newest(observations.map(({ workMs }) => workMs))),
    sources: observations.map(({ source, place, status, saidMs }) => ({ source, place, status, ageMs: age(saidMs) })),
  };
  const said = observations.filter(isSign).map(({ saidMs }) => saidMs);
  const lastSign = newest([...said, ...observations.flatMap(({ heartbeatMs, workMs }) => [heartbeatMs, workMs])]);
  return { ...health, vitality: vitalityOf(health, age(lastSign), { ...statusHealthDefaults, ...options }) };
};

/** Ghosts that only the display still knows: no file and no process would bring them back. */
export const ghostsIn = (
  verdicts: readonly Verdict[],
  options: HealthOptions,
  display = "document",
): readonly string[] =>
  verdicts
    .filter(({ observations }) => observations.length > 0 && observations.every(({ source }) => source === display))
    .filter((verdict) => {
      const { saidMs } = verdict.observations[0] as SourcedObservation;
      const isOld = options.nowMs - (saidMs ?? 0) >= (options.ghostMs ?? statusHealthDefaults.ghostMs);
      return isOld && !agentHealth(verdict, options).isProcessAlive;
    })
    .map(({ agent }) => agent);
