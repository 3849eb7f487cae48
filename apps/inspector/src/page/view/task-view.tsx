/** One task: its fields, what it waits for, who changed what, and what a person can do with it. */

import { agoText } from "../../model/ages.ts";
import { allCards, blockersText, columnTitles } from "../../model/board.ts";
import { type JsonObject, objectOf, objectsOf, textOf } from "../../model/read.ts";
import { moment, shownFacts, shownScreen } from "../state/moment.ts";
import { route } from "../state/navigation.ts";
import { nowMs } from "../state/picture.ts";
import { ClaimLine } from "./claim-actions.tsx";
import { TaskActions } from "./task-actions.tsx";
import { TaskField } from "./task-field.tsx";
import { ReadOnlyNote } from "./writing.tsx";

const lists = ["active_tasks", "blocked_tasks", "completed_tasks"];

/** The task as exported, with the list it is in. */
const taskOf = (context: JsonObject, id: string): { readonly list: string; readonly item: JsonObject } | undefined => {
  for (const list of lists) {
    const item = objectsOf(objectOf(context.project_state)[list]).find((one) => textOf(one.id) === id);
    if (item !== undefined) return { list, item };
  }
  return undefined;
};

const shownAlways = ["title", "status", "owner", "priority"];

export const TaskView = () => {
  const { id = "", at } = route.value;
  const facts = shownFacts.value;
  const found = facts === undefined ? undefined : taskOf(facts.context, id);
  const board = shownScreen.value?.board;
  const card = board === undefined ? undefined : allCards(board).find((one) => one.id === id);
  if (found === undefined || card === undefined) {
    const isLoading = facts === undefined || moment.value.kind === "loading";
    return (
      <p class="empty">
        {isLoading ? "Loading …" : `There is no task ${id}${at === undefined ? "" : " at that moment"}.`}
      </p>
    );
  }
  const names = [...new Set([...shownAlways, ...Object.keys(found.item)])];
  return (
    <article class="stack task" aria-labelledby="task-title">
      <div class="title-row">
        <h2 id="task-title">{card.title}</h2>
        <span class="id">{id}</span>
        <span class="badge plain">{columnTitles[card.column]}</span>
        {card.since !== undefined && <span class="meta">{agoText(card.since, nowMs.value)}</span>}
      </div>
      <ReadOnlyNote />
      {moment.value.kind === "now" && <ClaimLine id={id} />}
      {moment.value.kind === "now" && <TaskActions card={card} />}
      {card.blockers.length > 0 && card.column !== "done" && (
        <p class="notice warning framed">Blocked: {blockersText(card)}</p>
      )}
      <dl class="panel fields">
        {names.map((name) => (
          <TaskField
            key={`${id} ${name}`}
            id={id}
            list={found.list}
            name={name}
            item={found.item}
            isContested={card.contested.includes(name)}
          />
        ))}
      </dl>
    </article>
  );
};
