/** Agents: what each source says of them side by side, which one counts and why. */

import { type AgentRow, agentRows, type RegisteredFact } from "../../model/agents.ts";
import { agoText, durationText } from "../../model/ages.ts";
import { linkTo } from "../../model/route.ts";
import { shownFacts, shownScreen } from "../state/moment.ts";
import { route } from "../state/navigation.ts";
import { mesh } from "../state/node.ts";
import { nowMs } from "../state/picture.ts";

/** Registered agents, with the status that they are shown with. */
const registeredNow = (): readonly RegisteredFact[] => {
  const shown = new Map((mesh.value?.statuses.list() ?? []).map((one) => [one.agent, one]));
  const known = mesh.value?.agents.list() ?? [];
  const unregistered = [...shown.keys()].filter((id) => known.every((one) => one.id !== id));
  const bare = unregistered.map((id) => ({ id, roles: [], groups: [], capabilities: [], fields: {} }));
  return [...known, ...bare].map((one) => {
    const status = shown.get(one.id)?.status;
    return status === undefined ? one : { ...one, fields: { ...one.fields, status } };
  });
};

const listText = (...lists: readonly (readonly string[])[]): string => lists.flat().join(", ") || "–";

const Row = ({ row, isNamed }: { row: AgentRow; isNamed: boolean }) => (
  <tr class={isNamed ? "named" : ""} data-agent={row.id}>
    <th scope="row">
      <a href={linkTo("agents", row.id)}>{row.id}</a> {row.isOwn && <span class="badge plain">this tab</span>}
    </th>
    <td>
      <span class={`badge ${row.isHere ? "good" : "plain"}`}>{row.isHere ? "here" : "away"}</span>{" "}
      {row.chosen !== "here" && row.chosen !== "away" && <strong>{row.chosen}</strong>}
      <div class="meta">{row.why}</div>
      {row.differs && <span class="badge">sources differ</span>}
    </td>
    <td>{row.said.file || "–"}</td>
    <td>{row.said.display || "–"}</td>
    <td>{row.said.presence || (row.isHere ? "here" : "–")}</td>
    <td class="number">{row.seenMsAgo === undefined ? "–" : durationText(row.seenMsAgo)}</td>
    <td>{listText(row.roles)}</td>
    <td>{listText(row.groups, row.capabilities)}</td>
    <td>
      {row.cards.length === 0 && "–"}
      <ul>
        {row.cards.slice(0, 6).map((card) => (
          <li key={card.id}>
            <a href={linkTo("task", card.id)}>{card.id}</a> {card.status}
            {card.since !== undefined && <span class="meta"> {agoText(card.since, nowMs.value)}</span>}
          </li>
        ))}
        {row.cards.length > 6 && <li class="meta">and {row.cards.length - 6} more</li>}
      </ul>
    </td>
  </tr>
);

const headings = [
  "Agent",
  "Status",
  "Status file",
  "Display",
  "Presence",
  "Heartbeat",
  "Roles",
  "Groups, skills",
  "Works on",
];

export const AgentsView = () => {
  const facts = shownFacts.value;
  const board = shownScreen.value?.board;
  const rows = facts === undefined || board === undefined ? [] : agentRows(board, facts, registeredNow());
  return (
    <section aria-labelledby="agents-title">
      <div class="title-row">
        <h2 id="agents-title">Agents</h2>
        <span class="meta">{rows.filter((row) => row.isHere).length} here</span>
      </div>
      <div class="panel table-wrap">
        <table>
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
      </div>
    </section>
  );
};
