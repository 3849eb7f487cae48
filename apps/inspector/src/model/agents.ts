/** Agents with what each source says of them side by side, and which one counts. */

import { allCards, type Board, type Card } from "./board.ts";
import type { Facts, PresenceFact } from "./facts.ts";
import { saidStatus } from "./people.ts";
import { type JsonObject, textOf, timeOf, wordOf } from "./read.ts";

/** An agent that registered itself, whether here now or not. */
export interface RegisteredFact {
  readonly id: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly capabilities: readonly string[];
  readonly fields: JsonObject;
}

type Source = "file" | "display" | "presence";

export interface AgentRow {
  readonly id: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly capabilities: readonly string[];
  readonly isHere: boolean;
  readonly isOwn: boolean;
  /** Age of the last sign of life; undefined when there is none now. */
  readonly seenMsAgo: number | undefined;
  readonly said: Readonly<Record<Source, string>>;
  readonly chosen: string;
  readonly why: string;
  readonly differs: boolean;
  readonly cards: readonly Card[];
}

/** Beyond this a sign of life is old: presence is renewed every 15 s. */
const freshMs = 20_000;

const displayOf = (record: JsonObject | undefined): string => textOf(record?.status ?? record?.display_status);
const fileOf = (state: JsonObject, record: JsonObject | undefined): string =>
  textOf(state.status_file ?? record?.status_file ?? record?.file_status);

interface Choice {
  readonly chosen: string;
  readonly why: string;
}

/** A fresh sign of life beats what was written down; what was written by the agent itself beats what others display. */
const choose = (said: Readonly<Record<Source, string>>, seenMsAgo: number | undefined, written: string): Choice => {
  const isFresh = seenMsAgo !== undefined && seenMsAgo <= freshMs;
  if (isFresh && said.presence !== "") return { chosen: said.presence, why: "its presence says so, and is fresh" };
  if (said.file !== "") return { chosen: said.file, why: "its own status file says so" };
  if (said.display !== "") return { chosen: said.display, why: `it is displayed so${written}` };
  return isFresh
    ? { chosen: "here", why: "it gives signs of life and says nothing more" }
    : { chosen: "away", why: "no sign of life, and nothing written down" };
};

const rowOf = (
  id: string,
  one: PresenceFact | undefined,
  registered: RegisteredFact | undefined,
  cards: readonly Card[],
): AgentRow => {
  const record = registered?.fields;
  const said = {
    file: fileOf(one?.state ?? {}, record),
    display: displayOf(record),
    presence: one === undefined ? "" : saidStatus(one.state),
  };
  const words = new Set(
    Object.values(said)
      .filter((text) => text !== "")
      .map(wordOf),
  );
  const writtenAt = timeOf(record?.updated ?? record?.last_updated);
  return {
    id,
    roles: one?.roles ?? registered?.roles ?? [],
    groups: one?.groups ?? registered?.groups ?? [],
    capabilities: registered?.capabilities ?? [],
    isHere: one !== undefined,
    isOwn: one?.own ?? false,
    seenMsAgo: one?.seenMsAgo,
    said,
    ...choose(said, one?.seenMsAgo, writtenAt === undefined ? "" : " and nothing newer is known"),
    differs: words.size > 1,
    cards,
  };
};

/** Here first, then by name. Everybody who is present, registered, or owns something that runs. */
export const agentRows = (board: Board, facts: Facts, registered: readonly RegisteredFact[]): readonly AgentRow[] => {
  const presence = new Map((facts.presence ?? []).map((one) => [one.agent, one]));
  const records = new Map(registered.map((one) => [one.id, one]));
  const cardsByOwner = new Map<string, Card[]>();
  for (const card of allCards(board)) {
    const owner = facts.claims.get(card.id)?.holder ?? card.owner;
    if (owner !== "" && card.column !== "done") cardsByOwner.set(owner, [...(cardsByOwner.get(owner) ?? []), card]);
  }
  const ids = new Set([...presence.keys(), ...records.keys(), ...cardsByOwner.keys()]);
  return [...ids]
    .map((id) => rowOf(id, presence.get(id), records.get(id), cardsByOwner.get(id) ?? []))
    .sort((a, b) => Number(b.isHere) - Number(a.isHere) || (a.id < b.id ? -1 : 1));
};
