/** `agents`: who is here now, by presence, and who is registered in the room and away. */

import { limits } from "@context-mesh/common";
import type { Command } from "../frame/command.ts";
import { done, toJson } from "../frame/outcome.ts";
import { textTable } from "../frame/wrap.ts";
import { withMesh } from "../session/with-mesh.ts";

/** Presence comes right behind the join answer; this is how long it is waited for. */
const presenceMs = 300;
/** Registered agents that are away, in the table; `--json` has all. */
const awayShown = 50;

const list = (words: readonly string[]): string => words.join(",") || "-";

const row = (
  name: string,
  { roles, groups }: { readonly roles: readonly string[]; readonly groups: readonly string[] },
  seen: string,
): readonly string[] => [name, list(roles), list(groups), seen];

export const command: Command = {
  spec: {
    examples: [
      ["context-mesh agents", "who is here now, and who is registered and away"],
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
      const here = mesh.presence.list();
      const names = new Set(here.map(({ agent }) => agent));
      const away = mesh.agents.list().filter(({ id }) => !names.has(id));
      const data = [
        ...here.map((agent) => ({ ...agent, here: true })),
        ...away.map(({ id, roles, groups }) => ({ agent: id, roles, groups, here: false })),
      ];
      const rows = [
        ...here.map((agent) =>
          row(
            agent.agent + (agent.own ? " (this command)" : ""),
            agent,
            `${Math.round(agent.seenMsAgo / 1_000)} s ago`,
          ),
        ),
        ...away.slice(0, awayShown).map((agent) => row(agent.id, agent, "away (registered)")),
      ];
      const more = away.length > awayShown ? `\n… and ${away.length - awayShown} more that are away: see --json` : "";
      return done(
        toJson(data),
        rows.length === 0 ? "Nobody is here." : textTable([["AGENT", "ROLES", "GROUPS", "SEEN"], ...rows]) + more,
      );
    }),
};
