/** `undo [N]`: takes back the last own operations, as new writes. */

import type { Command } from "../frame/command.ts";
import { failed } from "../frame/outcome.ts";
import { deliver, deliveryOptions } from "../session/deliver.ts";
import { withMesh } from "../session/with-mesh.ts";

export const command: Command = {
  spec: {
    positionals: [{ name: "N", summary: "How many; by default 1." }],
    options: deliveryOptions,
    examples: [
      ["context-mesh undo", "take back the last write of this agent"],
      ["context-mesh undo 3", "the last three, newest first"],
      ["context-mesh history --path project_state", "see who wrote what"],
    ],
    notes: "Others' writes stay. What somebody changed since then shows up as a conflict instead of being lost.",
  },
  run: async (args, io) => {
    const word = args.positionals[0] ?? "1";
    if (!/^[1-9]\d{0,3}$/.test(word)) {
      return failed("invalid_argument", `"${word}" is not a number of writes.`, "Write undo, or undo 3.");
    }
    return withMesh(args, io, async (session) => {
      const receipts = session.mesh.undo(Number(word));
      if (receipts.length === 0) {
        const who = session.mesh.agent.id;
        return failed(
          "not_found",
          `There is no write of ${who} to take back.`,
          'See "context-mesh history --path PATH".',
        );
      }
      const paths = receipts.flatMap((receipt) => receipt.paths);
      return deliver(session, receipts, { text: `took back ${receipts.length}: ${paths.join(", ")}`, data: { paths } });
    });
  },
};
