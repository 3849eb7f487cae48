/** Kills and power cuts, recorded: nothing acknowledged may be missing. Takes two or three minutes. */

import { reportOf } from "./program-report.ts";
import type { Figure } from "./result.ts";

const { DURABILITY_KILLS = "200", DURABILITY_CUTS = "4000" } = process.env;
/** More than there are write boundaries: each of them is cut at least once. */
const cuts = Number(DURABILITY_CUTS);
const kills = Number(DURABILITY_KILLS);
/** A run that takes this long is stuck. */
const patienceMs = 10 * 60_000;
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
  readonly bulkAcknowledged: number;
  readonly compactions: number;
  readonly lost: readonly string[];
}

type Say = (text: string) => void;

const strike = <T>(args: readonly string[], say: Say): Promise<T> =>
  reportOf<T>({ program: "kills/dist/main.js", args, say, patienceMs });

export const run = async (say: Say): Promise<readonly Figure[]> => {
  say(`${kills} kills, then ${cuts} power cuts`);
  const { killed } = await strike<{ readonly killed: Killed }>(["--kills", String(kills)], say);
  const { cut } = await strike<{ readonly cut: Cut }>(["--cuts", String(cuts)], say);
  for (const line of [...killed.lost, ...cut.failures].slice(0, 10)) say(line);
  const acknowledged = killed.acknowledged + killed.bulkAcknowledged;
  return [
    {
      clause: "REL-1a",
      what: `lost of ${acknowledged} acknowledged and ${killed.queued} queued writes over ${killed.relayKills} kills of relays and ${killed.agentKills} of agents, ${killed.compactions} compactions among them`,
      figure: killed.lost.length,
      unit: "writes",
      target: 0,
      pass: killed.lost.length === 0 && killed.acknowledged > kills * acknowledgedPerKill,
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
