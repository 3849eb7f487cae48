/** `next`: takes the next task that is ready for this agent. */

import type { Command } from "../frame/command.ts";
import { claimOptions, claimWishes, toldClaim } from "../session/claiming.ts";
import { withMesh } from "../session/with-mesh.ts";

export const command: Command = {
  spec: {
    options: claimOptions,
    examples: [
      ["context-mesh next", "take the next task that is ready"],
      ["context-mesh next --confirmed --json", "with the arbiter's word, as data"],
      ["context-mesh next --lease 1h --hold", "renewed until Ctrl-C"],
    ],
  },
  run: (args, io) =>
    withMesh(args, io, async (session) =>
      toldClaim(session, await session.mesh.tasks.claim("next", claimWishes(args))),
    ),
};
