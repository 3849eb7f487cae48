/** One seed: a random schedule under faults, then healing, then everything is compared; or faults without an end, safety only. */

import { messageOf, pick, systemClock } from "@context-mesh/common";
import { disturbJoins } from "./actions/network-faults.ts";
import type { Play } from "./actions/play.ts";
import { act } from "./actions/table.ts";
import { checkChanged, checkDigests, checkHealed, checkWhole, describeMesh, isConverged } from "./checks.ts";
import type { LedgerCounts } from "./ledger.ts";
import { createWorld, type Stats, startWorld, type Violation, violate, type World } from "./world.ts";

/** `healed`: the faults end and everything must converge. `unlimited`: they never do, and only safety counts. */
export type Mode = "healed" | "unlimited";

export interface SeedOptions {
  /** By the seed unless given: every fourth one is unlimited. */
  readonly mode?: Mode;
}

export interface SeedReport {
  readonly seed: number;
  readonly mode: Mode;
  readonly agents: number;
  readonly relays: number;
  readonly violations: readonly Violation[];
  readonly stats: Stats;
  readonly states: LedgerCounts;
  readonly virtualMs: number;
  readonly realMs: number;
}

/** Every run lasts at least this long. */
const runMs = 60_000;
const faultsMs: { readonly [M in Mode]: number } = { healed: 45_000, unlimited: runMs };
const healBoundMs = 240_000;
/** A busy mesh, a working one, a calm one: the longest pause between two things that happen. */
const pausesMs = [160, 400, 900] as const;

const realNowMs = (): number => systemClock.monotonicMs();

const playFaults = async (play: Play, untilMs: number): Promise<void> => {
  const { world } = play;
  const pauseMs = pick(world.random, pausesMs);
  disturbJoins(play);
  for (let step = 1; world.clock.monotonicMs() < untilMs && world.violations.length === 0; step += 1) {
    act(play);
    await world.clock.advance(world.random.int(pauseMs));
    for (const agent of world.agents) checkChanged(world, agent);
    if (step % 10 === 0) checkDigests(world);
    if (step % 100 === 0) for (const agent of world.agents) checkWhole(world, agent);
  }
};

/** Ends all faults and brings everybody back. */
const endFaults = async ({ world, heals }: Play): Promise<void> => {
  world.onJoin = undefined;
  for (const end of heals.splice(0)) end();
  world.network.heal();
  for (const agent of world.agents) {
    agent.outcome = "ok";
    agent.deathWish = undefined;
    agent.wake();
  }
  for (const relay of world.relays) {
    relay.outcome = "ok";
    relay.deathWish = undefined;
    if (!relay.isUp) await world.clock.waitFor(relay.start());
  }
  for (const agent of world.agents) if (agent.node === undefined) await world.clock.waitFor(agent.start());
  for (const stock of world.stocks) if (!stock.isUp) stock.start();
};

const awaitConvergence = async (world: World): Promise<void> => {
  const startMs = world.clock.monotonicMs();
  for (;;) {
    await world.clock.advance(1_000);
    if (isConverged(world)) return;
    if (world.clock.monotonicMs() - startMs > healBoundMs) {
      violate(world, "no convergence after healing", describeMesh(world));
      return;
    }
    for (const agent of world.agents) if (agent.mode === "levels") agent.node?.sync({ timeoutMs: 1 }).catch(() => {});
  }
};

const playSeed = async (world: World, mode: Mode): Promise<void> => {
  const play: Play = { world, thoughts: [], heals: [] };
  await startWorld(world);
  await playFaults(play, faultsMs[mode]);
  if (mode === "unlimited") return;
  if (world.violations.length === 0) await endFaults(play);
  if (world.violations.length === 0) await awaitConvergence(world);
  if (world.violations.length === 0) checkHealed(world);
  await world.clock.advanceTo(Math.max(runMs, world.clock.monotonicMs()));
};

const endWorld = (world: World): void => {
  for (const agent of world.agents) agent.crash();
  for (const stock of world.stocks) stock.crash();
  for (const relay of world.relays) relay.crash();
};

export const runSeed = async (seed: number, options: SeedOptions = {}): Promise<SeedReport> => {
  const startedMs = realNowMs();
  const { mode = seed % 4 === 0 ? "unlimited" : "healed" } = options;
  const world = createWorld(seed);
  try {
    await playSeed(world, mode);
  } catch (error) {
    violate(world, "something threw", error instanceof Error ? (error.stack ?? error.message) : messageOf(error));
  }
  endWorld(world);
  return {
    seed,
    mode,
    agents: world.nextName,
    relays: world.relays.length,
    violations: world.violations,
    stats: world.stats,
    states: world.ledger.counts(),
    virtualMs: world.clock.monotonicMs(),
    realMs: realNowMs() - startedMs,
  };
};
