/** `inbox act ID…`: messages are dealt with, perhaps with an answer. */

import type { Command } from "../frame/command.ts";
import { done, failed, toJson } from "../frame/outcome.ts";
import { sendSoon } from "../session/send-soon.ts";
import { withMesh } from "../session/with-mesh.ts";

export const command: Command = {
  spec: {
    positionals: [{ name: "ID", summary: "As inbox shows it.", required: true, variadic: true }],
    options: { answer: { type: "string", placeholder: "TEXT", summary: "Sent to whoever sent the message." } },
    examples: [
      ["context-mesh inbox act ID", "one is dealt with"],
      ['context-mesh inbox act ID --answer "done in 5f3c"', "with an answer, in one step"],
      ["context-mesh inbox act ID ID --json", "several"],
    ],
    notes: "Of all processes of the agent exactly one is told so, however often it is said.",
  },
  run: (args, io) =>
    withMesh(args, io, async (session) => {
      const text = args.string("answer");
      const answers = session.mesh.inbox.act(args.positionals, text === undefined ? undefined : { text });
      await sendSoon(session);
      const refused = answers.find(({ ok }) => !ok);
      const details = toJson(answers);
      if (refused === undefined) return done(details, `${answers.length === 1 ? "message" : "messages"} dealt with`);
      const words = refused.reason === "already_acted" ? "was dealt with before" : "is no message of this inbox";
      return failed(String(refused.reason), `${refused.id} ${words}.`, "See what waits with `context-mesh inbox`.", {
        details,
      });
    }),
};
