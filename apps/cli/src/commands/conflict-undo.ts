/** `conflict undo ID`: takes a resolution back; what it decided between stands side by side again. */

import { writeCommand } from "../session/write-command.ts";

export const command = writeCommand({
  spec: {
    positionals: [{ name: "ID", summary: "Of the resolution, as conflict resolve printed it.", required: true }],
    examples: [
      ["context-mesh conflict undo 1x7k2:41", "take that decision back"],
      ["context-mesh conflict list", "see what is undecided"],
      ["context-mesh history --path project_state.current_phase", "see who decided what"],
    ],
  },
  readsFirst: true,
  write: (args, { mesh }) => mesh.conflicts.undo(args.positionals[0] ?? ""),
  tell: (args) => ({ text: `resolution ${args.positionals[0]} taken back` }),
});
