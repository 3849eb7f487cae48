/** `question answer ID TEXT`. */

import { levelOption } from "../session/values.ts";
import { writeCommand } from "../session/write-command.ts";

export const command = writeCommand({
  spec: {
    positionals: [
      { name: "ID", summary: "The question.", required: true },
      { name: "TEXT", summary: "The answer, in quotes.", required: true },
    ],
    examples: [
      ['context-mesh question answer q-1 "Yes, 10 a second"', "answer it"],
      ["context-mesh question list", "see what is open"],
      ["context-mesh get communication.pending_questions", "the same, as data"],
    ],
  },
  readsFirst: true,
  write: (args, { mesh }) =>
    mesh.questions.answer(args.positionals[0] ?? "", args.positionals[1] ?? "", levelOption(args)),
  tell: (args) => ({ text: `question ${args.positionals[0]} answered`, data: { id: args.positionals[0] } }),
});
