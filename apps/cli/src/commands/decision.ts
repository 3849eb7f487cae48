/** `decision TEXT`, also `decision add TEXT`. */

import { defined, levelOption, listOption } from "../session/values.ts";
import { writeCommand } from "../session/write-command.ts";

export const command = writeCommand({
  spec: {
    positionals: [{ name: "TEXT", summary: "What was decided, in quotes.", required: true }],
    options: {
      rationale: { type: "string", placeholder: "TEXT", summary: "Why." },
      impact: { type: "string", multiple: true, placeholder: "AREA", summary: "What it touches; commas or several." },
      type: { type: "string", placeholder: "WORD", summary: "Such as architecture." },
      id: { type: "string", placeholder: "ID", summary: "By default one is made." },
    },
    examples: [
      ['context-mesh decision "Use Redis for sessions" --impact auth,session', "record it"],
      ['context-mesh decision "Drop IE" --rationale "0.1 % of visits"', "and say why"],
      ["context-mesh decision list", "see the recent ones"],
    ],
  },
  readsFirst: false,
  write: (args, { mesh }) => {
    const impact = listOption(args, "impact");
    return mesh.decisions.add(
      {
        decision: args.positionals[0] ?? "",
        ...defined({ rationale: args.string("rationale"), type: args.string("type"), id: args.string("id") }),
        ...(impact.length > 0 ? { impact } : {}),
        ...levelOption(args),
      },
      levelOption(args),
    );
  },
  tell: (args, receipt) => ({
    text: `decision ${receipt.subject} recorded: ${args.positionals[0]}`,
    data: { id: receipt.subject },
  }),
});
