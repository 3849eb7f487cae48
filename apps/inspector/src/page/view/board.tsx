/** The board: four columns of cards. Arrow keys walk through it. */

import { agoText, numberText } from "../../model/ages.ts";
import {
  type Board as BoardModel,
  blockersText,
  type Card,
  type ColumnName,
  columnNames,
  columnTitles,
} from "../../model/board.ts";
import { claimText, isOver, leaseText } from "../../model/claim-words.ts";
import type { Digest } from "../../model/digest.ts";
import type { ClaimFact } from "../../model/facts.ts";
import { presenceText } from "../../model/people.ts";
import { linkTo } from "../../model/route.ts";
import { facts, nowMs } from "../state/picture.ts";
import { walkBoard } from "./board-keys.ts";
import { VirtualList } from "./virtual-list.tsx";

/** In rem: a card and the gap below it. */
const rowRem = 6.75;

const Lease = ({ claim }: { claim: ClaimFact }) => (
  <span class={`lease ${isOver(claim, nowMs.value) ? "over" : ""}`} title={claimText(claim, nowMs.value)}>
    {leaseText(claim, nowMs.value)}
  </span>
);

const Owner = ({ card }: { card: Card }) => {
  const claim = facts.value?.claims.get(card.id);
  const { owner } = card;
  if (owner === "") return card.column === "done" ? null : <span class="nobody">nobody</span>;
  const presence = presenceText(owner, facts.value?.presence);
  return (
    <>
      <span class="owner">
        {owner} {card.column !== "done" && <span class={`presence ${presence}`}>{presence}</span>}
      </span>
      {claim !== undefined && <Lease claim={claim} />}
    </>
  );
};

const TaskCard = ({ card }: { card: Card }) => (
  <a class="card" href={linkTo("task", card.id)} data-task={card.id}>
    <span class="card-head">
      <span class="id">{card.id}</span>
      {card.priority !== "" && <span class={`priority p-${card.priority.toLowerCase()}`}>{card.priority}</span>}
      {card.contested.length > 0 && <span class="badge">2 values</span>}
      {card.since !== undefined && <span class="age">{agoText(card.since, nowMs.value)}</span>}
    </span>
    <span class="title">{card.title}</span>
    <span class="card-foot">
      {card.blockers.length > 0 && card.column !== "done" ? (
        <span class="blockers">{blockersText(card)}</span>
      ) : (
        <Owner card={card} />
      )}
    </span>
  </a>
);

const emptyWords: Readonly<Record<ColumnName, string>> = {
  ready: "Nothing is ready to be taken.",
  progress: "Nobody works on anything.",
  blocked: "Nothing is blocked.",
  done: "Nothing is done yet.",
};

const Column = ({ name, cards, count }: { name: ColumnName; cards: readonly Card[]; count: number }) => (
  <section class={`column ${name}`} aria-labelledby={`column-${name}`} data-column={name}>
    <h3 id={`column-${name}`}>
      {columnTitles[name]} <span class="count">{numberText(count)}</span>
    </h3>
    {cards.length === 0 ? (
      <p class="empty">{emptyWords[name]}</p>
    ) : (
      <VirtualList items={cards} rowRem={rowRem} keyOf={(card) => card.id} label={columnTitles[name]}>
        {(card) => <TaskCard card={card} />}
      </VirtualList>
    )}
  </section>
);

/** All cards once the node is there, until then those of the digest. */
export const Board = ({ board, digest }: { board: BoardModel | undefined; digest: Digest | undefined }) => (
  // biome-ignore lint/a11y/useSemanticElements: a group of lists has no element of its own
  <div class="board" role="group" aria-label="Board" onKeyDown={walkBoard}>
    {columnNames.map((name) => {
      const cards = board?.columns[name] ?? digest?.columns[name].cards ?? [];
      const count = board?.columns[name].length ?? digest?.columns[name].count ?? 0;
      return <Column key={name} name={name} cards={cards} count={count} />;
    })}
  </div>
);
