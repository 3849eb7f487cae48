/**
 * `npm run kills -- --kills 100`: relay and agents are killed with -9 at random instants while they work.
 * `npm run kills -- --cuts 500`: the stores lose their power at their write boundaries (needs strace).
 * Exits non-zero when something is missing that was said to be safe.
 */

import { scriptWith } from "@context-mesh/testkit/script";
import { runCuts } from "./power/cuts.ts";
import { runKills } from "./processes/kills.ts";

const { parse, wholeNumber } = scriptWith("npm run kills -- --kills 20 --cuts 50");

const { values: options } = parse({
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
const seed = wholeNumber(options.seed, "--seed");
const kills = wholeNumber(options.kills ?? (options.cuts === undefined ? "20" : "0"), "--kills");
const cuts = wholeNumber(options.cuts ?? "0", "--cuts");

const agents = wholeNumber(options.agents, "--agents");
const meshes = wholeNumber(options.meshes, "--meshes");
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
