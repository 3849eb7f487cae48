/** The first screen: what needs somebody, the board, what happened last. */

import { agoText } from "../../model/ages.ts";
import { type AttentionItem, kindWords } from "../../model/attention.ts";
import type { EventLine } from "../../model/events.ts";
import { linkTo } from "../../model/route.ts";
import { nowMs, screen, shownDigest } from "../state/picture.ts";
import { Board } from "./board.tsx";
import { scrollerProps } from "./scroller.ts";

const Attention = ({ item }: { item: AttentionItem }) => (
  <li>
    <a href={item.link} class={`attention ${item.kind}`}>
      <span class="kind">{kindWords[item.kind]}</span>
      <span class="title">{item.title}</span>
      <span class="meta">{item.detail}</span>
    </a>
  </li>
);

const EventRow = ({ event }: { event: EventLine }) => (
  <li class="event">
    <a href={event.link}>
      <span class="who">{event.agent}</span> <span class="what">{event.what}</span>
      {event.value !== "" && <span class="value"> → {event.value}</span>}
    </a>
    <time dateTime={new Date(event.at).toISOString()}>{agoText(event.at, nowMs.value)}</time>
  </li>
);

export const Overview = () => {
  const digest = shownDigest.value;
  const items = screen.value?.attention ?? digest?.attention ?? [];
  const count = screen.value?.attention.length ?? digest?.attentionCount ?? 0;
  return (
    <div class="overview">
      <section class="panel needs" aria-labelledby="needs-title">
        <h2 id="needs-title">
          Needs attention <span class="count">{count}</span>
        </h2>
        {items.length === 0 ? (
          <p class="empty">{digest === undefined ? "Loading …" : "Nothing: all is well."}</p>
        ) : (
          <div {...scrollerProps("Needs attention")}>
            <ol>
              {items.slice(0, 100).map((item) => (
                <Attention key={`${item.kind} ${item.title} ${item.link}`} item={item} />
              ))}
            </ol>
          </div>
        )}
      </section>
      <section class="panel last" aria-labelledby="last-title">
        <h2 id="last-title">
          Last events <a href={linkTo("history")}>all</a>
        </h2>
        {(digest?.events.length ?? 0) === 0 ? (
          <p class="empty">None seen yet.</p>
        ) : (
          <div {...scrollerProps("Last events")}>
            <ul>
              {digest?.events.map((event) => (
                <EventRow key={event.id} event={event} />
              ))}
            </ul>
          </div>
        )}
      </section>
      <section class="panel whole" aria-labelledby="board-title">
        <h2 id="board-title">
          Board <a href={linkTo("board")}>larger</a>
        </h2>
        <Board board={screen.value?.board} digest={digest} />
      </section>
    </div>
  );
};
