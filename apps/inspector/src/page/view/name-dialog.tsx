/** Asks who the person is, before their first write: an agent has a name, and so has a person. */

import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { mesh } from "../state/node.ts";
import { person, setPerson } from "../state/session.ts";
import { wantsName } from "../state/writes.ts";

const nameLengthMax = 60;

/** Once the node has started again under the new name. */
const whenReady = (then: () => void): void => {
  const stop = effect(() => {
    if (mesh.value?.agent.id !== person.value) return;
    queueMicrotask(() => {
      stop();
      then();
    });
  });
};

const submit = (event: SubmitEvent): void => {
  event.preventDefault();
  const name = String(new FormData(event.currentTarget as HTMLFormElement).get("name") ?? "").trim();
  const then = wantsName.value;
  wantsName.value = undefined;
  if (name === "" || then === undefined) return;
  if (name !== person.value) setPerson(name);
  whenReady(then);
};

export const NameDialog = () => {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = wantsName.value !== undefined;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog ref={dialog} aria-labelledby="name-title" onClose={() => (wantsName.value = undefined)}>
      <form onSubmit={submit}>
        <h2 id="name-title">Who are you?</h2>
        <p>What you write carries this name. Everybody in the room sees it.</p>
        <label class="field">
          Your name
          <input
            name="name"
            required
            maxLength={nameLengthMax}
            autocomplete="nickname"
            spellcheck={false}
            defaultValue={person.value}
          />
        </label>
        <div class="actions">
          <button type="button" onClick={() => (wantsName.value = undefined)}>
            Cancel
          </button>
          <button type="submit" class="primary">
            Go on
          </button>
        </div>
      </form>
    </dialog>
  );
};
