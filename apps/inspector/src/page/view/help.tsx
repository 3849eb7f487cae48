/** Every key of the page. */

import { useEffect, useRef } from "preact/hooks";
import { keyBindings } from "../../model/keys.ts";
import { closeOverlay } from "./overlay.ts";

const close = (): void => closeOverlay("help");

export const Help = () => {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="help-title" onClose={close}>
      <div class="title-row">
        <h2 id="help-title">Keys</h2>
        <span class="grow" />
        <button type="button" onClick={close}>
          Close
        </button>
      </div>
      <table>
        <tbody>
          {keyBindings.map(({ keys, does }) => (
            <tr key={keys}>
              <th scope="row">
                <kbd>{keys}</kbd>
              </th>
              <td>{does}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </dialog>
  );
};
