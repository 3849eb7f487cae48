/** Kills and power cuts, recorded: nothing acknowledged may be missing. Takes some minutes. */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Figure } from "./result.ts";

const execute = promisify(execFile);
const program = fileURLToPath(new URL("../../test/kills/dist/main.js", import.meta.url));

const kills = 200;
const cuts = 500;

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

const strike = async <T>(args: readonly string[], seed: number): Promise<T> => {
  const all = [program, ...args, "--seed", String(seed), "--json"];
  // A run that lost something ends with 1 and reports it all the same.
  const { stdout } = await execute(process.execPath, all, { maxBuffer: 2 ** 26 }).catch(
    (failed: { readonly stdout: string }) => failed,
  );
  return (JSON.parse(stdout) as { data: T }).data;
};

/** A strike waits for processes to start most of the time, so two meshes are struck at once. */
const halves = <T>(name: string, count: number): Promise<readonly T[]> =>
  Promise.all([1, 2].map((seed) => strike<T>([`--${name}`, String(count / 2)], seed)));

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

export const run = async (say: (text: string) => void): Promise<readonly Figure[]> => {
  say(`${kills} kills, then ${cuts} power cuts`);
  const killed = (await halves<{ readonly killed: Killed }>("kills", kills)).map((half) => half.killed);
  const cut = (await halves<{ readonly cut: Cut }>("cuts", cuts)).map((half) => half.cut);
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
      pass: lost.length === 0 && of("acknowledged") > 5_000,
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
