/** `task reopen`. */

import { levelOption } from "../session/values.ts";
import { writeCommand } from "../session/write-command.ts";

export const command = writeCommand({
  spec: {
    positionals: [{ name: "ID", summary: "The task.", required: true }],
    examples: [
      ["context-mesh task reopen task-1", "bring it back"],
      ["context-mesh task reopen task-1 --wait", "and wait until a relay has it on disk"],
      ["context-mesh undo", "take that back"],
    ],
  },
  readsFirst: true,
  write: (args, { mesh }) => mesh.tasks.reopen(args.positionals[0] ?? "", levelOption(args)),
  tell: (args) => ({ text: `task ${args.positionals[0]} reopened`, data: { id: args.positionals[0] } }),
});
