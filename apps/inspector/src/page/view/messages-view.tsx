/** Messages of the room: filtered, paused, and sent. */

import type { RoomMessage } from "@context-mesh/mesh";
import { useState } from "preact/hooks";
import { agoText, momentText } from "../../model/ages.ts";
import { textOf } from "../../model/read.ts";
import { linkTo } from "../../model/route.ts";
import { route } from "../state/navigation.ts";
import { mesh, tabNode } from "../state/node.ts";
import { facts, nowMs } from "../state/picture.ts";
import { perform } from "../state/writes.ts";
import { VirtualList } from "./virtual-list.tsx";
import { takeForm, WriteButton } from "./writing.tsx";

const stateWords = (states: RoomMessage["states"]): string =>
  Object.entries(states)
    .map(([agent, state]) => `${agent}: ${state}`)
    .join(" · ") || "nobody to deliver to";

const Message = ({ message }: { message: RoomMessage }) => (
  <div class="message" data-message={message.id}>
    <p class="one-line">
      <a href={linkTo("messages", message.id)}>
        <strong>{message.from}</strong> → {message.to === "*" ? "everybody" : message.to}
      </a>{" "}
      {message.isHandover && <span class="badge plain">hand-over</span>}{" "}
      {message.priority !== "normal" && (
        <span class={`badge ${message.priority === "critical" ? "bad" : ""}`}>{message.priority}</span>
      )}{" "}
      <time>{agoText(message.sentAt, nowMs.value)}</time>
    </p>
    <p class="one-line">{message.text ?? textOf(message.data)}</p>
    <p class="meta one-line">{stateWords(message.states)}</p>
  </div>
);

/** The rows have one height; the one that the address names is shown whole. */
const Whole = ({ message }: { message: RoomMessage }) => (
  <article class="panel panel-body named" aria-label="The message">
    <p class="value">{message.text ?? textOf(message.data)}</p>
    <p class="meta">
      from <strong>{message.from}</strong> to {message.to === "*" ? "everybody" : message.to} ·{" "}
      {momentText(message.sentAt)} · {stateWords(message.states)}
    </p>
    <p>
      <a href={linkTo("messages")}>Close</a>
    </p>
  </article>
);

const send = (event: SubmitEvent): void => {
  const { to = "", text = "" } = takeForm(event);
  const node = mesh.value;
  if (to === "" || text === "" || node === undefined) return;
  const address = /^(\*|\w+:)/.test(to) ? to : `agent:${to}`;
  void node.send({ to: address, text, anyway: true }).then((answer) => {
    if (answer.ok && answer.receipt !== undefined) {
      const { receipt } = answer;
      perform(`Message to ${address}`, () => receipt, { canUndo: false });
    }
  });
};

interface Filter {
  readonly text: string;
  readonly priority: string;
}

const fits = (message: RoomMessage, { text, priority }: Filter): boolean => {
  const all = `${message.from} ${message.to} ${message.text ?? textOf(message.data)}`.toLowerCase();
  return all.includes(text.toLowerCase()) && (priority === "" || message.priority === priority);
};

export const MessagesView = () => {
  const [filter, setFilter] = useState<Filter>({ text: "", priority: "" });
  const [paused, setPaused] = useState<readonly RoomMessage[] | undefined>(undefined);
  // Reading the facts makes the list follow every change of the room.
  const now = facts.value === undefined ? [] : (tabNode.value?.messages() ?? []);
  const named = now.find(({ id }) => id === route.value.id);
  const messages = (paused ?? now).filter((message) => fits(message, filter));
  return (
    <section class="stack" aria-labelledby="messages-title">
      <div class="title-row">
        <h2 id="messages-title">Messages</h2>
        <span class="meta">{messages.length}</span>
      </div>
      <div class="toolbar">
        <label>
          Filter{" "}
          <input value={filter.text} onInput={(event) => setFilter({ ...filter, text: event.currentTarget.value })} />
        </label>
        <label>
          Priority{" "}
          <select
            value={filter.priority}
            onChange={(event) => setFilter({ ...filter, priority: event.currentTarget.value })}
          >
            <option value="">any</option>
            <option>critical</option>
            <option>high</option>
            <option>normal</option>
            <option>low</option>
          </select>
        </label>
        <button
          type="button"
          aria-pressed={paused !== undefined}
          onClick={() => setPaused(paused === undefined ? now : undefined)}
        >
          {paused === undefined ? "Pause" : `Go on (${Math.max(0, now.length - paused.length)} new)`}
        </button>
      </div>
      <form class="panel panel-body form-row" onSubmit={send}>
        <label class="field">
          To (an agent, group:name, role:name or *) <input name="to" required />
        </label>
        <label class="field">
          Text <input name="text" required />
        </label>
        <WriteButton submits>Send</WriteButton>
      </form>
      {named !== undefined && <Whole message={named} />}
      <div class="panel tall">
        {messages.length === 0 ? (
          <p class="empty">
            {now.length === 0 ? "No messages yet. The form above sends one." : "No message fits the filter."}
          </p>
        ) : (
          <VirtualList items={messages} rowRem={5} keyOf={(message) => message.id} label="Messages">
            {(message) => <Message message={message} />}
          </VirtualList>
        )}
      </div>
    </section>
  );
};
