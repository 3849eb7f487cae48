/** `note remove TEXT|ID`. */

import { levelOption } from "../session/values.ts";
import { writeCommand } from "../session/write-command.ts";

export const command = writeCommand({
  spec: {
    positionals: [{ name: "NOTE", summary: "Its text or its id.", required: true }],
    examples: [
      ['context-mesh note remove "The client prefers PostgreSQL"', "by its text"],
      ["context-mesh note list", "see what is there"],
      ["context-mesh undo", "take that back"],
    ],
  },
  readsFirst: true,
  write: (args, { mesh }) => mesh.notes.remove(args.positionals[0] ?? "", levelOption(args)),
  tell: (args) => ({ text: `note removed: ${args.positionals[0]}` }),
});
