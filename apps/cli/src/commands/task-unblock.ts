/** `task unblock`. */

import { levelOption } from "../session/values.ts";
import { writeCommand } from "../session/write-command.ts";

export const command = writeCommand({
  spec: {
    positionals: [{ name: "ID", summary: "The task.", required: true }],
    options: { reason: { type: "string", placeholder: "TEXT", summary: "Only this blocker; by default all of them." } },
    examples: [
      ["context-mesh task unblock task-4", "take all blockers away"],
      ['context-mesh task unblock task-4 --reason "No keys"', "take one of them away"],
      ["context-mesh task list --status blocked", "see what is blocked"],
    ],
  },
  readsFirst: true,
  write: (args, { mesh }) => mesh.tasks.unblock(args.positionals[0] ?? "", args.string("reason"), levelOption(args)),
  tell: (args) => ({ text: `task ${args.positionals[0]} is free to go on`, data: { id: args.positionals[0] } }),
});
