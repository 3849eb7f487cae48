/** `agents`: who is here now, by presence. */

import { limits } from "@context-mesh/common";
import type { Command } from "../frame/command.ts";
import { done, toJson } from "../frame/outcome.ts";
import { textTable } from "../frame/wrap.ts";
import { withMesh } from "../session/with-mesh.ts";

/** Presence comes right behind the join answer; this is how long it is waited for. */
const presenceMs = 300;

export const command: Command = {
  spec: {
    examples: [
      ["context-mesh agents", "who is here now"],
      ["context-mesh agents --json", "with roles, groups and what they say they do"],
      ["context-mesh join --agent builder", "be here yourself"],
    ],
    notes: `Agents whose last sign is older than ${limits.presenceTimeoutMs / 1_000} s are gone. A command that ends at once is here only while it runs.`,
  },
  run: (args, io) =>
    withMesh(args, io, async ({ mesh, relays }) => {
      if (relays.list().some((relay) => relay.synced)) {
        const others = (): boolean => mesh.presence.list().some(({ own }) => !own);
        const off = mesh.presence.subscribe(() => relays.poke());
        await relays.until(others, io, presenceMs);
        off();
      }
      const agents = mesh.presence.list();
      const rows = agents.map((agent) => [
        agent.agent + (agent.own ? " (this command)" : ""),
        agent.roles.join(",") || "-",
        agent.groups.join(",") || "-",
        `${Math.round(agent.seenMsAgo / 1_000)} s ago`,
      ]);
      return done(
        toJson(agents),
        rows.length === 0 ? "Nobody is here." : textTable([["AGENT", "ROLES", "GROUPS", "SEEN"], ...rows]),
      );
    }),
};
