/** `reserve list`. */

import { listCommand } from "../session/list-command.ts";

export const command = listCommand({
  spec: {
    examples: [
      ["context-mesh reserve list", "who uses what"],
      ["context-mesh reserve list --json", "as data"],
      ["context-mesh reserve list --room acme/checkout", "of another room"],
    ],
  },
  items: ({ mesh }) => mesh.reservations.list(),
  row: ({ id, resource, mode, agent, expired }) => [id, resource, mode, agent, expired ? "! expired" : ""],
  empty: "Nothing is reserved.",
});
