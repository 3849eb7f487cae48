/** `next`: takes the next task that is ready for this agent. */

import type { Command } from "../frame/command.ts";
import { claimingCommand, claimOptions, claimWishes } from "../session/claiming.ts";

export const command: Command = {
  spec: {
    options: claimOptions,
    examples: [
      ["context-mesh next", "take the next task that is ready"],
      ["context-mesh next --confirmed --json", "with the arbiter's word, as data"],
      ["context-mesh next --lease 1h --hold", "renewed until Ctrl-C"],
    ],
  },
  run: claimingCommand((session) => session.mesh.tasks.claim("next", claimWishes(session))),
};
