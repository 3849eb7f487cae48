/** `task steal ID`: takes over a task whose holder let its lease pass. */

import type { Command } from "../frame/command.ts";
import { claimingCommand, claimOptions, claimWishes } from "../session/claiming.ts";

export const command: Command = {
  spec: {
    positionals: [{ name: "ID", summary: "The task.", required: true }],
    options: claimOptions,
    examples: [
      ["context-mesh task steal task-1", "take it over when its lease has passed"],
      ["context-mesh task steal task-1 --confirmed", "only with the arbiter's word"],
      ["context-mesh task steal task-1 --json", "or learn who has it and for how long"],
    ],
    notes:
      "The lease of another agent is counted from when this machine first saw its last renewal, 1.1 times as long.",
  },
  run: claimingCommand((session) => session.mesh.tasks.steal(session.args.positionals[0] ?? "", claimWishes(session))),
};
