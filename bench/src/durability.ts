/** Kills and power cuts, recorded: nothing acknowledged may be missing. Takes some minutes. */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Figure } from "./result.ts";

const execute = promisify(execFile);
const program = fileURLToPath(new URL("../../test/kills/dist/main.js", import.meta.url));

const kills = 200;
const cuts = 500;

interface Report {
  readonly killed: {
    readonly relayKills: number;
    readonly agentKills: number;
    readonly queued: number;
    readonly acknowledged: number;
    readonly lost: readonly string[];
  };
  readonly cut: { readonly boundaries: number; readonly promises: number; readonly failures: readonly string[] };
}

export const run = async (say: (text: string) => void): Promise<readonly Figure[]> => {
  say(`${kills} kills, then ${cuts} power cuts`);
  const args = [program, "--kills", String(kills), "--cuts", String(cuts), "--seed", "1", "--json"];
  // A run that lost something ends with 1 and reports it all the same.
  const { stdout } = await execute(process.execPath, args, { maxBuffer: 2 ** 26 }).catch(
    (failed: { readonly stdout: string }) => failed,
  );
  const { killed, cut } = (JSON.parse(stdout) as { data: Report }).data;
  return [
    {
      clause: "REL-1a",
      what: `lost of ${killed.acknowledged} acknowledged and ${killed.queued} queued writes over ${killed.relayKills} kills of the relay and ${killed.agentKills} of agents`,
      figure: killed.lost.length,
      unit: "writes",
      target: 0,
      pass: killed.lost.length === 0 && killed.acknowledged > 0,
      package: "relay",
    },
    {
      clause: "REL-2a",
      what: `of ${cuts} power cuts over ${cut.boundaries} write boundaries that broke one of ${cut.promises} promises`,
      figure: cut.failures.length,
      unit: "cuts",
      target: 0,
      pass: cut.failures.length === 0,
      package: "store-sqlite",
    },
  ];
};
