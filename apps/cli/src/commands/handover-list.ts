/** `handover list`. */

import { listCommand, textOf } from "../session/list-command.ts";

export const command = listCommand({
  spec: {
    examples: [
      ["context-mesh handover list", "all hand-overs"],
      ["context-mesh handover list --json", "as data"],
      ["context-mesh get communication.last_handover", "only the last one"],
    ],
  },
  items: ({ mesh }) => mesh.handovers.list(),
  row: (item) => [
    textOf(item.id),
    `${textOf(item.from)} → ${textOf(item.to)}`,
    item.acknowledged === true ? "acknowledged" : "open",
    textOf(item.summary ?? item.document),
  ],
  empty: "No hand-overs.",
});
