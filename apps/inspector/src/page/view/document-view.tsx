/** The document: how large it is, who writes it, what takes the room, what is archived. */

import { bytesText, numberText } from "../../model/ages.ts";
import { partsOf } from "../../model/document-figures.ts";
import { shownFacts } from "../state/moment.ts";
import { status, tabNode } from "../state/node.ts";
import { ExportButtons } from "./export-buttons.tsx";

const Figure = ({ name, value }: { name: string; value: string }) => (
  <div class="figure">
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);

const Parts = () => {
  const parts = partsOf(shownFacts.value?.context ?? {});
  const most = parts[0]?.bytes ?? 1;
  return (
    <section class="panel table-wrap" aria-labelledby="parts-title">
      <h2 id="parts-title">Biggest parts</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Part</th>
            <th scope="col" class="number">
              Items
            </th>
            <th scope="col" class="number">
              Bytes
            </th>
            <th scope="col">
              <span class="visually-hidden">Share</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {parts.map((part) => (
            <tr key={part.name}>
              <td>
                <code>{part.name}</code>
              </td>
              <td class="number">{numberText(part.items)}</td>
              <td class="number">{bytesText(part.bytes)}</td>
              <td class="share">
                <meter min={0} max={most} value={part.bytes} aria-label={`Share of ${part.name}`} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
};

const Writers = () => {
  const writers = tabNode.value?.writers() ?? [];
  return (
    <section class="panel" aria-labelledby="writers-title">
      <h2 id="writers-title">
        Writers <span class="count">{writers.length}</span>
      </h2>
      <ul class="lines compact">
        {writers.map(({ agent, count }) => (
          <li key={agent}>
            <strong>{agent}</strong>{" "}
            <span class="meta">{count === 1 ? "one incarnation" : `${count} incarnations`}</span>
          </li>
        ))}
      </ul>
    </section>
  );
};

export const DocumentView = () => {
  const now = status.value;
  return (
    <div class="stack">
      <div class="title-row">
        <h2>Document</h2>
        <span class="grow" />
        <ExportButtons />
      </div>
      <dl class="figures panel">
        <Figure name="Context as JSON" value={bytesText(now?.context.bytes ?? 0)} />
        <Figure name="Kept in this browser" value={bytesText(now?.store.bytes ?? 0)} />
        <Figure name="Entries" value={numberText(tabNode.value?.entryCount() ?? 0)} />
        <Figure name="Archived items" value={String(now?.context.archived ?? 0)} />
        <Figure name="Digest" value={(now?.digest ?? "–").slice(0, 16)} />
        <Figure name="Store" value={now?.store.durability ?? "–"} />
      </dl>
      <Parts />
      <Writers />
    </div>
  );
};
