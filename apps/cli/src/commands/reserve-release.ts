/** `reserve release ID`. */

import { writeCommand } from "../session/write-command.ts";

export const command = writeCommand({
  spec: {
    positionals: [{ name: "ID", summary: "As reserve and reserve list print it.", required: true }],
    examples: [
      ["context-mesh reserve release 1f0c9ab27d3e4455", "give it back"],
      ["context-mesh reserve list", "find its id"],
      ["context-mesh reserve release 1f0c9ab27d3e4455 --wait", "and wait until a relay has it on disk"],
    ],
  },
  readsFirst: true,
  write: (args, { mesh }) => mesh.reservations.release(args.positionals[0] ?? ""),
  tell: (args) => ({ text: `${args.positionals[0]} is free`, data: { id: args.positionals[0] } }),
});
