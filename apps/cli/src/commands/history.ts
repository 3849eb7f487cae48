/** `history`: the last synchronizations, or with --path who wrote what. */

import type { HistoryItem } from "context-mesh";
import type { Command } from "../frame/command.ts";
import { done, toJson } from "../frame/outcome.ts";
import { textTable } from "../frame/wrap.ts";
import { pathProblem } from "../session/paths.ts";
import { historyOutcome } from "../session/sync-history.ts";
import { defined } from "../session/values.ts";

const text = (value: unknown): string => JSON.stringify(value) ?? "(nothing)";

const row = ({ at, agent, path, value, previous }: HistoryItem): readonly string[] => [
  new Date(at).toISOString(),
  agent,
  path,
  `${text(previous)} → ${text(value)}`,
];

export const command: Command = {
  spec: {
    options: {
      last: { type: "integer", placeholder: "N", summary: "How many; by default 10." },
      path: { type: "string", placeholder: "P", summary: "Values written at and below this path instead." },
    },
    examples: [
      ["context-mesh history --last 10", "the last ten synchronizations"],
      ["context-mesh history --path project_state.current_phase", "who set the phase, and to what"],
      ["context-mesh history --path project_state --last 50 --json", "as data"],
    ],
  },
  run: async (args, io) => {
    const path = args.string("path");
    if (path === undefined) return historyOutcome(args, io);
    const wrong = await pathProblem(path);
    if (wrong !== undefined) return wrong;
    const { withMesh } = await import("../session/with-mesh.ts");
    return withMesh(args, io, async ({ mesh }) => {
      const items = mesh.history({ path, ...defined({ last: args.integer("last") }) });
      return done(toJson(items), items.length === 0 ? "Nothing was written there." : textTable(items.map(row)));
    });
  },
};
