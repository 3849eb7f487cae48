/** Agents and relays as a graph: who is seen over which relay. */

import type { RelayFact } from "./connection.ts";
import type { PresenceFact } from "./facts.ts";

interface GraphNode {
  readonly id: string;
  readonly kind: "agent" | "relay" | "self";
  readonly label: string;
  readonly state: string;
}

interface GraphEdge {
  readonly from: string;
  readonly to: string;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export interface RelayedPresence extends PresenceFact {
  readonly relays?: readonly string[];
}

const relayId = (url: string): string => `relay ${url}`;
const agentId = (agent: string): string => `agent ${agent}`;

export const graphOf = (relays: readonly RelayFact[], presence: readonly RelayedPresence[]): Graph => {
  const nodes: GraphNode[] = relays.map(({ url, state }) => ({ id: relayId(url), kind: "relay", label: url, state }));
  const edges: GraphEdge[] = [];
  for (const one of presence) {
    const state = one.own ? "this tab" : one.seenMsAgo > 20_000 ? "quiet" : "here";
    nodes.push({
      id: agentId(one.agent),
      kind: one.own ? "self" : "agent",
      label: one.own ? `${one.agent} (this tab)` : one.agent,
      state,
    });
    const over = one.own ? relays.map(({ url }) => url) : (one.relays ?? []);
    for (const url of over) edges.push({ from: agentId(one.agent), to: relayId(url) });
  }
  const known = new Set(nodes.map(({ id }) => id));
  return { nodes, edges: edges.filter(({ from, to }) => known.has(from) && known.has(to)) };
};
