/** What a benchmark yields: figures beside their baselines from the same run, recorded with where and when they were measured. */

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Figure {
  /** Clause of docs/requirements.md that the figure proves; undefined for figures that only inform. */
  readonly clause?: string;
  readonly what: string;
  readonly figure: number;
  readonly unit: string;
  /** The bound to hold; `pass` says whether it held. */
  readonly target?: number;
  readonly pass?: boolean;
  /** The same measure of a peer or a simpler way, from the same run. */
  readonly baseline?: { readonly what: string; readonly figure: number };
  /** Package whose change makes the record stale. */
  readonly package: string;
}

const root = join(fileURLToPath(new URL(".", import.meta.url)), "..", "..");

/** Machine in words: processor, cores, memory, Node. No host name. */
export const machine = (): string => {
  const [first] = cpus();
  return `${cpus().length} × ${first?.model.trim() ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
};

export const commit = (): string => {
  try {
    return execFileSync("git", ["rev-parse", "--short=12", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
};

/** Parts of a benchmark to run alone, by `BENCH_ONLY=flood,idle`; such a run is not recorded. */
export const chosenParts = (): readonly string[] | undefined => process.env.BENCH_ONLY?.split(",");

/** Writes `bench/results/<name>.json`. */
export const record = (name: string, seed: number, figures: readonly Figure[]): void => {
  const folder = join(root, "bench", "results");
  mkdirSync(folder, { recursive: true });
  const shared = { commit: commit(), machine: machine(), seed };
  const results = figures.map((figure) => ({ ...figure, ...shared }));
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify({ results }, null, 2)}\n`);
};

const rounded = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3)));

/** One line a figure, 80 columns where the text allows. */
export const describeFigure = (figure: Figure): string => {
  const mark = figure.pass === undefined ? " " : figure.pass ? "✓" : "✗";
  const target = figure.target === undefined ? "" : ` (target ${rounded(figure.target)})`;
  const beside = figure.baseline === undefined ? "" : `; ${figure.baseline.what}: ${rounded(figure.baseline.figure)}`;
  return `${mark} ${figure.what}: ${rounded(figure.figure)} ${figure.unit}${target}${beside}`;
};
