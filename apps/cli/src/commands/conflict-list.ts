/** `conflict list`: values that stand beside each other until somebody decides. */

import type { ConflictView } from "context-mesh";
import type { Command } from "../frame/command.ts";
import { done, toJson } from "../frame/outcome.ts";
import { symbols } from "../frame/paint.ts";
import { conflictRecord } from "../session/conflicts.ts";
import { withMesh } from "../session/with-mesh.ts";

const lines = ({ path, candidates }: ConflictView): string =>
  [
    `${symbols.warn} ${path}`,
    ...candidates.map(({ id, value, agent, at }, rank) => {
      const text = value === undefined ? "(removed)" : JSON.stringify(value);
      return `    ${rank === 0 ? "shown " : "beside"}  ${text}  ${agent}, ${new Date(at).toISOString()}  ${id}`;
    }),
  ].join("\n");

export const command: Command = {
  spec: {
    examples: [
      ["context-mesh conflict list", "what is undecided"],
      ["context-mesh conflict list --json", "as data, with the record of the protocol"],
      ["context-mesh conflict resolve PATH --choose ID", "decide one"],
    ],
  },
  run: (args, io) =>
    withMesh(args, io, async ({ mesh }) => {
      const conflicts = mesh.conflicts.list();
      const hint = "Decide: context-mesh conflict resolve PATH --choose ID (or --value JSON)";
      const data = conflicts.map((conflict) => ({
        key: conflict.key,
        path: conflict.path,
        candidates: conflict.candidates,
        record: conflictRecord(conflict),
      }));
      const text = conflicts.length === 0 ? "No conflicts." : [...conflicts.map(lines), hint].join("\n");
      return done(toJson(data), text);
    }),
};
