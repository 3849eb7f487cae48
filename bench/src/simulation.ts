/** Whole meshes under a virtual clock, run by the simulator itself in processes of its own: violations, states reached, speed. */

import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Figure } from "./result.ts";

const start = promisify(execFile);
const simulator = fileURLToPath(new URL("../../test/simulation/dist/main.js", import.meta.url));
const seeds = Number(process.env.SIMULATION_SEEDS ?? 1_000);
/** So often a state must be reached in a thousand seeds. */
const reachedMin = 10;
const speedMin = 500;

interface Part {
  readonly failed: readonly number[];
  readonly virtualMs: number;
  readonly cpuMs: number;
  readonly reached: Readonly<Record<string, number>>;
}

const simulate = async (from: number, count: number): Promise<Part> => {
  const args = [simulator, "--json", "--seeds", String(count), "--from", String(from)];
  // A violation makes it exit with 1; its report is on stdout all the same.
  const { stdout } = await start(process.execPath, args, { maxBuffer: 2 ** 26 }).catch((error) => error);
  return (JSON.parse(stdout) as { data: Part }).data;
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

export const run = async (say: (text: string) => void): Promise<readonly Figure[]> => {
  const processes = Math.min(availableParallelism(), seeds);
  const each = Math.ceil(seeds / processes);
  say(`${seeds} seeds in ${processes} processes`);
  const starts = Array.from({ length: processes }, (_, at) => 1 + at * each);
  const parts = await Promise.all(starts.map((from) => simulate(from, Math.min(each, seeds + 1 - from))));
  const failed = parts.flatMap((part) => part.failed);
  const virtualMs = sum(parts.map((part) => part.virtualMs));
  const names = Object.keys(parts[0]?.reached ?? {});
  const rare = names.filter((name) => sum(parts.map(({ reached }) => reached[name] ?? 0)) * 1_000 < reachedMin * seeds);
  const speed = virtualMs / Math.max(1, sum(parts.map((part) => part.cpuMs)));
  if (failed.length > 0) say(`seeds with violations: ${failed.join(", ")}`);
  if (rare.length > 0) say(`reached too rarely: ${rare.join("; ")}`);
  const about = { package: "packages/relay" } as const;
  return [
    {
      ...about,
      clause: "REL-5a",
      what: `violations in ${seeds} seeds from seed 1`,
      figure: failed.length,
      unit: "seeds",
      target: 0,
      pass: failed.length === 0,
    },
    {
      ...about,
      what: "virtual time simulated",
      figure: virtualMs / 1_000 / seeds,
      unit: "s a seed",
      target: 60,
      pass: virtualMs >= 60_000 * seeds,
    },
    {
      ...about,
      what: "interesting states",
      figure: names.length,
      unit: "states",
      target: 40,
      pass: names.length >= 40,
    },
    {
      ...about,
      what: `states reached fewer than ${reachedMin} times in a thousand seeds`,
      figure: rare.length,
      unit: "states",
      target: 0,
      pass: rare.length === 0,
    },
    {
      ...about,
      what: "virtual over processor time",
      figure: speed,
      unit: "×",
      target: speedMin,
      pass: speed >= speedMin,
    },
  ];
};
