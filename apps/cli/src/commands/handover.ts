/** `handover --to AGENT [TEXT]`, also `handover add`. */

import { defined, levelOption } from "../session/values.ts";
import { writeCommand } from "../session/write-command.ts";

export const command = writeCommand({
  spec: {
    positionals: [{ name: "TEXT", summary: "What is done, what comes next, what to mind." }],
    options: {
      to: { type: "string", placeholder: "AGENT", summary: "Who goes on." },
      document: { type: "string", placeholder: "FILE", summary: "Where the details are." },
      id: { type: "string", placeholder: "ID", summary: "By default one is made." },
    },
    required: ["to"],
    examples: [
      ['context-mesh handover "API is done, tests are next" --to builder', "hand over in words"],
      ["context-mesh handover --to builder --document handover-1.md", "or with a document"],
      ["context-mesh handover ack ID", "acknowledge one"],
    ],
  },
  readsFirst: false,
  write: (args, { mesh }) =>
    mesh.handovers.add(
      {
        to: args.string("to") ?? "",
        ...defined({ summary: args.positionals[0], document: args.string("document"), id: args.string("id") }),
      },
      levelOption(args),
    ),
  tell: (args, receipt) => ({
    text: `hand-over ${receipt.subject} to ${args.string("to")}`,
    data: { id: receipt.subject },
  }),
});
