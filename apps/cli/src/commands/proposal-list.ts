/** `proposal list`: what others wrote into fields that somebody owns. */

import { listCommand, textOf } from "../session/list-command.ts";

export const command = listCommand({
  spec: {
    examples: [
      ["context-mesh proposal list", "what waits for an owner's word"],
      ["context-mesh proposal list --json", "as data"],
      ["context-mesh proposal accept ID", "take one over"],
    ],
  },
  items: ({ mesh }) => mesh.proposals.list(),
  row: ({ id, path, value, agent }) => [id, agent, path, textOf(value)],
  empty: "No proposals.",
});
