/** Kills and power cuts, recorded: nothing acknowledged may be missing. Takes some minutes. */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Figure } from "./result.ts";

const program = fileURLToPath(new URL("../../test/kills/dist/main.js", import.meta.url));

const { DURABILITY_KILLS = "200", DURABILITY_CUTS = "500" } = process.env;
const kills = Number(DURABILITY_KILLS);
const cuts = Number(DURABILITY_CUTS);
/** A run that takes this long is stuck. */
const patienceMs = 15 * 60_000;
/** Acknowledged writes that make a kill worth counting, in the mean. */
const acknowledgedPerKill = 25;

interface Cut {
  readonly boundaries: number;
  readonly promises: number;
  readonly failures: readonly string[];
}

interface Killed {
  readonly relayKills: number;
  readonly agentKills: number;
  readonly queued: number;
  readonly acknowledged: number;
  readonly lost: readonly string[];
}

type Say = (text: string) => void;

const strike = async <T>(args: readonly string[], seed: number, say: Say): Promise<T> => {
  const all = [program, ...args, "--seed", String(seed), "--json"];
  const options = { maxBuffer: 2 ** 26, timeout: patienceMs };
  const running = promisify(execFile)(process.execPath, all, options);
  running.child.stderr?.on("data", (text: Buffer | string) => say(`seed ${seed}: ${String(text).trimEnd()}`));
  // A run that lost something ends with 1 and reports it all the same.
  const { stdout } = await running.catch((failed: { readonly stdout: string }) => failed);
  if (stdout === "") throw new Error(`kills ${args.join(" ")} with seed ${seed} ended without a report`);
  return (JSON.parse(stdout) as { data: T }).data;
};

/** A strike waits for processes to start most of the time, so two meshes are struck at once. */
const halves = <T>(name: string, count: number, say: Say): Promise<readonly T[]> =>
  Promise.all([1, 2].map((seed) => strike<T>([`--${name}`, String(count / 2)], seed, say)));

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

export const run = async (say: Say): Promise<readonly Figure[]> => {
  say(`${kills} kills, then ${cuts} power cuts`);
  const killed = (await halves<{ readonly killed: Killed }>("kills", kills, say)).map((half) => half.killed);
  const cut = (await halves<{ readonly cut: Cut }>("cuts", cuts, say)).map((half) => half.cut);
  const lost = killed.flatMap((half) => half.lost);
  const failures = cut.flatMap((half) => half.failures);
  for (const line of [...lost, ...failures].slice(0, 10)) say(line);
  const of = (name: "relayKills" | "agentKills" | "queued" | "acknowledged"): number =>
    sum(killed.map((half) => half[name]));
  return [
    {
      clause: "REL-1a",
      what: `lost of ${of("acknowledged")} acknowledged and ${of("queued")} queued writes over ${of("relayKills")} kills of the relay and ${of("agentKills")} of agents`,
      figure: lost.length,
      unit: "writes",
      target: 0,
      pass: lost.length === 0 && of("acknowledged") > kills * acknowledgedPerKill,
      package: "relay",
    },
    {
      clause: "REL-2a",
      what: `of ${cuts} power cuts over ${sum(cut.map((half) => half.boundaries))} write boundaries that broke one of ${sum(cut.map((half) => half.promises))} promises`,
      figure: failures.length,
      unit: "cuts",
      target: 0,
      pass: failures.length === 0,
      package: "store-sqlite",
    },
  ];
};
