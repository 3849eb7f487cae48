/** `handover ack ID`. */

import { levelOption } from "../session/values.ts";
import { writeCommand } from "../session/write-command.ts";

export const command = writeCommand({
  spec: {
    positionals: [{ name: "ID", summary: "The hand-over.", required: true }],
    examples: [
      ["context-mesh handover ack ID", "say that you took over"],
      ["context-mesh handover list", "see the ids"],
      ["context-mesh handover ack ID --agent builder", "as builder"],
    ],
  },
  readsFirst: true,
  write: (args, { mesh }) => mesh.handovers.acknowledge(args.positionals[0] ?? "", levelOption(args)),
  tell: (args) => ({ text: `hand-over ${args.positionals[0]} acknowledged`, data: { id: args.positionals[0] } }),
});
