/** One seed: a random schedule under faults, then healing, then everything is compared. */

import { canonicalJson, type JsonValue, messageOf } from "@context-mesh/common";
import { act, type Play } from "./actions.ts";
import { fields, readField, shownIn } from "./fields.ts";
import { realNowMs } from "./machines.ts";
import { checkAgent, createWorld, type Stats, startWorld, type Violation, violate, type World } from "./world.ts";

export interface SeedReport {
  readonly seed: number;
  readonly agents: number;
  readonly relays: number;
  readonly violations: readonly Violation[];
  readonly stats: Stats;
  readonly virtualMs: number;
  readonly realMs: number;
}

const faultPhaseMs = 45_000;
const healBoundMs = 240_000;

const playFaults = async (play: Play): Promise<void> => {
  const { world } = play;
  const endMs = world.clock.monotonicMs() + faultPhaseMs;
  for (let step = 1; world.clock.monotonicMs() < endMs && world.violations.length === 0; step += 1) {
    await act(play);
    await world.clock.advance(world.random.int(160));
    for (const agent of world.agents) {
      if (agent.changedKeys.size === 0 && step % 100 !== 0) continue;
      agent.changedKeys.clear();
      checkAgent(world, agent);
    }
  }
};

/** Everybody in sync with every relay, nothing waiting anywhere, and the same knowledge everywhere. */
const isConverged = (world: World): boolean => {
  const states = world.agents.map((agent) => agent.node?.status());
  return (
    states.every(
      (status) =>
        status !== undefined &&
        status.queued.count === 0 &&
        status.unconfirmed === 0 &&
        status.relays.every((relay) => relay.synced),
    ) && new Set(states.map((status) => status?.fingerprint)).size === 1
  );
};

/** Ends all faults, brings everybody back, and waits until nothing waits. */
const healWorld = async (play: Play): Promise<void> => {
  const { world } = play;
  world.network.heal();
  for (const relay of world.relays) if (!relay.isUp) await world.clock.waitFor(relay.start());
  for (const agent of world.agents) if (agent.node === undefined) await world.clock.waitFor(agent.start());
  const startMs = world.clock.monotonicMs();
  while (!isConverged(world)) {
    if (world.clock.monotonicMs() - startMs > healBoundMs) {
      violate(world, "no convergence after healing", world.agents.map((agent) => describeAgent(agent)).join("; "));
      return;
    }
    for (const agent of world.agents) if (agent.mode === "levels") void agent.node?.sync({ timeoutMs: 1 });
    await world.clock.advance(2_000);
  }
};

const describeAgent = (agent: World["agents"][number]): string => {
  const status = agent.node?.status();
  if (status === undefined) return `${agent.name} is down`;
  const relays = status.relays.map((relay) => `${relay.url}:${relay.state}`).join(",");
  return `${agent.name} queued ${status.queued.count} unconfirmed ${status.unconfirmed} ${status.fingerprint.slice(0, 6)} ${relays}`;
};

/** The projection without what is a local observation. */
const projectionOf = (agent: World["agents"][number]): string => {
  const { last_sync: _, ...context } = (agent.node?.export() ?? {}) as Record<string, JsonValue>;
  return canonicalJson(context as JsonValue);
};

const compareAll = (world: World): void => {
  const everything = new Set(world.agents.flatMap((agent) => [...agent.received]));
  for (const agent of world.agents) {
    checkAgent(world, agent);
    for (const field of fields) {
      const shown = new Set(agent.node === undefined ? [] : shownIn(readField(agent.node, field)));
      for (const value of world.oracle.current(field.name, everything)) {
        if (!shown.has(value))
          violate(world, "a current value is missing", `${agent.name} ${field.name} lacks ${value}`);
      }
    }
    for (const value of world.acknowledged) {
      if (!world.oracle.isAccountedFor(value, agent.received)) {
        violate(world, "an acknowledged write is missing", `${agent.name} lacks ${value}`);
      }
    }
  }
  const digests = new Set(world.agents.map((agent) => agent.node?.status().digest));
  if (digests.size !== 1) violate(world, "digests differ", [...digests].join(" "));
  const projections = new Set(world.agents.map(projectionOf));
  if (projections.size !== 1) violate(world, "projections differ", [...projections].join("\n"));
};

export const runSeed = async (seed: number): Promise<SeedReport> => {
  const startedMs = realNowMs();
  const world = createWorld(seed);
  const play: Play = { world, thoughts: [], heals: [] };
  try {
    await startWorld(world);
    await playFaults(play);
    if (world.violations.length === 0) await healWorld(play);
    if (world.violations.length === 0) compareAll(world);
  } catch (error) {
    violate(world, "something threw", error instanceof Error ? (error.stack ?? error.message) : messageOf(error));
  }
  for (const agent of world.agents) agent.crash({ losesDisk: false });
  for (const relay of world.relays) relay.crash();
  return {
    seed,
    agents: world.agents.length,
    relays: world.relays.length,
    violations: world.violations,
    stats: world.stats,
    virtualMs: world.clock.monotonicMs(),
    realMs: realNowMs() - startedMs,
  };
};
