/** Every key of the page, for the help and for the listener. */

import { linkTo, type ViewName } from "./route.ts";

export interface KeyBinding {
  readonly keys: string;
  readonly does: string;
  readonly address?: string;
}

const views: readonly (readonly [string, ViewName, string])[] = [
  ["o", "overview", "Overview"],
  ["b", "board", "Board"],
  ["a", "agents", "Agents"],
  ["c", "conflicts", "Conflicts"],
  ["d", "decisions", "Decisions"],
  ["q", "talk", "Questions and hand-overs"],
  ["m", "messages", "Messages"],
  ["h", "history", "History"],
  ["s", "sync", "Sync"],
  ["i", "document", "Document"],
  ["t", "topology", "Topology"],
];

export const keyBindings: readonly KeyBinding[] = [
  { keys: "Ctrl K", does: "Find anything, go anywhere, do anything" },
  { keys: "/", does: "The same" },
  { keys: "?", does: "These keys" },
  { keys: "Esc", does: "Close what stands over the page" },
  { keys: "Tab", does: "Next thing that can be used; Shift Tab goes back" },
  { keys: "↑ ↓", does: "Through a list; ← → between the columns of the board" },
  { keys: "Enter", does: "Open what has the focus" },
  ...views.map(([key, view, title]) => ({ keys: `g ${key}`, does: `Go to: ${title}`, address: linkTo(view) })),
];
