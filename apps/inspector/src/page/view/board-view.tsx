/** The board alone, over the whole height, with a form for a new task and the room as a file. */

import { useState } from "preact/hooks";
import { shownScreen } from "../state/moment.ts";
import { shownDigest } from "../state/picture.ts";
import { perform } from "../state/writes.ts";
import { Board } from "./board.tsx";
import { ExportButtons } from "./export-buttons.tsx";
import { takeForm, WriteButton } from "./writing.tsx";

const NewTask = ({ close }: { close: () => void }) => {
  const submit = (event: SubmitEvent): void => {
    const { title = "", priority = "" } = takeForm(event);
    if (title === "") return;
    const fields = priority === "" ? { title } : { title, priority };
    perform(`New task "${title}"`, (mesh) => mesh.tasks.add(fields));
    close();
  };
  return (
    <form class="inline-form" onSubmit={submit}>
      <label>
        Title <input name="title" required autofocus size={40} />
      </label>
      <label>
        Priority{" "}
        <select name="priority">
          <option value="">none</option>
          <option>low</option>
          <option>medium</option>
          <option>high</option>
          <option>critical</option>
        </select>
      </label>
      <WriteButton submits kind="primary">
        Add
      </WriteButton>
      <button type="button" onClick={close}>
        Cancel
      </button>
    </form>
  );
};

export const BoardView = () => {
  const [isAdding, setAdding] = useState(false);
  return (
    <section class="full-board" aria-labelledby="board-title">
      <div class="title-row">
        <h2 id="board-title">Board</h2>
        {isAdding ? (
          <NewTask close={() => setAdding(false)} />
        ) : (
          <WriteButton onClick={() => setAdding(true)}>New task</WriteButton>
        )}
        <span class="grow" />
        <ExportButtons />
      </div>
      <div class="panel">
        <Board board={shownScreen.value?.board} digest={shownDigest.value} />
      </div>
    </section>
  );
};
