/** The five ways to run a set of jobs: one after another, all at once, stage by stage, by dependencies, at a pace found on the way. */

import { MeshError } from "@context-mesh/common";
import type { Job, JobOutcome } from "./job.ts";
import { JobRunner, type JobRunnerOptions } from "./runner.ts";

/** `sequential`: in order, none after a failure. `parallel`: what they come after is left aside. `workflow`: by what they come after. `adaptive`: so too, with as many workers as are worth having. */
export type JobMode = "sequential" | "parallel" | "workflow" | "adaptive";

const inMode = (jobs: readonly Job[], mode: JobMode): readonly Job[] => {
  if (mode === "workflow" || mode === "adaptive") return jobs;
  const named = jobs.map((job, n) => ({ ...job, id: job.id ?? `step-${n}`, run: job.run.bind(job) }));
  return named.map((job, n) => ({ ...job, after: mode === "sequential" && n > 0 ? [named[n - 1]?.id ?? ""] : [] }));
};

const outcomesOf = async (runner: JobRunner, jobs: readonly Job[]): Promise<readonly JobOutcome[]> => {
  const added = runner.addAll(jobs);
  if (added.ok) return Promise.all(added.value.map((handle) => handle.outcome));
  throw new MeshError(added.reason, added.detail ?? added.reason, { hint: "Correct the jobs and run them again." });
};

/** One outcome a job, in their order. Throws for jobs that can never run: `dependency_cycle`, `unknown_dependency`, … */
export const runJobs = (
  jobs: readonly Job[],
  mode: JobMode,
  options: JobRunnerOptions,
): Promise<readonly JobOutcome[]> =>
  outcomesOf(new JobRunner({ ...options, isAdaptive: mode === "adaptive" }), inMode(jobs, mode));

export interface Stage {
  readonly name: string;
  readonly run: (input: unknown, turn: { readonly signal: AbortSignal; readonly item: number }) => unknown;
}

/**
 * Every item goes through every stage; a stage has one item at a time, in their order, while the other stages work on
 * others. One outcome an item: that of its last stage, or of where it ended.
 */
export const runPipeline = async (
  stages: readonly Stage[],
  items: readonly unknown[],
  options: JobRunnerOptions,
): Promise<readonly JobOutcome[]> => {
  const idOf = (item: number, stage: number): string => `${stages[stage]?.name ?? stage}/${item}`;
  const jobs = items.flatMap((input, item) =>
    stages.map((stage, n): Job => {
      const before = n === 0 ? [] : [idOf(item, n - 1)];
      return {
        id: idOf(item, n),
        group: stage.name,
        after: before,
        async run({ signal, inputs }) {
          return await stage.run(n === 0 ? input : inputs.get(before[0] as string), { signal, item });
        },
      };
    }),
  );
  const runner = new JobRunner({ ...options, groupWorkers: Object.fromEntries(stages.map(({ name }) => [name, 1])) });
  const outcomes = await outcomesOf(runner, jobs);
  return items.map((_, item) => {
    const own = outcomes.slice(item * stages.length, (item + 1) * stages.length);
    return own.find(({ state }) => state !== "completed") ?? (own.at(-1) as JobOutcome);
  });
};
