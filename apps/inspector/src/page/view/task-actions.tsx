/** What a person can do with a task. */

import type { Card } from "../../model/board.ts";
import { go } from "../state/navigation.ts";
import { perform } from "../state/writes.ts";
import { ClaimActions } from "./claim-actions.tsx";
import { takeForm, WriteButton } from "./writing.tsx";

export const TaskActions = ({ card }: { card: Card }) => {
  const { id } = card;
  const block = (event: SubmitEvent): void => {
    const { reason = "" } = takeForm(event);
    if (reason !== "") perform(`${id} blocked: ${reason}`, (mesh) => mesh.tasks.block(id, { reason }));
  };
  return (
    <div class="actions">
      <ClaimActions card={card} />
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
