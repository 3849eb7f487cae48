/** `task list`. */

import { listCommand, textOf } from "../session/list-command.ts";
import { defined } from "../session/values.ts";

export const command = listCommand({
  spec: {
    options: {
      status: {
        type: "string",
        placeholder: "STATUS",
        summary: "Only these: pending, in_progress, blocked, completed …",
      },
      owner: { type: "string", placeholder: "AGENT", summary: "Only those of one agent." },
    },
    examples: [
      ["context-mesh task list", "all tasks"],
      ["context-mesh task list --status blocked", "those that wait for something"],
      ["context-mesh task list --owner builder --json", "those of one agent, as data"],
    ],
  },
  items: ({ mesh, args }) => mesh.tasks.list(defined({ status: args.string("status"), owner: args.string("owner") })),
  row: (task) => {
    const conflict = task.conflicts.length > 0 ? `! conflict in ${task.conflicts.join(", ")}` : "";
    const status = task.list === "blocked" ? "blocked" : task.status;
    const text = task.title ?? textOf(task.fields.summary ?? task.fields.reason);
    return [task.id, status, task.owner ?? "-", [text, conflict].filter((part) => part !== "").join("  ")];
  },
  empty: 'No tasks. Add one with: context-mesh task add "TITLE"',
});
