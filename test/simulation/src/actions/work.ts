/** What agents do: read, think, write, decide. */

import { pick } from "@context-mesh/common";
import { type Field, fields, readField, shownIn } from "../fields.ts";
import type { AgentMachine } from "../machines/agent-machine.ts";
import { newValue, violate, type World } from "../world.ts";
import { type Act, isCutOff, type Play, withAgent } from "./play.ts";

const levels = ["critical", "checkpoint", "periodic"] as const;

type Receipt = ReturnType<Field["write"]>;

const follow = (world: World, agent: AgentMachine, value: string, receipt: Receipt): void => {
  // Whether it is on disk shows when the process that died in it is started again.
  if (agent.node === undefined) return;
  if (!receipt.ok) {
    if (agent.outcome === "ok")
      violate(world, "a write was refused", `${value}: ${receipt.reason} ${receipt.detail ?? ""}`);
    world.oracle.forget(value);
    return;
  }
  void receipt.reached("durable").then((now) => {
    if (now.state !== "durable") return;
    world.acknowledged.add(value);
    world.stats.acknowledged += 1;
    for (const url of now.relays) {
      const relay = world.relays.find((other) => other.url === url);
      // A value that its author replaced before it was sent is there as what came after it.
      if (relay === undefined || world.oracle.isAccountedFor(value, relay.everOnDisk)) continue;
      violate(world, "told durable before it was on disk", `${url} ${value}`);
    }
  });
};

export const readSomething: Act = ({ world, thoughts }) =>
  withAgent(world, (agent) => {
    const field = pick(world.random, fields);
    const reading = agent.node === undefined ? undefined : readField(agent.node, field);
    if (reading !== undefined) thoughts.push({ agent, life: agent.node, field, reading });
  });

export const writeThought: Act = ({ world, thoughts }) => {
  const [thought] = thoughts.splice(world.random.int(thoughts.length + 1), 1);
  const { agent, field, reading, life } = thought ?? {};
  if (agent?.node === undefined || agent.node !== life || agent.isAsleep) return;
  if (field === undefined || reading === undefined) return;
  const value = newValue(world, agent);
  world.oracle.record({
    id: value,
    field: field.name,
    lineage: agent.lineage,
    shown: shownIn(reading).slice(0, 1),
  });
  const level = pick(world.random, levels);
  if (isCutOff(agent)) world.ledger.note("a write with no relay in reach");
  const queuedBefore = life?.core.replicas.queue.size ?? 0;
  agent.write(value, (node) => {
    const receipt = field.write(node, value, { basis: reading.basis, level });
    follow(world, agent, value, receipt);
    if (level === "critical" && node.core.replicas.queue.size < queuedBefore)
      world.ledger.note("a critical write took queued ones along");
  });
};

export const writeAtOnce: Act = (play) => {
  readSomething(play);
  const thought = play.thoughts.pop();
  if (thought === undefined) return;
  writeThought({ ...play, thoughts: [thought] });
};

export const resolveConflict: Act = ({ world, thoughts }: Play) =>
  withAgent(world, (agent) => {
    const { node } = agent;
    if (node === undefined) return;
    for (const field of fields) {
      const reading = readField(node, field);
      if (reading === undefined || !reading.conflict) continue;
      const value = newValue(world, agent);
      world.oracle.record({ id: value, field: field.name, lineage: agent.lineage, shown: shownIn(reading) });
      world.stats.resolutions += 1;
      if (thoughts.some((other) => other.field === field && other.agent !== agent))
        world.ledger.note("a decision while others wrote the same field");
      if (isCutOff(agent)) world.ledger.note("a decision with no relay in reach");
      agent.write(value, () => follow(world, agent, value, node.conflicts.resolve(field.path, { value }, "decided")));
      return;
    }
  });

/** Agents on metered links send what waits. */
export const flushLevels: Act = ({ world }) =>
  withAgent(world, ({ node }) => {
    if (node === undefined) return;
    const isOnItsWay = node.core.links.some(({ state }) => state.name === "checking" || state.name === "syncing");
    if (isOnItsWay && node.core.replicas.queue.size > 0) world.ledger.note("outbox flush during reconnect");
    node.sync({ timeoutMs: 1 }).catch(() => {});
  });
