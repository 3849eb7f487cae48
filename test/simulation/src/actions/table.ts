/** What can happen in a simulated mesh, with how often. Every choice comes from the world's own random source. */

import * as people from "./coming-going.ts";
import * as machines from "./machine-faults.ts";
import * as network from "./network-faults.ts";
import type { Act, Play } from "./play.ts";
import * as work from "./work.ts";

type Row = readonly [weight: number, act: Act];

/** Weights are relative; reading and writing happen much more often than faults. */
const table: readonly Row[] = [
  [30, work.readSomething],
  [24, work.writeThought],
  [18, work.writeAtOnce],
  [4, work.resolveConflict],
  [3, work.flushLevels],
  [1.2, machines.crashAgent],
  [1, machines.doomAgent],
  [4, machines.restartAgent],
  [1, machines.snapshotAgent],
  [0.15, machines.restoreAgent],
  // Only one relay and a whole network make it safe, which is seldom.
  [0.8, machines.restoreUnmarkedAgent],
  [0.1, machines.damageAgent],
  [0.1, machines.copyAgent],
  [0.3, machines.fillAgentDisk],
  [1, machines.freeAgentDisks],
  [1, machines.jumpClock],
  [0.3, machines.sleepAgent],
  [0.6, machines.crashRelay],
  [0.8, machines.doomRelay],
  [3, machines.restartRelay],
  [0.06, machines.restoreRelay],
  [0.06, machines.damageRelay],
  [0.3, machines.failRelayDisk],
  [1.6, network.partition],
  [5, network.heal],
  [2.5, network.breakLink],
  [0.5, network.slowDown],
  [0.4, network.tamper],
  [0.3, network.stopReading],
  [0.3, people.joinMesh],
  [0.05, people.crowdJoins],
  [0.3, people.leaveMesh],
  [0.03, people.crowdLeaves],
  [0.25, people.stockJoins],
  [0.15, people.stockCrashes],
];

const totalWeight = table.reduce((sum, [weight]) => sum + weight, 0);

export const act = (play: Play): void => {
  let ticket = play.world.random.float() * totalWeight;
  for (const [weight, action] of table) {
    ticket -= weight;
    if (ticket < 0) {
      action(play);
      return;
    }
  }
};
