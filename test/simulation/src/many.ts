/** Many seeds, one after the other, added up. */

import { systemClock } from "@context-mesh/common";
import { addLedger, rareStates, type StateName } from "./ledger.ts";
import { runSeed, type SeedOptions, type SeedReport } from "./run.ts";
import type { Stats } from "./world.ts";

/** A state that a thousand seeds reach less often than this is not tested by them. */
const reachedMinPerThousand = 10;

export interface ManyReport {
  readonly seeds: number;
  readonly failed: readonly SeedReport[];
  readonly stats: Stats;
  readonly states: ReadonlyMap<StateName, number>;
  readonly virtualMs: number;
  readonly realMs: number;
}

export interface ManyOptions extends SeedOptions {
  readonly onSeed?: (report: SeedReport) => void;
}

export const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, at) => from + at);

export const runMany = async (seeds: readonly number[], options: ManyOptions = {}): Promise<ManyReport> => {
  const stats: Stats = { writes: 0, acknowledged: 0, conflictsSeen: 0, crashes: 0, partitions: 0, resolutions: 0 };
  const states = new Map<StateName, number>();
  const failed: SeedReport[] = [];
  const startedMs = systemClock.monotonicMs();
  let virtualMs = 0;
  for (const seed of seeds) {
    const report = await runSeed(seed, options);
    options.onSeed?.(report);
    for (const name of Object.keys(stats) as (keyof Stats)[]) stats[name] += report.stats[name];
    addLedger(states, report.states);
    virtualMs += report.virtualMs;
    if (report.violations.length > 0) failed.push(report);
  }
  return { seeds: seeds.length, failed, stats, states, virtualMs, realMs: systemClock.monotonicMs() - startedMs };
};

/** Each violation in a line that says how to repeat it. */
export const violationsOf = ({ failed }: ManyReport): readonly string[] =>
  failed.flatMap(({ seed, violations }) =>
    violations.slice(0, 2).map(({ what, detail, atMs }) => `seed ${seed} at ${atMs} ms: ${what}: ${detail}`),
  );

/** States that were reached too rarely for this many seeds. */
export const unreachedBy = ({ states, seeds }: ManyReport): readonly string[] =>
  rareStates(states, Math.floor((reachedMinPerThousand * seeds) / 1_000));
