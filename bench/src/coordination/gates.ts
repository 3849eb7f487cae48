/** The quality gates as a benchmark, and as a check: `node bench/dist/coordination/gates-check.js [--short] [--json]`. */

import type { Figure } from "../result.ts";
import { evaluateGates, type GateResult } from "./gate-rules.ts";
import { measureGates } from "./gates-run.ts";

const fullMs = 20_000;
export const shortMs = 3_000;

export const gates = async (say: (text: string) => void, durationMs = fullMs): Promise<readonly GateResult[]> =>
  evaluateGates(await measureGates(durationMs, say));

export const toFigure = ({ name, figure, unit, limit, pass, score }: GateResult): Figure => ({
  clause: "COORD-5b",
  what: score === undefined ? name : `${name} (score ${Math.round(score)})`,
  figure,
  unit,
  target: limit,
  pass,
  package: "packages/coordination",
});

export const run = async (say: (text: string) => void): Promise<readonly Figure[]> => (await gates(say)).map(toFigure);
