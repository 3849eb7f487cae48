/** Keys of the whole page. In a field only Ctrl-K and Escape count. */

import { keyBindings } from "../../model/keys.ts";
import { go } from "../state/navigation.ts";
import { overlay } from "./overlay.ts";

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** After `g` the next key names a view. */
let isGoing = false;

const onKey = (event: KeyboardEvent): void => {
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && event.key.toLowerCase() === "k") {
    event.preventDefault();
    overlay.value = overlay.value === "palette" ? "none" : "palette";
    return;
  }
  if (isCommand || event.altKey || isField(event.target)) return;
  if (isGoing) {
    isGoing = false;
    const binding = keyBindings.find(({ keys }) => keys === `g ${event.key}`);
    if (binding?.address !== undefined) go(binding.address);
    return;
  }
  if (event.key === "g") isGoing = true;
  else if (event.key === "?") overlay.value = "help";
  else if (event.key === "/") {
    event.preventDefault();
    overlay.value = "palette";
  }
};

export const shortcuts = (): (() => void) => {
  addEventListener("keydown", onKey);
  return () => removeEventListener("keydown", onKey);
};
