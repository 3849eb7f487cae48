/** `task release ID`. */

import type { Command } from "../frame/command.ts";
import { withLease } from "../session/claiming.ts";
import { deliveryOptions } from "../session/deliver.ts";
import { withMesh } from "../session/with-mesh.ts";

export const command: Command = {
  spec: {
    positionals: [{ name: "ID", summary: "The task.", required: true }],
    options: deliveryOptions,
    examples: [
      ["context-mesh task release task-1", "somebody else may have it"],
      ["context-mesh task release task-1 --wait", "and wait until a relay has it on disk"],
      ["context-mesh task done task-1", "completing a task gives it back too"],
    ],
  },
  run: (args, io) =>
    withMesh(args, io, (session) =>
      withLease(
        session,
        (lease) => lease.release(),
        ({ task }) => `task ${task} is nobody's now`,
      ),
    ),
};
