/** `mesh.agents`: who belongs to the room, one key an agent. */

import type { JsonValue, Unsubscribe } from "@context-mesh/common";
import { agentProblems, agentRecord, type NewAgent } from "@context-mesh/coordination";
import { agentPrefix, writeRows } from "@context-mesh/document";
import type { AgentsApi } from "../api/types.ts";
import type { Desk } from "../operate/desk.ts";
import { liveQuery } from "../read/live-query.ts";
import { AgentDirectory } from "./directory.ts";
import { registerAll, registrarOn } from "./register-all.ts";

export const agentsApi = (desk: Desk): AgentsApi => {
  const directory = new AgentDirectory(() => desk.core.replicas.view);
  /** With what other processes of this agent wrote. */
  const current = (): AgentDirectory => {
    desk.core.replicas.catchUp();
    return directory;
  };
  const listeners = new Set<() => void>();
  desk.core.on("change", ({ keys, all }) => {
    if (!directory.changed(keys, all)) return;
    for (const listener of [...listeners]) listener();
  });
  const watch = (onChange: () => void): Unsubscribe => {
    listeners.add(onChange);
    return () => listeners.delete(onChange);
  };
  const self = (): NewAgent => {
    const { id, roles, groups } = desk.core.options.agent;
    return { id, roles, groups };
  };
  const write = (id: string, value: JsonValue | undefined, name: string, options: Parameters<AgentsApi["remove"]>[1]) =>
    desk.run({ name, subject: id }, options, (view, author) => writeRows(view, agentPrefix, [{ id, value }], author));
  return {
    list: (filter) => current().list(filter),
    get: (id) => current().get(id),
    register(agent = self(), options) {
      const [problem] = agentProblems(agent);
      if (problem !== undefined) return desk.refuse(problem.code, problem.detail, String(agent?.id), options?.level);
      return write(agent.id, agentRecord(agent), "agent.register", options);
    },
    registerAll: (agents, options) => registerAll(desk, agents, options),
    registrar: (options = {}) => registrarOn(desk, options, () => {}),
    remove(id, options) {
      if (current().get(id) !== undefined) return write(id, undefined, "agent.remove", options);
      return desk.refuse("unknown_id", `no agent \`${id}\` is registered`, id, options?.level);
    },
    live: (filter) => liveQuery({ read: () => current().list(filter), watch }),
  };
};
