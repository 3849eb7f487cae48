/** `task renew ID`. */

import type { Command } from "../frame/command.ts";
import { withLease } from "../session/claiming.ts";
import { deliveryOptions } from "../session/deliver.ts";
import { withMesh } from "../session/with-mesh.ts";

export const command: Command = {
  spec: {
    positionals: [{ name: "ID", summary: "The task.", required: true }],
    options: deliveryOptions,
    examples: [
      ["context-mesh task renew task-1", "the lease begins anew"],
      ["context-mesh task renew task-1 --wait", "and wait until a relay has it on disk"],
      ["context-mesh task renew task-1 --json", "exit 5 and the new holder's name when it is lost"],
    ],
  },
  run: (args, io) =>
    withMesh(args, io, (session) =>
      withLease(
        session,
        (lease) => lease.renew(),
        ({ task, leaseMs }) => `task ${task} is yours for another ${Math.round(leaseMs / 1_000)} s`,
      ),
    ),
};
