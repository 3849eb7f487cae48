/** `conflict settle [PATH]`: conflicts that follow a pattern are settled by its strategy; the others stay for people. */

import type { Command } from "../frame/command.ts";
import { done, toJson } from "../frame/outcome.ts";
import { textTable } from "../frame/wrap.ts";
import { withMesh } from "../session/with-mesh.ts";

export const command: Command = {
  spec: {
    positionals: [{ name: "PATH", summary: "Only conflicts there and below." }],
    options: {
      "dry-run": { type: "boolean", summary: "Only say what would be decided." },
    },
    examples: [
      ["context-mesh conflict settle --dry-run", "what would be decided, and by which pattern"],
      ["context-mesh conflict settle", "decide it"],
      ["context-mesh conflict undo project_state.current_phase", "take a decision back"],
    ],
    notes: "Values that are really different statements are never decided. Every decision is recorded with its reason.",
  },
  run: (args, io) =>
    withMesh(args, io, async ({ mesh }) => {
      const path = args.positionals[0];
      const writes = !args.flag("dry-run");
      const settled = await mesh.conflicts.settle({ writes, ...(path === undefined ? {} : { path }) });
      if (writes && settled.some(({ code }) => code === "resolved")) await mesh.sync();
      const rows = settled.map(({ path: at, code, pattern, detail }) => [at, code, pattern, detail]);
      const text = rows.length === 0 ? "No conflicts." : textTable([["PATH", "RESULT", "PATTERN", "WHY"], ...rows]);
      return done(toJson(settled), text);
    }),
};
