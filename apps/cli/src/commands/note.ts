/** `note TEXT`, also `note add TEXT`. */

import { levelOption } from "../session/values.ts";
import { writeCommand } from "../session/write-command.ts";

export const command = writeCommand({
  spec: {
    positionals: [{ name: "TEXT", summary: "The note, in quotes.", required: true }],
    examples: [
      ['context-mesh note "The client prefers PostgreSQL"', "leave it"],
      ["context-mesh note list", "read them"],
      ['context-mesh note remove "The client prefers PostgreSQL"', "take it away"],
    ],
  },
  readsFirst: false,
  write: (args, { mesh }) => mesh.notes.add(args.positionals[0] ?? "", levelOption(args)),
  tell: (args, receipt) => ({ text: `note left: ${args.positionals[0]}`, data: { id: receipt.subject ?? null } }),
});
