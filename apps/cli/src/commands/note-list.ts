/** `note list`. */

import { listCommand } from "../session/list-command.ts";

export const command = listCommand({
  spec: {
    examples: [
      ["context-mesh note list", "all notes"],
      ["context-mesh note list --json", "as data"],
      ['context-mesh note "The client prefers PostgreSQL"', "leave one"],
    ],
  },
  items: ({ mesh }) => mesh.notes.list(),
  row: (note) => [note],
  empty: "No notes.",
});
