/** A simulated mesh: machines on a network under a virtual clock, and the judge that knows who had seen what. */

import { type Random, seededRandom } from "@context-mesh/common";
import { createMemoryNetwork, type MemoryNetwork } from "@context-mesh/memory";
import { VirtualClock } from "@context-mesh/testkit";
import { fields, readField, shownIn, taskIds } from "./fields.ts";
import { AgentMachine, RelayMachine } from "./machines.ts";
import { Oracle } from "./oracle.ts";

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

export interface World {
  readonly seed: number;
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  readonly random: Random;
  readonly oracle: Oracle;
  readonly agents: readonly AgentMachine[];
  readonly relays: readonly RelayMachine[];
  /** Values that some relay said are on its disk. */
  readonly acknowledged: Set<string>;
  readonly violations: Violation[];
  readonly stats: Stats;
  nextValue: number;
}

export const violate = (world: World, what: string, detail: string): void => {
  world.violations.push({ what, detail, atMs: world.clock.monotonicMs() });
};

const peersOf = (relays: number, at: number): string[] =>
  Array.from({ length: relays }, (_, other) => other)
    .filter((other) => other !== at)
    .map((other) => `ws://relay-${other}`);

export const createWorld = (seed: number): World => {
  const random = seededRandom(seed);
  const clock = new VirtualClock();
  const network = createMemoryNetwork({ clock, random, latencyMs: () => 1 + random.int(40) });
  const machinery = { clock, network, random };
  const relayCount = 1 + random.int(3);
  const agentCount = 2 + random.int(seed % 5 === 0 ? 11 : 4);
  const relays = Array.from(
    { length: relayCount },
    (_, at) => new RelayMachine(machinery, `relay-${at}`, peersOf(relayCount, at), () => random.int(12)),
  );
  const world: World = {
    seed,
    clock,
    network,
    random,
    oracle: new Oracle(),
    relays,
    agents: [],
    acknowledged: new Set(),
    violations: [],
    stats: { writes: 0, acknowledged: 0, conflictsSeen: 0, crashes: 0, partitions: 0, resolutions: 0 },
    nextValue: 0,
  };
  const agents = Array.from({ length: agentCount }, (_, at) => {
    const urls = relays.map((relay) => relay.url).filter(() => random.float() < 0.7);
    return new AgentMachine(machinery, {
      name: `agent${at}`,
      mode: random.float() < 0.3 ? "levels" : "live",
      relays: urls.length > 0 ? urls : [(relays[at % relays.length] as RelayMachine).url],
      wallOffsetMs: Math.round((random.float() - 0.5) * 2 * 600_000),
      onLocal: (agent, append) => {
        for (const value of append.values) {
          if (!value.startsWith(`w:${agent.name}.`)) {
            violate(world, "a merge wrote a value", `${agent.name} appended ${value}`);
          }
        }
      },
    });
  });
  return Object.assign(world, { agents });
};

/** Starts everything; the first agent makes the tasks that all will edit. */
export const startWorld = async (world: World): Promise<void> => {
  for (const relay of world.relays) await world.clock.waitFor(relay.start());
  for (const agent of world.agents) await world.clock.waitFor(agent.start());
  const [first] = world.agents;
  for (const id of taskIds) {
    const value = newValue(world, first as AgentMachine);
    world.oracle.record({ id: value, field: `${id}/title`, lineage: (first as AgentMachine).lineage, shown: [] });
    (first as AgentMachine).node?.tasks.add({ id, title: value });
  }
  await world.clock.advance(3_000);
};

export const newValue = (world: World, agent: AgentMachine): string => {
  world.nextValue += 1;
  const value = `w:${agent.lineage}:${world.nextValue}`;
  world.stats.writes += 1;
  return value;
};

/** Holds every field that one replica shows against what the judge says it must show. */
export const checkAgent = (world: World, agent: AgentMachine): void => {
  const { node } = agent;
  if (node === undefined) return;
  const queued = new Set(
    node
      .queue()
      .map((item) => item.value)
      .filter((value): value is string => typeof value === "string"),
  );
  const known = new Set([...agent.received, ...queued]);
  for (const field of fields) {
    const shown = shownIn(readField(node, field));
    if (shown.length > 1) world.stats.conflictsSeen += 1;
    const expected = world.oracle.current(field.name, known);
    if (shown.length === expected.size && shown.every((value) => expected.has(value))) continue;
    violate(
      world,
      "siblings differ from the oracle",
      `${agent.name} ${field.name}: shows [${shown.join(" ")}], must show [${[...expected].join(" ")}]`,
    );
  }
};
