/** What needs somebody, most urgent first. Every item says what, who and where to act. */

import { agoText, countText } from "./ages.ts";
import { allCards, type Board, type Card } from "./board.ts";
import { isOver } from "./claim-words.ts";
import { namedPlace, shortValue } from "./events.ts";
import type { ConflictFact, Facts, ProposalFact } from "./facts.ts";
import { isForPerson, saidStatus } from "./people.ts";
import { objectOf, objectsOf, textOf, wordOf } from "./read.ts";
import { linkTo } from "./route.ts";
import { differences } from "./statuses.ts";
import { isNobodyHere, untakable } from "./untakable.ts";

export type AttentionKind =
  | "conflict"
  | "question"
  | "overdue"
  | "blocked"
  | "proposal"
  | "silent"
  | "expired"
  | "discrepancy"
  | "unclaimable"
  | "handover";

export interface AttentionItem {
  readonly kind: AttentionKind;
  readonly title: string;
  readonly detail: string;
  readonly link: string;
  readonly at: number | undefined;
}

/** The order of the list. */
const ranks: readonly AttentionKind[] = [
  "conflict",
  "question",
  "proposal",
  "overdue",
  "silent",
  "expired",
  "discrepancy",
  "blocked",
  "unclaimable",
  "handover",
];

export const kindWords: Readonly<Record<AttentionKind, string>> = {
  conflict: "Conflict",
  question: "Question",
  proposal: "Proposal",
  overdue: "Overdue",
  silent: "Silent",
  expired: "Lease ran out",
  discrepancy: "Differs",
  blocked: "Blocked",
  unclaimable: "Nobody can take it",
  handover: "Hand-over",
};

const idleWords = new Set(["idle", "done", "finished", "waiting", "stopped", "offline", "uninitialized"]);
const criticalFields = /current_phase|\.status$|owner|architecture/;

/** Two short values are told; more or longer ones are counted. */
const valuesText = ({ candidates }: ConflictFact): string => {
  const texts = candidates.map(({ value }) => shortValue(value));
  const isShort = texts.length === 2 && texts.every((text) => text.length <= valueLengthMax);
  return isShort ? texts.join(" or ") : countText(texts.length, "value");
};
const valueLengthMax = 48;

const conflictItem = (conflict: ConflictFact): AttentionItem => ({
  kind: "conflict",
  title: namedPlace(conflict.path).what,
  detail: `${valuesText(conflict)} · by ${[...new Set(conflict.candidates.map((it) => it.agent))].join(" and ")}`,
  link: linkTo("conflicts", conflict.key),
  at: conflict.detectedAt,
});

const questionItems = ({ context, presence }: Facts): readonly AttentionItem[] =>
  objectsOf(objectOf(context.communication).pending_questions)
    .filter((question) => isForPerson(textOf(question.to), presence ?? []))
    .map((question) => ({
      kind: "question",
      title: textOf(question.question) || textOf(question.id),
      detail: `from ${textOf(question.from) || "somebody"}${textOf(question.priority) === "" ? "" : `, ${textOf(question.priority)}`}`,
      link: linkTo("talk", textOf(question.id)),
      at: undefined,
    }));

const cardItem = (kind: AttentionKind, card: Card, detail: string): AttentionItem => ({
  kind,
  title: card.title,
  detail: `${card.id} · ${detail}`,
  link: linkTo("task", card.id),
  at: card.since,
});

const proposalItem = ({ id, path, agent, value, at }: ProposalFact): AttentionItem => ({
  kind: "proposal",
  title: namedPlace(path).what,
  detail: `${agent} proposes ${shortValue(value)}`,
  link: linkTo("conflicts", id),
  at,
});

const silentItems = (cards: readonly Card[], facts: Facts): readonly AttentionItem[] => {
  const { presence } = facts;
  if (presence === undefined) return [];
  const here = new Set(presence.map(({ agent }) => agent));
  const held = new Map<string, Card[]>();
  for (const card of cards) {
    const holder = card.column === "progress" ? card.owner : "";
    if (holder !== "" && !here.has(holder)) held.set(holder, [...(held.get(holder) ?? []), card]);
  }
  return [...held].map(([holder, ofHolder]) => {
    const names = ofHolder.slice(0, namedMax).map((card) => card.id);
    const more = ofHolder.length > namedMax ? ` and ${ofHolder.length - namedMax} more` : "";
    const detail = `not here, while ${names.join(", ")}${more} ${ofHolder.length === 1 ? "is" : "are"} in progress`;
    return { kind: "silent", title: holder, detail, link: linkTo("agents", holder), at: undefined };
  });
};

/** Tasks named in one line. */
const namedMax = 4;

/** Its holder is here, and let the lease pass: others may take the task over. */
const expiredItems = (cards: readonly Card[], { claims, presence, nowMs }: Facts): readonly AttentionItem[] => {
  const here = new Set((presence ?? []).map(({ agent }) => agent));
  return cards.flatMap((card) => {
    const claim = claims.get(card.id);
    if (claim === undefined || !isOver(claim, nowMs) || !here.has(claim.holder)) return [];
    return [cardItem("expired", card, `${claim.holder} held it; it can be taken over`)];
  });
};

const idleItems = (cards: readonly Card[], { presence }: Facts): readonly AttentionItem[] =>
  (presence ?? []).flatMap((one) => {
    const said = saidStatus(one.state);
    const running = cards.filter((card) => card.column === "progress" && card.owner === one.agent);
    if (!idleWords.has(wordOf(said)) || running.length === 0) return [];
    const detail = `says "${said}", but ${countText(running.length, "task")} of it ${running.length === 1 ? "is" : "are"} in progress`;
    return [{ kind: "discrepancy", title: one.agent, detail, link: linkTo("agents", one.agent), at: undefined }];
  });

/** One line an agent: what its sources say is told beside each other in the view of agents. */
const differenceItems = ({ statuses }: Facts): readonly AttentionItem[] =>
  statuses.flatMap((status) => {
    const [first, ...others] = differences(status);
    if (first === undefined) return [];
    const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
    const detail = `${first.detail}${more}`;
    return [{ kind: "discrepancy", title: status.agent, detail, link: linkTo("agents", status.agent), at: undefined }];
  });

/** What an agent is idle about and what its sources differ in are one matter, and a silent one is told already. */
const discrepancyItems = (
  cards: readonly Card[],
  facts: Facts,
  silent: readonly AttentionItem[],
): readonly AttentionItem[] => {
  const told = new Set(silent.map(({ title }) => title));
  const items = [...idleItems(cards, facts), ...differenceItems(facts)];
  return items.filter(({ title }) => !told.has(title) && told.add(title) !== undefined);
};

const untakableItems = (board: Board, facts: Facts): readonly AttentionItem[] => {
  const items = untakable(board, facts).map(({ card, why }) => cardItem("unclaimable", card, why));
  if (!isNobodyHere(board, facts)) return items;
  const title = `${countText(board.columns.ready.length, "task")} ready, and no agent is here`;
  const detail = "An agent joins with: context-mesh join";
  return [...items, { kind: "unclaimable", title, detail, link: linkTo("agents"), at: undefined }];
};

const taskItems = (board: Board, facts: Facts): readonly AttentionItem[] => {
  const { nowMs } = facts;
  const cards = allCards(board);
  const silent = silentItems(cards, facts);
  const overdue = cards.filter((card) => card.column !== "done" && card.due !== undefined && card.due < nowMs);
  const blocked = board.columns.blocked.filter(
    (card) => card.status === "blocked" || card.blockers.length === 0 || isReason(card),
  );
  return [
    ...overdue.map((card) => cardItem("overdue", card, `was due ${agoText(card.due ?? nowMs, nowMs)}`)),
    ...blocked.map((card) => cardItem("blocked", card, card.blockers.join("; ") || "no reason given")),
    ...silent,
    ...expiredItems(cards, facts),
    ...discrepancyItems(cards, facts, silent),
    ...untakableItems(board, facts),
  ];
};

/** Blocked for a reason in words; waiting for another task is the normal course of things. */
const isReason = (card: Card): boolean => card.blockers.some((blocker) => blocker.includes(" "));

const handoverItems = ({ context, presence }: Facts): readonly AttentionItem[] => {
  const last = objectOf(objectOf(context.communication).last_handover);
  const to = textOf(last.to);
  if (to === "" || last.acknowledged === true || !isForPerson(to, presence ?? [])) return [];
  const title = textOf(last.document ?? last.summary) || "a hand-over";
  return [
    { kind: "handover", title, detail: `from ${textOf(last.from)} to ${to}`, link: linkTo("talk"), at: undefined },
  ];
};

export const attentionOf = (board: Board, facts: Facts): readonly AttentionItem[] => {
  const critical = (conflict: ConflictFact): number => (criticalFields.test(conflict.path) ? 0 : 1);
  const conflicts = [...facts.conflicts].sort((a, b) => critical(a) - critical(b));
  const items = [
    ...conflicts.map(conflictItem),
    ...questionItems(facts),
    ...facts.proposals.map(proposalItem),
    ...taskItems(board, facts),
    ...handoverItems(facts),
  ];
  return items
    .map((item, at) => ({ item, at, rank: ranks.indexOf(item.kind) }))
    .sort((a, b) => a.rank - b.rank || a.at - b.at)
    .map(({ item }) => item);
};
