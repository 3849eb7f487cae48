/** `reserve release RESOURCE`. */

import { writeCommand } from "../session/write-command.ts";

export const command = writeCommand({
  spec: {
    positionals: [{ name: "RESOURCE", summary: "As it was reserved, or its id from reserve list.", required: true }],
    examples: [
      ['context-mesh reserve release "src/auth/**"', "give it back"],
      ["context-mesh reserve list", "see what is reserved"],
      ["context-mesh reserve release 1f0c9ab27d3e4455 --wait", "by its id, and wait until a relay has it on disk"],
    ],
  },
  readsFirst: true,
  write: (args, { mesh }) => mesh.reservations.release(args.positionals[0] ?? ""),
  tell: (args) => ({ text: `${args.positionals[0]} is free`, data: { id: args.positionals[0] } }),
});
