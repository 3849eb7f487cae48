/** `task block`. */

import { defined, levelOption } from "../session/values.ts";
import { writeCommand } from "../session/write-command.ts";

export const command = writeCommand({
  spec: {
    positionals: [{ name: "ID", summary: "The task.", required: true }],
    options: {
      reason: { type: "string", placeholder: "TEXT", summary: "What it waits for." },
      owner: { type: "string", placeholder: "AGENT", summary: "Who can take the blocker away." },
    },
    required: ["reason"],
    examples: [
      ['context-mesh task block task-4 --reason "Awaiting API specification"', "say what it waits for"],
      ['context-mesh task block task-4 --reason "No keys" --owner planner', "and who can help"],
      ['context-mesh task block task-4 --reason "Data loss found" --level critical', "and make it urgent"],
    ],
  },
  readsFirst: true,
  write: (args, { mesh }) =>
    mesh.tasks.block(
      args.positionals[0] ?? "",
      { reason: args.string("reason") ?? "", ...defined({ owner: args.string("owner") }) },
      levelOption(args),
    ),
  tell: (args) => ({
    text: `task ${args.positionals[0]} blocked: ${args.string("reason")}`,
    data: { id: args.positionals[0] },
  }),
});
