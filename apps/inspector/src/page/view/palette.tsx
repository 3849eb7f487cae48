/** Find anything, go anywhere, do anything: one field, a list, the arrow keys. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { keyBindings } from "../../model/keys.ts";
import { linkTo } from "../../model/route.ts";
import { Finder } from "../data/finder.ts";
import { go } from "../state/navigation.ts";
import { facts } from "../state/picture.ts";
import { setTheme } from "../state/session.ts";
import { wantsName } from "../state/writes.ts";
import { closeOverlay, overlay } from "./overlay.ts";

interface Choice {
  readonly key: string;
  readonly kind: string;
  readonly title: string;
  /** What does the same from anywhere. */
  readonly keys?: string;
  readonly run: () => void;
}

const commands: readonly Choice[] = [
  ...keyBindings.flatMap(({ address, does, keys }) =>
    address === undefined
      ? []
      : [{ key: keys, kind: "Go", title: does.replace("Go to: ", ""), keys, run: () => go(address) }],
  ),
  { key: "name", kind: "Do", title: "Say who you are", run: () => (wantsName.value = () => undefined) },
  { key: "light", kind: "Do", title: "Light theme", run: () => setTheme("light") },
  { key: "dark", kind: "Do", title: "Dark theme", run: () => setTheme("dark") },
  { key: "auto", kind: "Do", title: "Theme of the system", run: () => setTheme("auto") },
  { key: "keys", kind: "Do", title: "Show the keys", run: () => (overlay.value = "help") },
  { key: "export", kind: "Do", title: "Export the room", run: () => go(linkTo("document")) },
];

const choicesFor = (text: string, finder: Finder | undefined): readonly Choice[] => {
  const asked = text.trim().toLowerCase();
  const matching = commands.filter(({ title }) => title.toLowerCase().includes(asked));
  if (asked === "") return matching;
  const found = finder?.find(asked) ?? [];
  return [...matching, ...found.map(({ key, kind, title, link }) => ({ key, kind, title, run: () => go(link) }))];
};

const close = (): void => closeOverlay("palette");

export const Palette = () => {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  // Indexed once for each opening: what changes while one types is found next time.
  const finder = useMemo(() => (facts.peek() === undefined ? undefined : new Finder(facts.peek() as never)), []);
  const choices = choicesFor(text, finder);
  const chosen = Math.min(at, choices.length - 1);
  useEffect(() => dialog.current?.showModal(), []);
  const run = (choice: Choice | undefined): void => {
    if (choice === undefined) return;
    close();
    choice.run();
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt((chosen + step + choices.length) % Math.max(1, choices.length));
      document.getElementById(`choice-${chosen + step}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(choices[chosen]);
    }
  };
  return (
    <dialog ref={dialog} class="palette" aria-label="Search and commands" onClose={close}>
      <input
        type="search"
        list={undefined}
        // biome-ignore lint/a11y/noRedundantRoles: without a datalist it is a plain search field
        role="combobox"
        aria-expanded="true"
        aria-controls="choices"
        aria-activedescendant={choices.length > 0 ? `choice-${chosen}` : undefined}
        aria-label="Search tasks, decisions, questions, notes, events and commands"
        placeholder="Search, or type what to do"
        autofocus
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <div id="choices" role="listbox" aria-label="Found" class="choices">
        {choices.map((choice, place) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above takes the keys
          <div
            key={choice.key}
            id={`choice-${place}`}
            role="option"
            tabIndex={-1}
            aria-selected={place === chosen}
            onClick={() => run(choice)}
          >
            <span class="kind">{choice.kind}</span> <span class="title">{choice.title}</span>
            {choice.keys !== undefined && <kbd>{choice.keys}</kbd>}
          </div>
        ))}
      </div>
      {choices.length === 0 && <p class="empty">Nothing found.</p>}
    </dialog>
  );
};
