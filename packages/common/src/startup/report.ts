/** From the states of a finished start to what is told about it. */

import { isMeshError, messageOf } from "../errors.ts";
import type { StartPlan } from "./plan.ts";
import { isSuccess, type States, type StepState, stateOf } from "./progress.ts";
import type { StartMode, StartReport, Step, StepReport } from "./step.ts";

const stepReport = (step: Step, state: StepState, zeroMs: number): StepReport => {
  const base = { name: step.name, phase: step.phase, group: step.group };
  const nothing = { reason: undefined, detail: undefined, error: undefined };
  if (state.name === "started" || state.name === "failed") {
    const times = { beganMs: state.beganMs - zeroMs, tookMs: state.endedMs - state.beganMs };
    if (state.name === "started") return { ...base, state: "started", ...times, ...nothing };
    const { error } = state;
    const reason = isMeshError(error) ? error.code : "failed";
    return { ...base, state: "failed", ...times, reason, detail: messageOf(error), error };
  }
  const why = state.name === "left_out" ? { reason: state.reason, detail: state.detail } : {};
  return { ...base, state: "left_out", beganMs: 0, tookMs: 0, ...nothing, ...why };
};

export interface Finished {
  readonly plan: StartPlan;
  readonly states: States;
  readonly mode: StartMode;
  readonly fellBackBecause: string | undefined;
  readonly beganMs: number;
  readonly endedMs: number;
}

export const reportOf = ({ plan, states, mode, fellBackBecause, beganMs, endedMs }: Finished): StartReport => {
  const steps = plan.order.map((step) => stepReport(step, stateOf(states, step.name), beganMs));
  const phases = plan.phases.flatMap((name) => {
    const ran = steps.filter((step) => step.phase === name && step.state !== "left_out");
    if (ran.length === 0) return [];
    const began = Math.min(...ran.map((step) => step.beganMs));
    return [{ name, tookMs: Math.max(...ran.map((step) => step.beganMs + step.tookMs)) - began }];
  });
  return {
    ok: isSuccess(plan, states),
    mode,
    fellBackBecause,
    tookMs: endedMs - beganMs,
    stepsMs: steps.reduce((sum, step) => sum + step.tookMs, 0),
    phases,
    steps,
  };
};

/** Throws what made a start fail: the error of the first failed step that it could not do without. */
export const orThrow = (report: StartReport): StartReport => {
  if (report.ok) return report;
  throw report.steps.find((step) => step.state === "failed")?.error ?? new Error("the start was given up");
};
