/** Agents: what each source says of them side by side, which one counts and why. */

import { type AgentRow, agentRows, type Said } from "../../model/agents.ts";
import { agoText, durationText } from "../../model/ages.ts";
import type { Card } from "../../model/board.ts";
import { linkTo } from "../../model/route.ts";
import { shownFacts, shownScreen } from "../state/moment.ts";
import { route } from "../state/navigation.ts";
import { nowMs } from "../state/picture.ts";
import { Reservations } from "./reservations.tsx";

const listText = (...lists: readonly (readonly string[])[]): string => lists.flat().join(", ") || "–";

interface SaidCellProps {
  readonly said: Said | undefined;
  readonly isChosen: boolean;
  readonly otherwise?: string;
}

const SaidCell = ({ said, isChosen, otherwise = "–" }: SaidCellProps) => (
  <td class={isChosen ? "chosen" : ""}>
    {said === undefined ? otherwise : said.word}
    {said?.at !== undefined && <div class="meta">{agoText(said.at, nowMs.value)}</div>}
    {isChosen && <div class="meta">counts</div>}
  </td>
);

const tasksMax = 4;

const WorksOn = ({ cards }: { cards: readonly Card[] }) => (
  <ul class="works-on">
    {cards.length === 0 && <li>–</li>}
    {cards.slice(0, tasksMax).map((card) => (
      <li key={card.id}>
        <a href={linkTo("task", card.id)}>{card.id}</a>
        {card.since !== undefined && <span class="meta"> {agoText(card.since, nowMs.value)}</span>}
      </li>
    ))}
    {cards.length > tasksMax && <li class="meta">and {cards.length - tasksMax} more</li>}
  </ul>
);

const Row = ({ row, isNamed }: { row: AgentRow; isNamed: boolean }) => (
  <tr class={isNamed ? "named" : ""} data-agent={row.id}>
    <th scope="row">
      <a href={linkTo("agents", row.id)}>{row.id}</a> {row.isOwn && <span class="badge plain">this tab</span>}
    </th>
    <td>
      <span class={`badge ${row.isHere ? "good" : "plain"}`}>{row.isHere ? "here" : "away"}</span>{" "}
      {row.status !== undefined && <strong>{row.status}</strong>}
      <div class="meta">{row.why}</div>
      {row.differences.length > 0 && (
        <details>
          <summary>
            <span class="badge">sources differ</span>
          </summary>
          {row.differences.map((detail) => (
            <p key={detail} class="meta">
              {detail}
            </p>
          ))}
        </details>
      )}
    </td>
    <SaidCell said={row.said.file} isChosen={row.source === "file"} />
    <SaidCell said={row.said.document} isChosen={row.source === "document"} />
    <SaidCell said={row.said.presence} isChosen={row.source === "presence"} otherwise={row.isHere ? "here" : "–"} />
    <td class="number">{row.seenMsAgo === undefined ? "–" : durationText(row.seenMsAgo)}</td>
    <td>{listText(row.roles, row.groups, row.capabilities)}</td>
    <td>
      <WorksOn cards={row.cards} />
    </td>
  </tr>
);

const headings = ["Agent", "Status", "Status file", "Display", "Presence", "Heartbeat", "Roles, skills", "Works on"];

const Table = ({ rows }: { rows: readonly AgentRow[] }) => (
  <div class="panel table-wrap">
    <table class="agents">
      <thead>
        <tr>
          {headings.map((name) => (
            <th key={name} scope="col" class={name === "Heartbeat" ? "number" : ""}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.id} row={row} isNamed={route.value.id === row.id} />
        ))}
      </tbody>
    </table>
    {rows.length === 0 && <p class="empty">Nobody is here, and nobody registered.</p>}
  </div>
);

export const AgentsView = () => {
  const facts = shownFacts.value;
  const board = shownScreen.value?.board;
  const rows = facts === undefined || board === undefined ? [] : agentRows(board, facts);
  return (
    <div class="stack">
      <div class="title-row">
        <h2>Agents</h2>
        <span class="meta">{rows.filter((row) => row.isHere).length} here</span>
      </div>
      <Table rows={rows} />
      <Reservations />
    </div>
  );
};
