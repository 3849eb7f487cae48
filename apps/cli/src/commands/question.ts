/** `question TEXT`, also `question ask TEXT`. */

import { defined, levelOption } from "../session/values.ts";
import { writeCommand } from "../session/write-command.ts";

export const command = writeCommand({
  spec: {
    positionals: [{ name: "TEXT", summary: "What you want to know, in quotes.", required: true }],
    options: {
      to: { type: "string", placeholder: "AGENT", summary: "Who is asked; by default anybody." },
      context: { type: "string", placeholder: "TEXT", summary: "What it is about." },
      priority: { type: "string", placeholder: "WORD", summary: "Such as high." },
      id: { type: "string", placeholder: "ID", summary: "By default one is made." },
    },
    examples: [
      ['context-mesh question "Should we limit the rate?" --to planner', "ask planner"],
      ['context-mesh question answer q-1 "Yes, 10 a second"', "answer one"],
      ["context-mesh question list", "see what is open"],
    ],
  },
  readsFirst: false,
  write: (args, { mesh }) =>
    mesh.questions.ask(
      {
        question: args.positionals[0] ?? "",
        ...defined({
          to: args.string("to"),
          context: args.string("context"),
          priority: args.string("priority"),
          id: args.string("id"),
        }),
      },
      levelOption(args),
    ),
  tell: (args, receipt) => ({
    text: `question ${receipt.subject} asked: ${args.positionals[0]}`,
    data: { id: receipt.subject },
  }),
});
