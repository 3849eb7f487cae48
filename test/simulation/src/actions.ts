/** What can happen in a simulated mesh, with how often. Every choice comes from the world's own random source. */

import { pick } from "@context-mesh/common";
import { type Field, fields, readField, shownIn } from "./fields.ts";
import type { AgentMachine } from "./machines.ts";
import { newValue, violate, type World } from "./world.ts";

type Reading = ReturnType<NonNullable<AgentMachine["node"]>["get"]>;

/** A reading that its agent thinks about; the write comes later, whatever has arrived in between. */
interface Thought {
  readonly agent: AgentMachine;
  readonly life: AgentMachine["node"];
  readonly field: Field;
  readonly reading: Reading;
}

export interface Play {
  readonly world: World;
  readonly thoughts: Thought[];
  readonly heals: (() => void)[];
}

const running = (world: World): AgentMachine[] => world.agents.filter((agent) => agent.node !== undefined);

const levels = ["critical", "checkpoint", "periodic"] as const;

const follow = (world: World, value: string, receipt: ReturnType<Field["write"]>): void => {
  if (!receipt.ok) {
    violate(world, "a write was refused", `${value}: ${receipt.reason} ${receipt.detail ?? ""}`);
    return;
  }
  void receipt.reached("durable").then((now) => {
    if (now.state !== "durable") return;
    world.acknowledged.add(value);
    world.stats.acknowledged += 1;
  });
};

const readSomething = ({ world, thoughts }: Play): void => {
  const agents = running(world);
  if (agents.length === 0) return;
  const agent = pick(world.random, agents);
  const field = pick(world.random, fields);
  const reading = agent.node === undefined ? undefined : readField(agent.node, field);
  if (reading !== undefined) thoughts.push({ agent, life: agent.node, field, reading });
};

const writeThought = (play: Play): void => {
  const { world, thoughts } = play;
  const at = world.random.int(thoughts.length + 1);
  const [thought] = thoughts.splice(at, 1);
  if (thought === undefined || thought.agent.node === undefined || thought.agent.node !== thought.life) return;
  const { agent, field, reading } = thought;
  const value = newValue(world, agent);
  const shown = shownIn(reading).slice(0, 1);
  world.oracle.record({ id: value, field: field.name, lineage: agent.lineage, shown });
  const level = pick(world.random, levels);
  follow(
    world,
    value,
    field.write(agent.node as NonNullable<AgentMachine["node"]>, value, { basis: reading.basis, level }),
  );
};

const writeAtOnce = (play: Play): void => {
  readSomething(play);
  const thought = play.thoughts.pop();
  if (thought === undefined) return;
  const only: Play = { ...play, thoughts: [thought] };
  writeThought(only);
};

const resolveConflict = ({ world }: Play): void => {
  const agents = running(world);
  if (agents.length === 0) return;
  const agent = pick(world.random, agents);
  for (const field of fields) {
    const reading = agent.node === undefined ? undefined : readField(agent.node, field);
    if (reading === undefined || !reading.conflict) continue;
    const value = newValue(world, agent);
    world.oracle.record({ id: value, field: field.name, lineage: agent.lineage, shown: shownIn(reading) });
    world.stats.resolutions += 1;
    const receipt = agent.node?.conflicts.resolve(field.path, { value }, "decided");
    if (receipt !== undefined) follow(world, value, receipt);
    return;
  }
};

const crashAgent = ({ world }: Play): void => {
  const agents = running(world);
  if (agents.length < 2) return;
  world.stats.crashes += 1;
  pick(world.random, agents).crash({ losesDisk: world.random.float() < 0.25 });
};

const restartAgent = async ({ world }: Play): Promise<void> => {
  const down = world.agents.filter((agent) => agent.node === undefined);
  if (down.length > 0) await world.clock.waitFor(pick(world.random, down).start());
};

const crashRelay = ({ world }: Play): void => {
  world.stats.crashes += 1;
  pick(world.random, world.relays).crash();
};

const restartRelay = async ({ world }: Play): Promise<void> => {
  const down = world.relays.filter((relay) => !relay.isUp);
  if (down.length > 0) await world.clock.waitFor(pick(world.random, down).start());
};

const partition = ({ world, heals }: Play): void => {
  const names = [...world.agents, ...world.relays].map((machine) => machine.name);
  const side = new Set(names.filter(() => world.random.float() < 0.4));
  world.stats.partitions += 1;
  heals.push(world.network.partition((a, b) => side.has(a) !== side.has(b)));
};

const heal = ({ heals, world }: Play): void => {
  const [step] = heals.splice(world.random.int(heals.length + 1), 1);
  step?.();
};

const breakLink = ({ world }: Play): void => {
  const links = world.network.links();
  if (links.length === 0) return;
  const link = pick(world.random, links);
  if (world.random.float() < 0.3) link.halfOpen(world.random.float() < 0.5 ? "dialer" : "listener");
  else link.drop();
};

const jumpClock = ({ world }: Play): void => {
  pick(world.random, world.agents).jumpClock(Math.round((world.random.float() - 0.5) * 1_200_000));
};

const flushLevels = ({ world }: Play): void => {
  const agents = running(world);
  if (agents.length > 0) void pick(world.random, agents).node?.sync({ timeoutMs: 1 });
};

/** Weights are relative; reading and writing happen much more often than faults. */
const table: readonly (readonly [weight: number, act: (play: Play) => void | Promise<void>])[] = [
  [30, readSomething],
  [26, writeThought],
  [20, writeAtOnce],
  [4, resolveConflict],
  [2, crashAgent],
  [4, restartAgent],
  [1, crashRelay],
  [3, restartRelay],
  [2, partition],
  [4, heal],
  [3, breakLink],
  [1, jumpClock],
  [2, flushLevels],
];

const totalWeight = table.reduce((sum, [weight]) => sum + weight, 0);

export const act = async (play: Play): Promise<void> => {
  let ticket = play.world.random.float() * totalWeight;
  for (const [weight, action] of table) {
    ticket -= weight;
    if (ticket < 0) {
      await action(play);
      return;
    }
  }
};
