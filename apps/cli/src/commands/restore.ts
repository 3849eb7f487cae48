/** `restore ID`: brings a snapshot back, as new writes of this agent; others see them like any other. */

import type { Command } from "../frame/command.ts";
import { done, failed, toJson } from "../frame/outcome.ts";
import { deliver, deliveryOptions } from "../session/deliver.ts";
import { withMesh } from "../session/with-mesh.ts";

export const command: Command = {
  spec: {
    positionals: [{ name: "ID", summary: "Of the snapshot.", required: true }],
    options: deliveryOptions,
    examples: [
      ["context-mesh snapshot --list", "see the ids"],
      ["context-mesh restore ID", "bring one back"],
      ["context-mesh undo", "take that back"],
    ],
    notes: "What others wrote meanwhile without this agent having seen it is kept beside what is restored.",
  },
  run: (args, io) =>
    withMesh(args, io, async (session) => {
      const id = args.positionals[0] ?? "";
      const report = session.mesh.restore(id);
      if (report === undefined) {
        return failed("not_found", `There is no snapshot ${id} in this store.`, "See: context-mesh snapshot --list");
      }
      const counts = { written: report.written, removed: report.removed };
      if (report.receipt.ok && report.written + report.removed === 0) {
        return done(toJson({ ...counts, state: "unchanged" }), "The context is as it was then: nothing to write.");
      }
      const text = `${id} restored: ${report.written} written, ${report.removed} removed`;
      return deliver(session, [report.receipt], { text, data: counts });
    }),
};
