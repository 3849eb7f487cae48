/** `diff FROM [TO]`: what differs between two cursors or times. */

import type { Command } from "../frame/command.ts";
import { done, toJson } from "../frame/outcome.ts";
import { sinceValue } from "../session/values.ts";
import { withMesh } from "../session/with-mesh.ts";

const text = (value: unknown): string => JSON.stringify(value) ?? "absent";

export const command: Command = {
  spec: {
    positionals: [
      { name: "FROM", summary: "A cursor that pull printed, a time, or an age such as 2h.", required: true },
      { name: "TO", summary: "By default now." },
    ],
    examples: [
      ["context-mesh diff 2h", "what changed in the last two hours"],
      ["context-mesh diff 2026-01-20T09:00:00Z 2026-01-20T12:00:00Z", "between two times"],
      ["context-mesh diff 1d --json", "as data"],
    ],
  },
  run: async (args, io) => {
    const now = io.clock.wallMs();
    const from = sinceValue(args.positionals[0] ?? "", now);
    const to = args.positionals[1] === undefined ? undefined : sinceValue(args.positionals[1], now);
    return withMesh(args, io, async ({ mesh }) => {
      const items = mesh.diff(from, to);
      const lines = items.map((item) => `${item.path}: ${text(item.from)} → ${text(item.to)}`);
      return done(toJson(items), lines.length === 0 ? "No difference." : lines.join("\n"));
    });
  },
};
