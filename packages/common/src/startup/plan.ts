/** Checks a start before it begins: names, dependencies, phases, and an order in which everything could start one by one. */

import { err, ok, type Result } from "../result.ts";
import type { Step } from "./step.ts";

export interface StartPlan {
  /** Every step behind all that it needs; the reverse is the order of stopping. */
  readonly order: readonly Step[];
  readonly names: ReadonlySet<string>;
  readonly phases: readonly string[];
}

type PlanRefusal = "duplicate_step" | "unknown_dependency" | "dependency_cycle" | "unknown_phase" | "phase_order";

const firstProblem = (steps: readonly Step[], phases: readonly string[]): Result<never, PlanRefusal> | undefined => {
  const byName = new Map<string, Step>();
  for (const step of steps) {
    if (byName.has(step.name)) return err("duplicate_step", `two steps are called \`${step.name}\``);
    byName.set(step.name, step);
  }
  const rank = (step: Step): number => (step.phase === undefined ? -1 : phases.indexOf(step.phase));
  for (const step of steps) {
    if (step.phase !== undefined && rank(step) < 0) return err("unknown_phase", `\`${step.name}\`: ${step.phase}`);
    for (const [name, kind] of Object.entries(step.needs ?? {})) {
      const other = byName.get(name);
      if (other === undefined) {
        if (kind === "required" || kind === "blocking") {
          return err("unknown_dependency", `\`${step.name}\` needs \`${name}\`, which is no step`);
        }
      } else if (kind !== "non_blocking" && step.phase !== undefined && rank(other) > rank(step)) {
        return err("phase_order", `\`${step.name}\` needs \`${name}\`, which starts in a later phase`);
      }
    }
  }
  return undefined;
};

/** A step's place among the others: earlier phases first, then as given. */
const inPhases = (steps: readonly Step[], phases: readonly string[]): readonly Step[] => {
  const rank = (step: Step): number => (step.phase === undefined ? -1 : phases.indexOf(step.phase));
  return steps
    .map((step, at) => ({ step, at }))
    .sort((a, b) => rank(a.step) - rank(b.step) || a.at - b.at)
    .map(({ step }) => step);
};

/** Depth first; the circle in words when there is one. */
const inOrder = (steps: readonly Step[]): Result<readonly Step[], PlanRefusal> => {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const done = new Set<string>();
  const order: Step[] = [];
  const visit = (step: Step, path: readonly string[]): readonly string[] | undefined => {
    if (done.has(step.name)) return undefined;
    if (path.includes(step.name)) return [...path.slice(path.indexOf(step.name)), step.name];
    for (const name of Object.keys(step.needs ?? {})) {
      const other = byName.get(name);
      const circle = other === undefined ? undefined : visit(other, [...path, step.name]);
      if (circle !== undefined) return circle;
    }
    done.add(step.name);
    order.push(step);
    return undefined;
  };
  for (const step of steps) {
    const circle = visit(step, []);
    if (circle !== undefined) return err("dependency_cycle", circle.join(" → "));
  }
  return ok(order);
};

export const planStart = (steps: readonly Step[], phases: readonly string[]): Result<StartPlan, PlanRefusal> => {
  const problem = firstProblem(steps, phases);
  if (problem !== undefined) return problem;
  const order = inOrder(inPhases(steps, phases));
  return order.ok ? ok({ order: order.value, names: new Set(steps.map(({ name }) => name)), phases }) : order;
};
