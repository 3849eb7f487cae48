/** `task done`. */

import { defined, levelOption } from "../session/values.ts";
import { writeCommand } from "../session/write-command.ts";

export const command = writeCommand({
  spec: {
    positionals: [{ name: "ID", summary: "The task.", required: true }],
    options: {
      summary: { type: "string", placeholder: "TEXT", summary: "What came of it." },
      result: { type: "string", placeholder: "WORD", summary: "By default success." },
    },
    examples: [
      ["context-mesh task done task-1", "complete it"],
      ['context-mesh task done task-1 --summary "Login works"', "and say what came of it"],
      ["context-mesh task done task-1 --wait", "and wait until a relay has it on disk"],
    ],
  },
  readsFirst: true,
  write: (args, { mesh }) =>
    mesh.tasks.done(
      args.positionals[0] ?? "",
      defined({ summary: args.string("summary"), result: args.string("result") }),
      levelOption(args),
    ),
  tell: (args) => ({ text: `task ${args.positionals[0]} completed`, data: { id: args.positionals[0] } }),
});
