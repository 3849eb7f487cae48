/** A simulated mesh: machines on a network under a virtual clock, and the judge that knows who had seen what. */

import { type Limits, type Random, seededRandom } from "@context-mesh/common";
import { createMemoryNetwork, type MemoryNetwork, type WiredLink } from "@context-mesh/memory";
import { VirtualClock } from "@context-mesh/testkit";
import { taskIds } from "./fields.ts";
import { Ledger } from "./ledger.ts";
import { AgentMachine } from "./machines/agent-machine.ts";
import type { Machinery } from "./machines/machinery.ts";
import { RelayMachine } from "./machines/relay-machine.ts";
import type { StockMachine } from "./machines/stock-machine.ts";
import { Oracle } from "./oracle.ts";
import { familyOf, newValueText } from "./values.ts";
import { WireWatch } from "./wire-watch.ts";

export interface Violation {
  readonly what: string;
  readonly detail: string;
  readonly atMs: number;
}

export interface Stats {
  writes: number;
  acknowledged: number;
  conflictsSeen: number;
  crashes: number;
  partitions: number;
  resolutions: number;
}

export interface World extends Machinery {
  readonly seed: number;
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  readonly random: Random;
  readonly ledger: Ledger;
  readonly wire: WireWatch;
  readonly oracle: Oracle;
  readonly agents: AgentMachine[];
  readonly relays: readonly RelayMachine[];
  readonly stocks: StockMachine[];
  /** Pairs of machines whose link is slow, as `from to`. */
  readonly slow: Set<string>;
  /** Values that some relay said are on its disk. */
  readonly acknowledged: Set<string>;
  /** Agents whose store was copied or put back: their own former values may come twice. */
  readonly forked: Set<string>;
  /** Agents that lost what was on their disk, in whole or in part. */
  readonly diskLost: Set<string>;
  readonly violations: Violation[];
  readonly stats: Stats;
  /** A relay's disk was put back: what only it had may be gone. */
  relayLost: boolean;
  /** Set while there are faults: joins are short, and chance alone seldom meets one. */
  onJoin: ((link: WiredLink) => void) | undefined;
  nextValue: number;
  nextName: number;
}

export const violate = (world: World, what: string, detail: string): void => {
  world.violations.push({ what, detail, atMs: world.clock.monotonicMs() });
};

type Shape = "all" | "ring" | "chain";

const peersOf = (shape: Shape, relays: number, at: number): string[] => {
  const others = Array.from({ length: relays }, (_, other) => other).filter((other) => other !== at);
  const chosen = others.filter((other) => {
    if (shape === "all") return true;
    return shape === "ring" ? other === (at + 1) % relays : other === at + 1;
  });
  return chosen.map((other) => `ws://relay-${other}`);
};

/** Bounds at which everything that is rare in a small room happens in it. */
const tightLimits: Partial<Limits> = {
  compactUpdates: 12,
  compactIdleUpdates: 4,
  roomIdleMs: 6_000,
  recentBytesMax: 1_200,
  sessionQueueBytesMax: 2_000,
  antiEntropyMs: 10_000,
};

const slowMs = 900;

const makeRelays = (machinery: Machinery, count: number): RelayMachine[] => {
  const { random, ledger } = machinery;
  const roll = random.int(3);
  const shape: Shape = (["all", "ring", "chain"] as const)[roll] as Shape;
  if (count === 3 && shape !== "chain") ledger.note("a ring of three relays");
  const limits = random.float() < 0.6 ? tightLimits : {};
  return Array.from(
    { length: count },
    (_, at) =>
      new RelayMachine(machinery, {
        name: `relay-${at}`,
        peers: peersOf(shape, count, at),
        limits,
        commitDelayMs: () => random.int(12),
      }),
  );
};

export const createWorld = (seed: number): World => {
  const random = seededRandom(seed);
  const clock = new VirtualClock();
  const ledger = new Ledger();
  const slow = new Set<string>();
  const byName = new Map<string, RelayMachine>();
  const isSlow = (from: string, to: string): boolean => slow.has(`${from} ${to}`) || slow.has(`${to} ${from}`);
  const wire = new WireWatch({
    ledger,
    relays: byName,
    chance: () => random.float(),
    isSlow,
    onJoin: (link) => world.onJoin?.(link),
    onEarly: (relay, value, to) => violate(world, "sent before it was on disk", `${relay.name} sent ${value} to ${to}`),
  });
  const network = createMemoryNetwork({
    clock,
    random,
    wire,
    windowBytes: random.float() < 0.5 ? 65_536 : 1_024,
    latencyMs: (from, to) => 1 + random.int(40) + (isSlow(from, to) ? slowMs : 0),
  });
  const machinery = { clock, network, random, ledger };
  const relays = makeRelays(machinery, 1 + random.int(3));
  for (const relay of relays) byName.set(relay.name, relay);
  const world: World = {
    ...machinery,
    seed,
    wire,
    slow,
    oracle: new Oracle(),
    relays,
    agents: [],
    stocks: [],
    acknowledged: new Set(),
    forked: new Set(),
    diskLost: new Set(),
    violations: [],
    stats: { writes: 0, acknowledged: 0, conflictsSeen: 0, crashes: 0, partitions: 0, resolutions: 0 },
    relayLost: false,
    onJoin: undefined,
    nextValue: 0,
    nextName: 0,
  };
  const agentCount = 2 + random.int(seed % 10 === 0 ? 9 : 4);
  for (let n = 0; n < agentCount; n += 1) world.agents.push(newAgent(world));
  return world;
};

export const newAgent = (world: World): AgentMachine => {
  const { random, relays, oracle, ledger } = world;
  const urls = relays.map((relay) => relay.url).filter(() => random.float() < 0.7);
  const name = `agent${world.nextName}`;
  const fallback = (relays[world.nextName % relays.length] as RelayMachine).url;
  world.nextName += 1;
  const drift = random.float() < 0.2 ? (random.float() - 0.5) * 0.01 : 0;
  if (drift !== 0) ledger.note("a clock that drifts");
  return new AgentMachine(world, {
    name,
    family: name,
    mode: random.float() < 0.3 ? "levels" : "live",
    relays: urls.length > 0 ? urls : [fallback],
    wallOffsetMs: Math.round((random.float() - 0.5) * 2 * 600_000),
    drift,
    oracle,
    onLocal: (agent, values) => {
      for (const value of values) {
        if (familyOf(value) !== agent.family)
          violate(world, "a merge wrote a value", `${agent.name} appended ${value}`);
      }
    },
  });
};

/** Starts everything; the first agent makes the tasks that all will edit. */
export const startWorld = async (world: World): Promise<void> => {
  for (const relay of world.relays) await world.clock.waitFor(relay.start());
  for (const agent of world.agents) await world.clock.waitFor(agent.start());
  const first = world.agents[0] as AgentMachine;
  for (const id of taskIds) {
    const value = newValue(world, first);
    world.oracle.record({ id: value, field: `${id}/title`, lineage: first.lineage, shown: [] });
    first.node?.tasks.add({ id, title: value });
  }
  await world.clock.advance(2_000);
};

export const newValue = (world: World, agent: AgentMachine): string => {
  world.nextValue += 1;
  world.stats.writes += 1;
  return newValueText(agent.lineage, world.nextValue);
};

/** Nobody can be blamed for this value's absence: its author and a relay lost their disks. */
export const isExcused = (world: World, value: string): boolean =>
  world.relayLost && world.diskLost.has(familyOf(value));
