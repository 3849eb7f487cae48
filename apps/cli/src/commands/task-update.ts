/** `task update`: fields of a task that is there. */

import { failed } from "../frame/outcome.ts";
import { defined, fieldOptions, levelOption } from "../session/values.ts";
import { writeCommand } from "../session/write-command.ts";

const statuses = ["pending", "in_progress", "completed", "cancelled"] as const;

export const command = writeCommand({
  spec: {
    positionals: [{ name: "ID", summary: "The task.", required: true }],
    options: {
      title: { type: "string", placeholder: "TEXT", summary: "A new title." },
      status: { type: "string", placeholder: "STATUS", choices: statuses, summary: "A new status." },
      owner: { type: "string", placeholder: "AGENT", summary: "A new owner." },
      priority: { type: "string", placeholder: "WORD", summary: "A new priority." },
      field: { type: "string", multiple: true, placeholder: "NAME=VALUE", summary: "Any other field." },
    },
    examples: [
      ["context-mesh task update task-1 --status in_progress", "say that work began"],
      ["context-mesh task update task-1 --owner builder --priority high", "several fields at once"],
      ["context-mesh task update task-1 --field estimate=3", "a field of your own"],
    ],
  },
  readsFirst: true,
  write: (args, { mesh }) => {
    const fields = {
      ...fieldOptions(args),
      ...defined({
        title: args.string("title"),
        status: args.string("status") as (typeof statuses)[number] | undefined,
        owner: args.string("owner"),
        priority: args.string("priority"),
      }),
    };
    if (Object.keys(fields).length === 0) {
      return failed("missing_argument", "Nothing to change was given.", "Add --status, --owner, --title or --field.");
    }
    return mesh.tasks.update(args.positionals[0] ?? "", fields, levelOption(args));
  },
  tell: (args) => ({ text: `task ${args.positionals[0]} updated`, data: { id: args.positionals[0] } }),
});
