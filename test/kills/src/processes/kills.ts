/**
 * Kills with -9 at random instants, of a relay, of an agent, or of both at once. After every kill the store of the dead
 * is read with nobody connected and must hold everything that a receipt had named; at the end the relay holds all of it.
 * A strike waits most of its time, so several meshes are under fire at once.
 */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { seededRandom } from "@context-mesh/common";
import { bundleProgram } from "./bundle.ts";
import { Fire } from "./fire.ts";
import { keepMarksIn } from "./stored-values.ts";

export interface KillOptions {
  /** Strikes of all meshes together. */
  readonly kills: number;
  /** Agents of one mesh. */
  readonly agents: number;
  readonly meshes: number;
  readonly seed: number;
  readonly say: (text: string) => void;
}

export interface KillReport {
  readonly kills: number;
  readonly relayKills: number;
  readonly agentKills: number;
  readonly queued: number;
  readonly acknowledged: number;
  /** Updates of the clients that only write, which have no store of their own. */
  readonly bulkAcknowledged: number;
  /** Compactions of a room that a dead relay's store showed. */
  readonly compactions: number;
  /** Values that a receipt named and that were not there. */
  readonly lost: readonly string[];
  readonly unsentAtLeave: number;
}

/** So often it is said how far it is. */
const strikesPerWord = 10;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const reportOf = (fires: readonly Fire[]): Omit<KillReport, "unsentAtLeave"> => ({
  kills: sum(fires.map(({ counts }) => counts.strikes)),
  relayKills: sum(fires.map(({ counts }) => counts.relay)),
  agentKills: sum(fires.map(({ counts }) => counts.agent)),
  queued: sum(fires.map((fire) => fire.receipts("queued").length)),
  acknowledged: sum(fires.map((fire) => fire.receipts("durable").length)),
  bulkAcknowledged: sum(fires.map((fire) => fire.bulkAcknowledged)),
  compactions: sum(fires.map((fire) => fire.compactions)),
  lost: fires.flatMap((fire) => [...fire.lost]),
});

export const runKills = async (options: KillOptions): Promise<KillReport> => {
  const { kills, agents, seed, say } = options;
  const meshes = Math.min(kills, options.meshes);
  const folder = mkdtempSync(joinPath(tmpdir(), "context-mesh-kills-"));
  keepMarksIn(joinPath(folder, "state"));
  const agent = await bundleProgram(new URL("./agent.js", import.meta.url));
  const fires = Array.from({ length: meshes }, (_, at) => {
    const place = joinPath(folder, String(at));
    mkdirSync(place);
    return new Fire({ folder: place, agents, program: agent.file, random: seededRandom(seed * 1_009 + at) });
  });
  let begun = 0;
  let struck = 0;
  const fireAt = async (fire: Fire): Promise<number> => {
    await fire.start();
    while (begun < kills) {
      begun += 1;
      await fire.strike();
      struck += 1;
      if (struck % strikesPerWord !== 0) continue;
      const { queued, acknowledged, bulkAcknowledged, lost } = reportOf(fires);
      say(
        `kill ${struck}: ${queued} queued, ${acknowledged} + ${bulkAcknowledged} acknowledged, ${lost.length} missing`,
      );
    }
    return fire.end();
  };
  try {
    const unsent = await Promise.all(fires.map(fireAt));
    return { ...reportOf(fires), unsentAtLeave: sum(unsent) };
  } finally {
    await Promise.all(fires.map((fire) => fire.kill()));
    agent.remove();
    rmSync(folder, { recursive: true, force: true });
  }
};
