/** `proposal reject ID`. */

import { writeCommand } from "../session/write-command.ts";

export const command = writeCommand({
  spec: {
    positionals: [{ name: "ID", summary: "As proposal list prints it.", required: true }],
    examples: [
      ["context-mesh proposal reject 5k2j:17", "it is taken away"],
      ["context-mesh proposal list", "find its id"],
      ["context-mesh proposal reject 5k2j:17 --wait", "and wait until a relay has it on disk"],
    ],
  },
  readsFirst: true,
  write: (args, { mesh }) => mesh.proposals.reject(args.positionals[0] ?? ""),
  tell: (args) => ({ text: `proposal ${args.positionals[0]} rejected`, data: { id: args.positionals[0] } }),
});
