/** Machines that die, at chosen points too, disks that fail, go back in time or are copied, clocks that are wrong. */

import { pick } from "@context-mesh/common";
import type { RelayMachine } from "../machines/relay-machine.ts";
import type { World } from "../world.ts";
import { type Act, running, withAgent } from "./play.ts";

const storePointsMax = 12;

export const crashAgent: Act = ({ world }) => {
  if (running(world).length < 2) return;
  withAgent(world, (agent) => {
    world.stats.crashes += 1;
    const { node } = agent;
    if ((node?.core.replicas.queue.size ?? 0) > 0) world.ledger.note("an agent was killed with queued writes");
    if ((node?.status().unconfirmed ?? 0) > 0) world.ledger.note("an agent was killed with unconfirmed writes");
    const losesDisk = world.random.float() < 0.2;
    if (losesDisk) {
      world.ledger.note("an agent lost its disk");
      world.diskLost.add(agent.family);
    }
    agent.crash({ losesDisk });
  });
};

/** Dies inside one of its next store transactions, at whatever point comes up. */
export const doomAgent: Act = ({ world }) =>
  withAgent(world, (agent) => {
    agent.deathWish = { after: 1 + world.random.int(storePointsMax) };
  });

export const restartAgent: Act = ({ world }) => {
  const down = world.agents.filter((agent) => agent.node === undefined);
  if (down.length > 0) void pick(world.random, down).start();
};

export const snapshotAgent: Act = ({ world }) => withAgent(world, (agent) => agent.takeSnapshot());

/** Nothing of a former life is on its way, so that the relay's vector tells all: without the mark nothing else could. */
const isOneRelayCalm = (world: World): boolean =>
  world.relays.length === 1 && !world.relayLost && (world.relays[0] as RelayMachine).isUp && world.network.isWhole;

const restore = (world: World, keepsHighWater: boolean): void =>
  withAgent(world, (agent) => {
    if (agent.snapshot === undefined) return;
    world.forked.add(agent.family);
    world.diskLost.add(agent.family);
    agent.restore(agent.snapshot, keepsHighWater);
    world.ledger.note(
      keepsHighWater
        ? "an agent came back from a backup"
        : "an agent came back from a backup that only peers could tell",
    );
  });

/** Its disk goes back to a backup. */
export const restoreAgent: Act = ({ world }) => {
  if (running(world).length > 1) restore(world, true);
};

/** The mark that would tell is gone as well. */
export const restoreUnmarkedAgent: Act = ({ world }) => {
  if (running(world).length > 1 && isOneRelayCalm(world)) restore(world, false);
};

export const damageAgent: Act = ({ world }) => {
  if (running(world).length < 2) return;
  withAgent(world, (agent) => {
    world.forked.add(agent.family);
    world.diskLost.add(agent.family);
    agent.damage();
    world.ledger.note("an agent's log was damaged");
  });
};

const copiesMax = 2;

/** `cp -r` of a store while it is in use: the copy speaks for the same agent on another machine. */
export const copyAgent: Act = ({ world }) => {
  if (world.agents.filter(({ name, family }) => name !== family).length >= copiesMax) return;
  withAgent(world, (agent) => {
    if (agent.name !== agent.family || world.agents.some(({ name }) => name === `${agent.family}copy`)) return;
    world.forked.add(agent.family);
    const copy = agent.copy(`${agent.family}copy`);
    world.agents.push(copy);
    void copy.start();
    world.ledger.note("a copied store ran beside its original");
  });
};

export const fillAgentDisk: Act = ({ world }) =>
  withAgent(world, (agent) => {
    agent.outcome = agent.outcome === "ok" ? "ENOSPC" : "ok";
  });

export const freeAgentDisks: Act = ({ world }) => {
  for (const agent of world.agents) agent.outcome = "ok";
};

export const jumpClock: Act = ({ world }) => {
  const agent = pick(world.random, world.agents);
  const isFar = world.random.float() < 0.2;
  const byMs = Math.round((world.random.float() - 0.5) * (isFar ? 10_000_000 : 1_200_000));
  if (byMs < 0) world.ledger.note("a clock jumped back");
  agent.jumpClock(byMs);
  if (agent.wallOffsetMs > 3_600_000) world.ledger.note("a clock ran more than an hour ahead");
};

/** The lid is closed for a while. */
export const sleepAgent: Act = ({ world, heals }) => {
  if (running(world).length < 2) return;
  withAgent(world, (agent) => {
    const { node } = agent;
    const sinceMs = world.clock.monotonicMs();
    agent.sleep();
    heals.push(() => {
      if (agent.node !== node) return;
      if (world.clock.monotonicMs() - sinceMs > 8_000) world.ledger.note("an agent slept through a timeout");
      agent.wake();
    });
  });
};

const noteLoss = (world: World): void => {
  for (const agent of running(world)) {
    const urls = agent.options.relays;
    const downs = world.relays.filter(({ url, isUp }) => urls.includes(url) && !isUp);
    if (urls.length > 1 && downs.length === urls.length) {
      world.ledger.note("both relays of an agent were lost at once");
      return;
    }
  }
};

export const crashRelay: Act = ({ world }) => {
  world.stats.crashes += 1;
  pick(world.random, world.relays).crash();
  noteLoss(world);
};

export const doomRelay: Act = ({ world }) => {
  const up = world.relays.filter(({ isUp }) => isUp);
  if (up.length > 0) pick(world.random, up).deathWish = { after: 1 + world.random.int(storePointsMax) };
};

export const restartRelay: Act = ({ world }) => {
  const down = world.relays.filter((relay) => !relay.isUp);
  if (down.length > 0) void pick(world.random, down).start();
};

/** The disk lied about its syncs, or a backup was put back. */
export const restoreRelay: Act = ({ world, heals }) => {
  const relay = pick(world.random, world.relays);
  const backup = relay.disk.backup();
  heals.push(() => {
    const keepsHead = world.random.float() < 0.7;
    world.relayLost = true;
    relay.restore(backup, keepsHead);
    world.ledger.note(
      keepsHead ? "a relay came back from an older disk" : "a relay came back from an older disk that did not know it",
    );
  });
};

export const damageRelay: Act = ({ world }) => {
  const up = world.relays.filter(({ isUp }) => isUp);
  if (up.length < 2) return;
  void pick(world.random, up).damage();
  world.ledger.note("a damaged room was mended and filled up by peers");
};

export const failRelayDisk: Act = ({ world, heals }) => {
  const relay = pick(world.random, world.relays);
  relay.outcome = world.random.float() < 0.5 ? "ENOSPC" : "EIO";
  heals.push(() => {
    relay.outcome = "ok";
  });
};
