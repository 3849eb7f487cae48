/** `snapshot [LABEL]`: keeps the context as it is now in this agent's store. */

import type { Command } from "../frame/command.ts";
import { done, toJson } from "../frame/outcome.ts";
import { textTable } from "../frame/wrap.ts";
import { withMesh } from "../session/with-mesh.ts";

export const command: Command = {
  spec: {
    positionals: [{ name: "LABEL", summary: "A word to find it by." }],
    options: { list: { type: "boolean", summary: "Show what was kept." } },
    examples: [
      ['context-mesh snapshot "before the rewrite"', "keep it"],
      ["context-mesh snapshot --list", "see what was kept"],
      ["context-mesh restore ID", "bring one back, as new writes"],
    ],
  },
  run: (args, io) =>
    withMesh(args, io, async ({ mesh }) => {
      if (args.flag("list")) {
        const kept = mesh.snapshots();
        const rows = kept.map(({ id, at, label, bytes }) => [id, new Date(at).toISOString(), `${bytes} B`, label]);
        return done(toJson(kept), rows.length === 0 ? "No snapshots." : textTable(rows));
      }
      const snapshot = mesh.snapshot(args.positionals[0]);
      return done(
        toJson(snapshot),
        `kept as ${snapshot.id} (${snapshot.bytes} B); bring it back with: context-mesh restore ${snapshot.id}`,
      );
    }),
};
