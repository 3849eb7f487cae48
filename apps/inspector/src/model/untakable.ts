/** Tasks that nobody can ever take as things stand: no one has what they ask for, or what they wait for cannot be. */

import { allCards, type Board, type Card } from "./board.ts";
import type { Facts } from "./facts.ts";
import { isPerson } from "./people.ts";

export interface Untakable {
  readonly card: Card;
  readonly why: string;
}

interface Skills {
  readonly roles: readonly string[];
  readonly capabilities: readonly string[];
}

const agentsHere = ({ presence, registered }: Facts): readonly Skills[] => {
  const records = new Map(registered.map((one) => [one.id, one]));
  return (presence ?? [])
    .filter((one) => !isPerson(one) && !one.roles.includes("visitor"))
    .map(({ agent, roles, groups }) => {
      const record = records.get(agent);
      return {
        roles: [...roles, ...groups, ...(record?.roles ?? [])],
        capabilities: [...groups, ...(record?.capabilities ?? [])],
      };
    });
};

/** As a claim is judged: one of the roles, all of the capabilities. */
const canTake = ({ roles, skills }: Card, has: Skills): boolean =>
  (roles.length === 0 || roles.some((role) => has.roles.includes(role))) &&
  skills.every((skill) => has.capabilities.includes(skill));

const unskilled = (cards: readonly Card[], here: readonly Skills[]): readonly Untakable[] =>
  cards
    .filter((card) => card.owner === "" && (card.roles.length > 0 || card.skills.length > 0))
    .filter((card) => !here.some((has) => canTake(card, has)))
    .map((card) => ({ card, why: `no agent here is or can ${[...card.roles, ...card.skills].join(", ")}` }));

/** The way along what waits for what, back to where it began. */
const cycleOf = (start: Card, byId: ReadonlyMap<string, Card>): readonly string[] | undefined => {
  const open: { readonly id: string; readonly way: readonly string[] }[] = [{ id: start.id, way: [start.id] }];
  const seen = new Set<string>();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const id of byId.get(next.id)?.blockers ?? []) {
      if (id === start.id) return [...next.way, id];
      if (seen.has(id) || !byId.has(id)) continue;
      seen.add(id);
      open.push({ id, way: [...next.way, id] });
    }
  }
  return undefined;
};

const stuck = (board: Board): readonly Untakable[] => {
  const byId = new Map(allCards(board).map((card) => [card.id, card]));
  return board.columns.blocked
    .filter((card) => card.list === "active")
    .flatMap((card) => {
      const missing = card.blockers.filter((id) => !byId.has(id));
      if (missing.length > 0) return [{ card, why: `waits for ${missing.join(", ")}, which no task is` }];
      const cycle = cycleOf(card, byId);
      return cycle === undefined ? [] : [{ card, why: `waits for itself: ${cycle.join(" → ")}` }];
    });
};

/** Who is here must be known; what waits for nothing that can be is told anyway. */
export const untakable = (board: Board, facts: Facts): readonly Untakable[] => [
  ...(facts.presence === undefined ? [] : unskilled(board.columns.ready, agentsHere(facts))),
  ...stuck(board),
];

/** Tasks are ready, and no agent is here at all. */
export const isNobodyHere = (board: Board, facts: Facts): boolean =>
  facts.presence !== undefined && board.columns.ready.length > 0 && agentsHere(facts).length === 0;
