/** `leave`: sends what waits and says what could not be sent. It stays in the store. */

import type { Command } from "../frame/command.ts";
import { done, failed, toJson } from "../frame/outcome.ts";
import { symbols } from "../frame/paint.ts";
import { counted } from "../frame/wording.ts";
import { openMesh } from "../session/with-mesh.ts";

export const command: Command = {
  spec: {
    options: {
      timeout: { type: "integer", placeholder: "SECONDS", summary: "How long to try; by default 5." },
      "require-relay": { type: "boolean", summary: "Exit 3 when something could not be sent." },
    },
    examples: [
      ["context-mesh leave", "at the end of a working session"],
      ["context-mesh leave --timeout 30", "try for half a minute"],
      ["context-mesh leave --require-relay", "exit 3 unless a relay has everything"],
    ],
  },
  run: async (args, io) => {
    const { mesh } = await openMesh(args, io, true);
    const progress = io.progress("sending what waits");
    const report = await mesh.leave({ flushMs: (args.integer("timeout") ?? 5) * 1_000 });
    progress.end();
    const data = toJson(report);
    if (report.unsent === 0) return done(data, `${io.paint.good(`${symbols.good} left`)}  everything was sent`);
    const list = report.paths.slice(0, 10).map((path) => `\n  ${path}`);
    const text = `${counted(report.unsent, "write")} could not be sent and stay in the store:${list.join("")}`;
    if (!args.flag("require-relay")) return done(data, `${io.paint.warn(`${symbols.warn} left`)}  ${text}`);
    return failed("queued_only", text, "They are sent with the next command that finds a relay.", {
      details: data,
      retryable: true,
    });
  },
};
