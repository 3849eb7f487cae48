/** `bench`: the benchmarks live in the repository, beside what they are compared with. `--gates` runs the quality gates. */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Args, Command, Outcome } from "../frame/command.ts";
import type { Io } from "../frame/io.ts";
import { done, failed, toJson } from "../frame/outcome.ts";

const text = `The benchmarks run in a clone of the repository, each beside its baseline in the same run:

  npm run bench                     all of them
  npm run bench -- NAME --json      one of them, as JSON
  context-mesh bench --gates        the quality gates; fails when one of them does

Recorded results are in bench/results/.`;

/** In a clone the benchmarks are built beside the command. */
const gatesFile = fileURLToPath(new URL("../../../../bench/dist/coordination/gates-check.js", import.meta.url));

interface Gate {
  readonly name: string;
  readonly figure: number;
  readonly unit: string;
  readonly limit: number;
  readonly pass: boolean;
}

const measure = (io: Io, isShort: boolean): Promise<readonly Gate[] | undefined> =>
  new Promise((resolve) => {
    const args = [gatesFile, "--json", ...(isShort ? ["--short"] : [])];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"], signal: io.signal });
    let output = "";
    child.stdout.on("data", (bytes) => {
      output += bytes;
    });
    child.on("error", () => resolve(undefined));
    child.on("close", () => {
      try {
        resolve((JSON.parse(output) as { data: readonly Gate[] }).data);
      } catch {
        resolve(undefined);
      }
    });
  });

const line = ({ name, figure, unit, limit, pass }: Gate): string =>
  `${pass ? "✓" : "✗"} ${name}: ${Number(figure.toPrecision(3))} ${unit} (limit ${limit})`;

const runGates = async (args: Args, io: Io): Promise<Outcome> => {
  if (!existsSync(gatesFile)) {
    return failed(
      "not_in_clone",
      "The quality gates are measured in a clone.",
      "Run `npm run build` in a clone first.",
    );
  }
  const gates = await measure(io, args.flag("short"));
  if (gates === undefined) {
    return failed("gates_not_measured", "The gates could not be measured.", "Run `npm run bench -- gates` to see why.");
  }
  const lines = gates.map(line).join("\n");
  const broken = gates.filter(({ pass }) => !pass).map(({ name }) => name);
  if (broken.length === 0) return done(toJson(gates), lines);
  return failed(
    "gate_failed",
    `${lines}\n\nNot held: ${broken.join(", ")}.`,
    "Compare with bench/results/gates.json.",
    {
      details: toJson(gates),
    },
  );
};

export const command: Command = {
  spec: {
    options: {
      gates: { type: "boolean", summary: "Measures the quality gates and fails when one does." },
      short: { type: "boolean", summary: "With --gates: seconds instead of a minute." },
    },
    examples: [
      ["context-mesh bench", "where they are and how to run them"],
      ["context-mesh bench --gates", "the quality gates, in a clone"],
      ["npm run bench -- relay --json", "run one of them, as JSON"],
    ],
  },
  run: async (args, io) =>
    args.flag("gates")
      ? runGates(args, io)
      : done({ run: "npm run bench", one: "npm run bench -- NAME --json", results: "bench/results" }, text),
};
