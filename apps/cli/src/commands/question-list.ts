/** `question list`. */

import { listCommand, textOf } from "../session/list-command.ts";
import { defined } from "../session/values.ts";

export const command = listCommand({
  spec: {
    options: {
      to: { type: "string", placeholder: "AGENT", summary: "Only those asked of one agent." },
      all: { type: "boolean", summary: "Answered ones too." },
    },
    examples: [
      ["context-mesh question list", "what is open"],
      ["context-mesh question list --to planner", "what planner is asked"],
      ["context-mesh question list --all --json", "answered ones too, as data"],
    ],
  },
  items: ({ mesh, args }) =>
    mesh.questions.list({ ...defined({ to: args.string("to") }), ...(args.flag("all") ? {} : { pending: true }) }),
  row: (item) => [textOf(item.id), `${textOf(item.from)} → ${textOf(item.to) || "anybody"}`, textOf(item.question)],
  empty: "No open questions.",
});
