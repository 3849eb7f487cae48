/** `status`: room, relays, queue, conflicts and sync figures, as the node last wrote them down. */

import type { Command } from "../frame/command.ts";
import { statusOutcome } from "../session/status-row.ts";

export const command: Command = {
  spec: {
    examples: [
      ["context-mesh status", "how things stand"],
      ["context-mesh status --json", "as data, with the sync metrics"],
      ["context-mesh sync --full", "bring it up to date"],
    ],
    notes: "Asks nobody: shows what the last command or running node knew.",
  },
  run: statusOutcome,
};
