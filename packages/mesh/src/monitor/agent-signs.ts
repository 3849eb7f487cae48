/** What happened among the agents that are here, from two looks at them. Pure. */

import type { JsonValue } from "@context-mesh/common";
import type { EventSeverity, NewEvent } from "@context-mesh/coordination";
import type { AgentPresence } from "../api/types.ts";

/** What an agent last said of itself. */
export type AgentSigns = ReadonlyMap<string, string>;

const severityByStatus: Readonly<Record<string, EventSeverity>> = {
  error: "error",
  failed: "error",
  crashed: "error",
  stuck: "warning",
  blocked: "warning",
};

const statusOf = (status: JsonValue | undefined): string => (typeof status === "string" ? status : "");

export const signsOf = (agents: readonly AgentPresence[]): AgentSigns =>
  new Map(agents.map(({ agent, state }) => [agent, statusOf(state.status)]));

const event = (name: string, subject: string, severity: EventSeverity, status = ""): NewEvent => ({
  type: "health_check",
  source: "coordination",
  name,
  severity,
  subject,
  ...(status === "" ? {} : { fields: { status } }),
});

export const agentEvents = (before: AgentSigns, now: AgentSigns): readonly NewEvent[] => {
  const events: NewEvent[] = [];
  for (const [agent, status] of now) {
    const former = before.get(agent);
    if (former === undefined) events.push(event("agent_here", agent, "info", status));
    if (status !== (former ?? "")) {
      events.push(event("agent_status", agent, severityByStatus[status.toLowerCase()] ?? "info", status));
    }
  }
  for (const agent of before.keys()) if (!now.has(agent)) events.push(event("agent_gone", agent, "warning"));
  return events;
};
