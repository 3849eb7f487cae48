/** `listen`: messages as they come, one line each, until it is ended. */

import type { Command } from "../frame/command.ts";
import { exitCodes } from "../frame/exit-codes.ts";
import { done, toJson } from "../frame/outcome.ts";
import { messageLine } from "../session/message-text.ts";
import { sayIfShutOut } from "../session/relay-refusal.ts";
import { haveAllRefused } from "../session/relay-watch.ts";
import { defined } from "../session/values.ts";
import { openMesh, type Session } from "../session/with-mesh.ts";

/** Resolves when the signal came, or when so many were shown. */
const follow = ({ mesh, args, io }: Session): Promise<void> =>
  new Promise((resolve) => {
    const max = args.integer("max") ?? Number.POSITIVE_INFINITY;
    const act = args.flag("act");
    let shown = 0;
    const show = (): void => {
      const left = max - shown;
      const bound = Number.isFinite(left) ? { max: left } : {};
      for (const message of mesh.inbox.take({ ...bound, ...defined({ from: args.string("from") }), act })) {
        shown += 1;
        io.line({ event: "message", data: toJson(message) });
        if (!io.json) io.write(`${messageLine(message)}\n`);
      }
      if (shown >= max) finish();
    };
    const finish = (): void => {
      off();
      io.signal.removeEventListener("abort", finish);
      resolve();
    };
    const off = mesh.on("message", show);
    io.signal.addEventListener("abort", finish, { once: true });
    if (io.signal.aborted) finish();
    else show();
  });

export const command: Command = {
  spec: {
    options: {
      topic: { type: "string", placeholder: "NAME", multiple: true, summary: "Subscribe to this topic." },
      from: { type: "string", placeholder: "AGENT", summary: "Only from this agent." },
      act: { type: "boolean", summary: "What is shown counts as dealt with." },
      max: { type: "integer", placeholder: "N", summary: "End after so many." },
    },
    examples: [
      ["context-mesh listen", "every message for this agent"],
      ["context-mesh listen --topic releases --json", "one JSON object a line"],
      ["context-mesh listen --act --max 10", "ten of them, as dealt with"],
    ],
    notes: "A message that is shown and not dealt with is given again after a minute: say `inbox act ID`, or --act.",
  },
  run: async (args, io) => {
    const session = await openMesh(args, io, true);
    const { mesh } = session;
    try {
      io.line({ event: "listening", room: mesh.room, agent: mesh.agent.id });
      io.say(`listening in ${mesh.room} as ${mesh.agent.id}; Ctrl-C ends`);
      mesh.inbox.open({ topics: args.list("topic") });
      void session.relays
        .until(() => haveAllRefused(session.relays.list()), io)
        .then(() => sayIfShutOut(session.relays.list(), io));
      await follow(session);
    } finally {
      await mesh.leave();
    }
    const exitCode = io.signal.reason === "SIGINT" ? exitCodes.interrupted : exitCodes.done;
    return done(null, "", { quiet: true, exitCode });
  },
};
