/** One task: its fields, what it waits for, who changed what, and what a person can do with it. */

import { isJsonObject } from "@context-mesh/common";
import { useState } from "preact/hooks";
import { agoText } from "../../model/ages.ts";
import { allCards, type Card, columnTitles } from "../../model/board.ts";
import { type JsonObject, objectOf, objectsOf, textOf } from "../../model/read.ts";
import { linkTo } from "../../model/route.ts";
import { moment, shownFacts, shownScreen } from "../state/moment.ts";
import { go, route } from "../state/navigation.ts";
import { nowMs } from "../state/picture.ts";
import { perform } from "../state/writes.ts";
import { FieldHistory } from "./field-history.tsx";
import { ReadOnlyNote, takeForm, WriteButton } from "./writing.tsx";

const lists = ["active_tasks", "blocked_tasks", "completed_tasks"];

/** The task as exported, with the list it is in. */
const taskOf = (context: JsonObject, id: string): { readonly list: string; readonly item: JsonObject } | undefined => {
  for (const list of lists) {
    const item = objectsOf(objectOf(context.project_state)[list]).find((one) => textOf(one.id) === id);
    if (item !== undefined) return { list, item };
  }
  return undefined;
};

const Actions = ({ card }: { card: Card }) => {
  const { id } = card;
  const block = (event: SubmitEvent): void => {
    const { reason = "" } = takeForm(event);
    if (reason !== "") perform(`${id} blocked: ${reason}`, (mesh) => mesh.tasks.block(id, { reason }));
  };
  return (
    <div class="actions">
      {card.column === "ready" && (
        <WriteButton
          kind="primary"
          onClick={() =>
            perform(`${id} in progress`, (mesh) =>
              mesh.tasks.update(id, { status: "in_progress", owner: mesh.agent.id }),
            )
          }
        >
          Start
        </WriteButton>
      )}
      {card.column !== "done" && (
        <WriteButton onClick={() => perform(`${id} done`, (mesh) => mesh.tasks.done(id))}>Done</WriteButton>
      )}
      {card.column === "done" && (
        <WriteButton onClick={() => perform(`${id} reopened`, (mesh) => mesh.tasks.reopen(id))}>Reopen</WriteButton>
      )}
      {card.status === "blocked" || card.blockers.length > 0 ? (
        <WriteButton onClick={() => perform(`${id} unblocked`, (mesh) => mesh.tasks.unblock(id))}>Unblock</WriteButton>
      ) : (
        card.column !== "done" && (
          <form class="inline-form" onSubmit={block}>
            <label>
              <span class="visually-hidden">Reason why it is blocked</span>
              <input name="reason" placeholder="Blocked, because …" required />
            </label>
            <WriteButton submits>Block</WriteButton>
          </form>
        )
      )}
      <WriteButton
        kind="danger"
        confirm="Remove this task for everybody?"
        onClick={() => {
          perform(`${id} removed`, (mesh) => mesh.tasks.remove(id));
          go("#/board");
        }}
      >
        Remove
      </WriteButton>
    </div>
  );
};

interface FieldProps {
  readonly id: string;
  readonly list: string;
  readonly name: string;
  readonly item: JsonObject;
  readonly isContested: boolean;
}

const isEditable = (name: string, item: JsonObject): boolean =>
  name !== "id" && (item[name] === undefined || typeof item[name] === "string");

const Field = ({ id, list, name, item, isContested }: FieldProps) => {
  const [mode, setMode] = useState<"shown" | "edited" | "history">("shown");
  const value = item[name];
  const save = (event: SubmitEvent): void => {
    const { value: next = "" } = takeForm(event);
    setMode("shown");
    if (next !== textOf(value))
      perform(`${name} of ${id}: "${next}"`, (mesh) => mesh.tasks.update(id, { [name]: next }));
  };
  return (
    <div class="field-row">
      <dt>{name.replaceAll("_", " ")}</dt>
      <dd>
        {mode === "edited" ? (
          <form class="inline-form" onSubmit={save}>
            <input name="value" defaultValue={textOf(value)} aria-label={name} autofocus size={40} />
            <WriteButton submits kind="primary">
              Save
            </WriteButton>
            <button type="button" onClick={() => setMode("shown")}>
              Cancel
            </button>
          </form>
        ) : (
          <span class="value">
            {isJsonObject(value) || Array.isArray(value) ? JSON.stringify(value) : textOf(value)}
          </span>
        )}
        {isContested && (
          <a class="badge" href={linkTo("conflicts")}>
            2 values
          </a>
        )}
        {mode === "history" && <FieldHistory path={`project_state.${list}[${id}].${name}`} />}
      </dd>
      <dd class="actions">
        {mode !== "edited" && isEditable(name, item) && (
          <WriteButton label={`Edit ${name}`} onClick={() => setMode("edited")}>
            Edit
          </WriteButton>
        )}
        <button
          type="button"
          class="quiet"
          aria-expanded={mode === "history"}
          aria-label={`Who changed ${name}?`}
          onClick={() => setMode(mode === "history" ? "shown" : "history")}
        >
          Who?
        </button>
      </dd>
    </div>
  );
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
      {moment.value.kind === "now" && <Actions card={card} />}
      {card.blockers.length > 0 && card.column !== "done" && (
        <p class="notice warning">Waits for {card.blockers.join(", ")}</p>
      )}
      <dl class="panel fields">
        {names.map((name) => (
          <Field
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
