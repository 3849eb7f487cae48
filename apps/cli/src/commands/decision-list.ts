/** `decision list`. */

import { listCommand, textOf } from "../session/list-command.ts";

export const command = listCommand({
  spec: {
    examples: [
      ["context-mesh decision list", "the recent decisions"],
      ["context-mesh decision list --json", "as data"],
      ["context-mesh archive --search redis", "older ones"],
    ],
  },
  items: ({ mesh }) => mesh.decisions.list(),
  row: (item) => [textOf(item.id), textOf(item.decided_by), textOf(item.decision)],
  empty: 'No decisions. Record one with: context-mesh decision "TEXT"',
});
