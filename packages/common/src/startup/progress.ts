/** Where each step of a start is, and what follows from it: which may begin, which is left out. Pure; time is an argument. */

import type { StartPlan } from "./plan.ts";
import type { Step } from "./step.ts";

export type StepState =
  | { readonly name: "waiting" }
  | { readonly name: "running"; readonly beganMs: number }
  | { readonly name: "started"; readonly beganMs: number; readonly endedMs: number }
  | { readonly name: "failed"; readonly beganMs: number; readonly endedMs: number; readonly error: unknown }
  | { readonly name: "left_out"; readonly reason: "dependency_failed" | "given_up"; readonly detail: string };

export type States = ReadonlyMap<string, StepState>;

export interface WorkerLimits {
  readonly overall: number;
  readonly ofGroup: (group: string) => number;
}

export interface Move {
  readonly begin: readonly Step[];
  readonly leaveOut: readonly { readonly step: Step; readonly because: string }[];
}

const waiting: StepState = { name: "waiting" };
export const stateOf = (states: States, name: string): StepState => states.get(name) ?? waiting;
const hasEnded = (state: StepState): boolean => state.name !== "waiting" && state.name !== "running";

type Readiness = { readonly is: "ready" | "not_yet" } | { readonly is: "hopeless"; readonly because: string };

const ready: Readiness = { is: "ready" };

const readinessOf = (plan: StartPlan, states: States, step: Step): Readiness => {
  if (step.needs === undefined) return ready;
  let is: "ready" | "not_yet" = "ready";
  for (const [name, kind] of Object.entries(step.needs)) {
    if (kind === "non_blocking" || !plan.names.has(name)) continue;
    const state = stateOf(states, name);
    if (!hasEnded(state)) is = "not_yet";
    else if (kind !== "optional" && state.name !== "started") return { is: "hopeless", because: name };
  }
  return { is };
};

/** The first phase that still has steps to come; steps of later ones wait. */
const openPhase = (plan: StartPlan, states: States): number => {
  if (plan.phases.length === 0) return 0;
  const open = plan.order
    .filter((step) => step.phase !== undefined && !hasEnded(stateOf(states, step.name)))
    .map((step) => plan.phases.indexOf(step.phase as string));
  return open.length === 0 ? plan.phases.length : Math.min(...open);
};

/** What to do next, given how far everything is. Asked after every step that ends, so it looks at each step once. */
export const nextMove = (plan: StartPlan, states: States, workers: WorkerLimits): Move => {
  const busy = new Map<string, number>();
  const toCome: Step[] = [];
  let free = workers.overall;
  for (const step of plan.order) {
    const { name } = stateOf(states, step.name);
    if (name === "waiting") toCome.push(step);
    if (name !== "running") continue;
    free -= 1;
    if (step.group !== undefined) busy.set(step.group, (busy.get(step.group) ?? 0) + 1);
  }
  const phase = openPhase(plan, states);
  const begin: Step[] = [];
  const leaveOut: Move["leaveOut"][number][] = [];
  for (const step of toCome) {
    const readiness = readinessOf(plan, states, step);
    if (readiness.is === "hopeless") leaveOut.push({ step, because: readiness.because });
    if (readiness.is !== "ready" || free === 0) continue;
    if (step.phase !== undefined && plan.phases.indexOf(step.phase) > phase) continue;
    const { group } = step;
    const inGroup = group === undefined ? 0 : (busy.get(group) ?? 0);
    if (group !== undefined && inGroup >= workers.ofGroup(group)) continue;
    if (group !== undefined) busy.set(group, inGroup + 1);
    free -= 1;
    begin.push(step);
  }
  return { begin, leaveOut };
};

/** Steps whose failure gives up the whole start. */
export const blockers = (plan: StartPlan): ReadonlySet<string> =>
  new Set(
    plan.order.flatMap((step) =>
      Object.entries(step.needs ?? {}).flatMap(([name, kind]) => (kind === "blocking" ? [name] : [])),
    ),
  );

export const isSuccess = (plan: StartPlan, states: States): boolean =>
  plan.order.every((step) => step.isOptional === true || stateOf(states, step.name).name === "started");
