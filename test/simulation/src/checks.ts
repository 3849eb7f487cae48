/** What must hold: of one replica after every step, of replicas that know the same, and of everything after healing. */

import { canonicalJson, type JsonValue } from "@context-mesh/common";
import * as Y from "yjs";
import { type Field, fields, readField, shownIn } from "./fields.ts";
import type { AgentMachine } from "./machines/agent-machine.ts";
import { familyOf } from "./values.ts";
import { isExcused, violate, type World } from "./world.ts";

const fieldsOf = (keys: ReadonlySet<string>): readonly Field[] =>
  fields.filter(({ task }) =>
    [...keys].some((key) => (task === undefined ? !key.startsWith("t/") : key.startsWith(`t/${task}/`))),
  );

/** What an agent has taken in, and what it has queued itself. */
const knownTo = (agent: AgentMachine): ReadonlySet<string> => {
  const queue = agent.node?.queue() ?? [];
  if (queue.length === 0) return agent.received;
  const known = new Set(agent.received);
  for (const { value } of queue) if (typeof value === "string") known.add(value);
  return known;
};

/**
 * A store that was copied or put back is a new writer: what its author had written since may stand beside what it writes
 * now, or be replaced by it as its own. For such authors only: nothing of others is touched.
 */
const isForgiven = (world: World, value: string, known: ReadonlySet<string>, isShown: boolean): boolean => {
  const family = familyOf(value);
  if (!world.forked.has(family)) return false;
  return isShown || world.oracle.hasLater(value, known, (other) => familyOf(other) === family);
};

const checkField = (world: World, agent: AgentMachine, field: Field, known: ReadonlySet<string>): void => {
  const { node } = agent;
  if (node === undefined) return;
  const shown = new Set(shownIn(readField(node, field)));
  if (shown.size > 1) world.stats.conflictsSeen += 1;
  if (shown.size > 2) world.ledger.note("a conflict of three or more");
  const expected = world.oracle.current(field.name, known);
  const extra = [...shown].filter((value) => !expected.has(value) && !isForgiven(world, value, known, true));
  const missing = [...expected].filter((value) => !shown.has(value) && !isForgiven(world, value, known, false));
  if (extra.length + missing.length === 0) return;
  violate(
    world,
    "siblings differ from the oracle",
    `${agent.name} ${field.name}: shows [${[...shown].join(" ")}], must show [${[...expected].join(" ")}]`,
  );
};

/** Holds what one replica shows against what the judge says it must show, where it has changed. */
export const checkChanged = (world: World, agent: AgentMachine): void => {
  if (agent.changedKeys.size === 0) return;
  const changed = fieldsOf(agent.changedKeys);
  agent.changedKeys.clear();
  if (changed.length === 0) return;
  const known = knownTo(agent);
  for (const field of changed) checkField(world, agent, field, known);
};

export const checkWhole = (world: World, agent: AgentMachine): void => {
  const known = knownTo(agent);
  for (const field of fields) checkField(world, agent, field, known);
};

/** Replicas with equal knowledge and nothing queued have equal digests. */
export const checkDigests = (world: World): void => {
  const byFingerprint = new Map<string, { readonly digest: string; readonly name: string }>();
  for (const { node, name } of world.agents) {
    if (node === undefined || node.core.replicas.queue.size > 0) continue;
    const { replica } = node.core.replicas;
    const [fingerprint, digest] = [replica.fingerprint(), replica.digest()];
    const other = byFingerprint.get(fingerprint);
    if (other !== undefined && other.digest !== digest)
      violate(world, "equal knowledge, other digests", `${name} and ${other.name}`);
    byFingerprint.set(fingerprint, { digest, name });
  }
};

/** The projection without what is a local observation. */
const projectionOf = (agent: AgentMachine): string => {
  const { last_sync: _, ...context } = (agent.node?.export() ?? {}) as Record<string, JsonValue>;
  return canonicalJson(context as JsonValue);
};

const checkEverything = (world: World, agent: AgentMachine, everything: ReadonlySet<string>): void => {
  checkWhole(world, agent);
  for (const field of fields) {
    const shown = new Set(agent.node === undefined ? [] : shownIn(readField(agent.node, field)));
    for (const value of world.oracle.current(field.name, everything)) {
      if (!shown.has(value) && !isForgiven(world, value, everything, false))
        violate(world, "a current value is missing", `${agent.name} ${field.name} lacks ${value}`);
    }
  }
  for (const value of world.acknowledged) {
    const isThere =
      world.oracle.isAccountedFor(value, agent.received) || isForgiven(world, value, agent.received, false);
    if (!isThere && !isExcused(world, value))
      violate(world, "an acknowledged write is missing", `${agent.name} lacks ${value}`);
  }
};

/** After healing: the same everywhere, and nothing that was acknowledged is missing anywhere. */
export const checkHealed = (world: World): void => {
  const everything = new Set(world.agents.flatMap((agent) => [...agent.received]));
  for (const agent of world.agents) checkEverything(world, agent, everything);
  const digests = new Set(world.agents.map((agent) => agent.node?.status().digest));
  if (digests.size > 1) violate(world, "digests differ", [...digests].join(" "));
  const projections = new Set(world.agents.map(projectionOf));
  if (projections.size > 1) violate(world, "projections differ", [...projections].join("\n"));
};

const clocksOf = (doc: Y.Doc): string =>
  JSON.stringify([...Y.decodeStateVector(Y.encodeStateVector(doc))].sort(([a], [b]) => a - b));

/** Everybody in sync with every relay, nothing waiting anywhere, and the same knowledge everywhere. */
export const isConverged = (world: World): boolean => {
  if (world.agents.some(({ node }) => node === undefined || node.core.replicas.queue.size > 0)) return false;
  const replicas = world.agents.flatMap(({ node }) => (node === undefined ? [] : [node.core.replicas.replica]));
  const docs = [...replicas.map(({ ydoc }) => ydoc), ...world.stocks.map(({ doc }) => doc)];
  if (new Set(docs.map(clocksOf)).size > 1 || new Set(replicas.map((replica) => replica.fingerprint())).size > 1)
    return false;
  const states = world.agents.map((agent) => agent.node?.status());
  return states.every(
    (status) =>
      status !== undefined &&
      status.queued.count === 0 &&
      status.unconfirmed === 0 &&
      status.relays.every((relay) => relay.synced),
  );
};

/** For the report when it does not come to that. */
export const describeMesh = (world: World): string => {
  const agents = world.agents.map(({ name, node }) => {
    const status = node?.status();
    if (status === undefined) return `${name} is down`;
    const relays = status.relays.map((relay) => `${relay.url}:${relay.state}`).join(",");
    return `${name} queued ${status.queued.count} unconfirmed ${status.unconfirmed} ${status.fingerprint.slice(0, 6)} ${relays}`;
  });
  return [...agents, ...world.stocks.map(({ name, doc }) => `${name} ${clocksOf(doc)}`)].join("; ");
};
