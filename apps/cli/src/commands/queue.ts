/** `queue`: what waits here to be sent. */

import type { Command } from "../frame/command.ts";
import { done, toJson } from "../frame/outcome.ts";
import { textTable } from "../frame/wrap.ts";
import { withMesh } from "../session/with-mesh.ts";

const short = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "(removed)";
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
};

export const command: Command = {
  spec: {
    examples: [
      ["context-mesh queue", "what waits on this machine"],
      ["context-mesh queue --json", "as data"],
      ["context-mesh sync", "send it"],
    ],
    notes: "Looks only at the store of this agent; nothing is sent by looking.",
  },
  run: (args, io) =>
    withMesh(
      args,
      io,
      async ({ mesh }) => {
        const items = mesh.queue();
        const { unconfirmed } = mesh.status();
        const now = io.clock.wallMs();
        const rows = items.map(({ path, value, level, at }) => [
          level,
          `${Math.max(0, Math.round((now - at) / 1_000))} s`,
          path,
          short(value),
        ]);
        const rest = unconfirmed > 0 ? `\n${unconfirmed} more were sent, and no relay has confirmed them yet.` : "";
        const text =
          items.length === 0 ? "Nothing is queued." : textTable([["LEVEL", "AGE", "PATH", "VALUE"], ...rows]);
        return done(toJson({ count: items.length, unconfirmed, items }), text + rest);
      },
      { connect: false },
    ),
};
