/** `inbox`: what waits for this agent. `--take` shows it to the agent, so that its senders know. */

import type { Command } from "../frame/command.ts";
import { done, toJson } from "../frame/outcome.ts";
import { messageLine } from "../session/message-text.ts";
import { sendSoon } from "../session/send-soon.ts";
import { defined } from "../session/values.ts";
import { withMesh } from "../session/with-mesh.ts";

export const command: Command = {
  spec: {
    options: {
      take: { type: "boolean", summary: "Take them: their senders are told that they were shown." },
      act: { type: "boolean", summary: "Take them and count them as dealt with." },
      again: { type: "boolean", summary: "With --take: also those taken before and not dealt with." },
      max: { type: "integer", placeholder: "N", summary: "With --take or --act: at most so many." },
      from: { type: "string", placeholder: "AGENT", summary: "Only from this agent." },
      answers: { type: "string", placeholder: "ID", summary: "Only answers to this message." },
    },
    examples: [
      ["context-mesh inbox", "look, and change nothing"],
      ["context-mesh inbox --take --max 1", "take the most urgent one"],
      ['context-mesh inbox act ID --answer "done"', "say that one is dealt with"],
    ],
    notes:
      "Hand-overs and critical messages come first. What is taken and not dealt with is given again after a minute.",
  },
  run: (args, io) =>
    withMesh(args, io, async (session) => {
      const { mesh } = session;
      const filter = defined({ from: args.string("from"), answers: args.string("answers") });
      const takes = args.flag("take") || args.flag("act");
      mesh.inbox.open();
      const again = args.flag("again") ? { againAfterMs: 0 } : {};
      const taking = { ...filter, ...again, ...defined({ max: args.integer("max") }), act: args.flag("act") };
      const messages = takes ? mesh.inbox.take(taking) : mesh.inbox.list(filter);
      await sendSoon(session);
      const text = messages.length === 0 ? "No messages." : messages.map(messageLine).join("\n");
      return done(toJson(messages), text);
    }),
};
