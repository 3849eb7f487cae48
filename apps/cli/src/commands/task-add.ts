/** `task add`. */

import { defined, fieldOptions, levelOption, listOption } from "../session/values.ts";
import { writeCommand } from "../session/write-command.ts";

export const command = writeCommand({
  spec: {
    positionals: [{ name: "TITLE", summary: "What is to be done, in quotes.", required: true }],
    options: {
      id: { type: "string", placeholder: "ID", summary: "By default one is made." },
      owner: { type: "string", placeholder: "AGENT", summary: "Who is to do it." },
      status: {
        type: "string",
        placeholder: "STATUS",
        choices: ["pending", "in_progress"],
        summary: "By default pending.",
      },
      priority: { type: "string", placeholder: "WORD", summary: "Such as high." },
      "blocked-by": { type: "string", multiple: true, placeholder: "ID", summary: "Tasks that must be done before." },
      field: { type: "string", multiple: true, placeholder: "NAME=VALUE", summary: "Any other field." },
    },
    examples: [
      ['context-mesh task add "Design the login API"', "a task with an id of its own making"],
      ['context-mesh task add "Write the tests" --id task-2 --owner builder', "with an id, for builder"],
      [
        'context-mesh task add "Rotate the keys" --priority high --level critical --wait',
        "and wait until a relay has it",
      ],
    ],
  },
  readsFirst: false,
  write: (args, { mesh }) => {
    const blockers = listOption(args, "blocked-by");
    return mesh.tasks.add(
      {
        ...fieldOptions(args),
        ...defined({
          title: args.positionals[0],
          id: args.string("id"),
          owner: args.string("owner"),
          status: args.string("status") as "pending" | "in_progress" | undefined,
          priority: args.string("priority"),
        }),
        ...(blockers.length > 0 ? { blocked_by: blockers } : {}),
      },
      levelOption(args),
    );
  },
  tell: (args, receipt) => ({
    text: `task ${receipt.subject} added: ${args.positionals[0]}`,
    data: { id: receipt.subject },
  }),
});
