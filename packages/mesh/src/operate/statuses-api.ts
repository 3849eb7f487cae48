/** `mesh.statuses`: how agents are shown to be, as part of the shared context. */

import type { Unsubscribe } from "@context-mesh/common";
import { agentStatusPrefix, forgetStatus, shownStatus, shownStatuses, showStatus } from "@context-mesh/document";
import type { StatusesApi } from "../api/types.ts";
import { liveQuery } from "../read/live-query.ts";
import type { Desk } from "./desk.ts";

export const statusesApi = (desk: Desk): StatusesApi => {
  const start = `${agentStatusPrefix}/`;
  const watch = (onChange: () => void): Unsubscribe =>
    desk.core.on("change", ({ keys, all }) => {
      if (all || [...keys].some((key) => key.startsWith(start))) onChange();
    });
  const list = () => shownStatuses(desk.view);
  return {
    list,
    get: (agent) => shownStatus(desk.view, agent),
    show: ({ agent = desk.core.options.agent.id, status, evidence }, options) =>
      desk.run({ name: "status.show", subject: agent }, options, (view, author) =>
        showStatus(view, { agent, status, evidence }, author),
      ),
    forget: (agent, options) =>
      desk.run({ name: "status.forget", subject: agent }, options, (view, author) => forgetStatus(view, agent, author)),
    watch,
    live: () => liveQuery({ read: list, watch }),
  };
};
