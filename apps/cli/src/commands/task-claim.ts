/** `task claim [ID]`: takes a task, or the next one that is ready. */

import type { Command } from "../frame/command.ts";
import { claimingCommand, claimOptions, claimWishes } from "../session/claiming.ts";
import { defined } from "../session/values.ts";

export const command: Command = {
  spec: {
    positionals: [{ name: "ID", summary: "The task; by default the next one that is ready." }],
    options: {
      role: { type: "string", placeholder: "ROLE", summary: "The next one that asks for this role." },
      capability: { type: "string", placeholder: "NAME", summary: "The next one that asks for this capability." },
      ...claimOptions,
    },
    examples: [
      ["context-mesh task claim", "the next task that is ready"],
      ["context-mesh task claim task-1 --lease 30m --confirmed", "this one, and only with the arbiter's word"],
      ["context-mesh task claim --role reviewer --hold", "the next review, renewed until Ctrl-C"],
    ],
    notes:
      "A confirmed claim has a fence and one holder. A tentative one may lose when agents meet that could not talk.",
  },
  run: claimingCommand((session) => {
    const { mesh, args } = session;
    const [id] = args.positionals;
    const wish = defined({ role: args.string("role"), capability: args.string("capability") });
    return mesh.tasks.claim(id ?? wish, claimWishes(session));
  }),
};
