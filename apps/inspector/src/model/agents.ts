/** Agents with what each source says of them side by side, and which one counts. */

import { allCards, type Board, type Card } from "./board.ts";
import type { Facts, PresenceFact, RegisteredFact, StatusFact, StatusSourceName } from "./facts.ts";
import { differences, saidBy } from "./statuses.ts";

export interface Said {
  readonly word: string;
  readonly at: number | undefined;
}

export interface AgentRow {
  readonly id: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly capabilities: readonly string[];
  readonly isHere: boolean;
  readonly isOwn: boolean;
  /** Age of the last sign of life; undefined when there is none now. */
  readonly seenMsAgo: number | undefined;
  readonly said: Readonly<Record<StatusSourceName, Said | undefined>>;
  /** What counts, and by which source; undefined where nobody says anything. */
  readonly status: string | undefined;
  readonly source: string | undefined;
  readonly why: string;
  readonly differences: readonly string[];
  readonly cards: readonly Card[];
}

const emptyStatus = (agent: string, isHere: boolean): StatusFact => ({
  agent,
  status: undefined,
  source: undefined,
  why: isHere ? "It gives signs of life and says nothing more." : "No sign of life, and nothing written down.",
  said: [],
  discrepancies: [],
});

interface Known {
  readonly one: PresenceFact | undefined;
  readonly registered: RegisteredFact | undefined;
  readonly status: StatusFact | undefined;
  readonly cards: readonly Card[];
}

const rowOf = (id: string, { one, registered, status, cards }: Known): AgentRow => {
  const told = status?.status === undefined ? emptyStatus(id, one !== undefined) : status;
  return {
    id,
    roles: one?.roles ?? registered?.roles ?? [],
    groups: one?.groups ?? registered?.groups ?? [],
    capabilities: registered?.capabilities ?? [],
    isHere: one !== undefined,
    isOwn: one?.own ?? false,
    seenMsAgo: one?.seenMsAgo,
    said: { file: saidBy(status, "file"), document: saidBy(status, "document"), presence: saidBy(status, "presence") },
    status: told.status,
    source: told.source,
    why: told.why,
    differences: differences(told).map(({ detail }) => detail),
    cards,
  };
};

/** Here first, then by name. Everybody who is present, registered, or owns something that runs. */
export const agentRows = (board: Board, facts: Facts): readonly AgentRow[] => {
  const shown = (facts.presence ?? []).filter((one) => one.own || !one.roles.includes("visitor"));
  const presence = new Map(shown.map((one) => [one.agent, one]));
  const records = new Map(facts.registered.map((one) => [one.id, one]));
  const statuses = new Map(facts.statuses.map((one) => [one.agent, one]));
  const cardsByOwner = new Map<string, Card[]>();
  for (const card of allCards(board)) {
    if (card.owner !== "" && card.column !== "done") {
      cardsByOwner.set(card.owner, [...(cardsByOwner.get(card.owner) ?? []), card]);
    }
  }
  const visitors = new Set((facts.presence ?? []).map(({ agent }) => agent).filter((agent) => !presence.has(agent)));
  const ids = new Set([...presence.keys(), ...records.keys(), ...statuses.keys(), ...cardsByOwner.keys()]);
  return [...ids]
    .filter((id) => !visitors.has(id))
    .map((id) => {
      const [one, registered] = [presence.get(id), records.get(id)];
      return rowOf(id, { one, registered, status: statuses.get(id), cards: cardsByOwner.get(id) ?? [] });
    })
    .sort((a, b) => Number(b.isHere) - Number(a.isHere) || (a.id < b.id ? -1 : 1));
};
