/**
 * `npm run kills -- --kills 100`: relay and agents are killed with -9 at random instants while they work.
 * `npm run kills -- --cuts 500`: the stores lose their power at their write boundaries (needs strace).
 * Exits non-zero when something is missing that was said to be safe.
 */

import { parseArgs } from "node:util";
import { runCuts } from "./power/cuts.ts";
import { runKills } from "./processes/kills.ts";

const { values: options } = parseArgs({
  options: {
    kills: { type: "string" },
    cuts: { type: "string" },
    agents: { type: "string", default: "3" },
    meshes: { type: "string", default: "4" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const seed = Number(options.seed);
const kills = Number(options.kills ?? (options.cuts === undefined ? 20 : 0));
const cuts = Number(options.cuts ?? 0);

const agents = Number(options.agents);
const meshes = Number(options.meshes);
const killed = kills > 0 ? await runKills({ kills, agents, meshes, seed, say }) : undefined;
const cut = cuts > 0 ? await runCuts({ cuts, seed, say }) : undefined;
const areKillsGood = killed === undefined || (killed.lost.length === 0 && killed.acknowledged > 0);
const isGood = areKillsGood && (cut === undefined || cut.failures.length === 0);

if (options.json) {
  const data = { seed, ...(killed === undefined ? {} : { killed }), ...(cut === undefined ? {} : { cut }) };
  process.stdout.write(`${JSON.stringify({ v: 1, ok: isGood, data })}\n`);
} else {
  const mark = isGood ? "✓" : "✗";
  if (killed !== undefined) {
    const { relayKills, agentKills, compactions, queued, acknowledged, bulkAcknowledged, lost } = killed;
    say(
      `${mark} ${relayKills} kills of relays and ${agentKills} of agents, ${compactions} compactions, ${queued} writes queued, ${acknowledged} and ${bulkAcknowledged} in bulk acknowledged, ${lost.length} lost`,
    );
    for (const value of lost.slice(0, 10)) say(`  lost: ${value}`);
  }
  if (cut !== undefined) {
    say(`${mark} ${cut.cuts} power cuts, ${cut.promises} promises, ${cut.failures.length} cuts broke one`);
    for (const failure of cut.failures.slice(0, 10)) say(`  ${failure}`);
  }
}
process.exit(isGood ? 0 : 1);
