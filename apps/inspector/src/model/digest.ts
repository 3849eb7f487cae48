/** The first screen as one small value: what the relay answers, what the browser keeps, and what is painted first. */

import { type AttentionItem, attentionOf } from "./attention.ts";
import { type Board, boardOf, type Card, type ColumnName, columnNames } from "./board.ts";
import { type EventLine, eventLines } from "./events.ts";
import type { Facts } from "./facts.ts";
import { type JsonValue, objectOf, objectsOf, textOf } from "./read.ts";

interface ColumnDigest {
  readonly cards: readonly Card[];
  /** How many there are in all. */
  readonly count: number;
}

export interface Digest {
  readonly v: 1;
  readonly room: string;
  readonly at: number;
  readonly phase: string;
  readonly columns: Readonly<Record<ColumnName, ColumnDigest>>;
  readonly attention: readonly AttentionItem[];
  readonly attentionCount: number;
  readonly events: readonly EventLine[];
  readonly counts: {
    readonly conflicts: number;
    readonly proposals?: number;
    readonly questions: number;
    readonly decisions: number;
  };
}

/** Cards of a column in a digest: as many as a screen shows; the others come with the node. */
const cardsMax = 12;
const attentionMax = 20;
const lastEventsMax = 20;

export interface Screen {
  readonly digest: Digest;
  readonly board: Board;
  readonly attention: readonly AttentionItem[];
}

const cut = (cards: readonly Card[]): ColumnDigest => ({ cards: cards.slice(0, cardsMax), count: cards.length });

/** The whole first screen, with every card. */
export const screenOf = (room: string, facts: Facts): Screen => {
  const board = boardOf(facts);
  const attention = attentionOf(board, facts);
  const { context, events, conflicts, nowMs } = facts;
  const { ready, progress, blocked, done } = board.columns;
  const digest: Digest = {
    v: 1,
    room,
    at: nowMs,
    phase: textOf(objectOf(context.project_state).current_phase),
    columns: { ready: cut(ready), progress: cut(progress), blocked: cut(blocked), done: cut(done) },
    attention: attention.slice(0, attentionMax),
    attentionCount: attention.length,
    events: eventLines(events, lastEventsMax),
    counts: {
      conflicts: conflicts.length,
      proposals: facts.proposals.length,
      questions: objectsOf(objectOf(context.communication).pending_questions).length,
      decisions: objectsOf(objectOf(context.decisions_log).recent).length,
    },
  };
  return { digest, board, attention };
};

export const digestOf = (room: string, facts: Facts): Digest => screenOf(room, facts).digest;

/** A stored or fetched value, if it is a digest of this room. */
export const parseDigest = (value: JsonValue | undefined, room: string): Digest | undefined => {
  const digest = objectOf(value);
  const isWhole =
    digest.v === 1 &&
    digest.room === room &&
    columnNames.every((name) => Array.isArray(objectOf(objectOf(digest.columns)[name]).cards)) &&
    Array.isArray(digest.attention) &&
    Array.isArray(digest.events);
  return isWhole ? (value as unknown as Digest) : undefined;
};
