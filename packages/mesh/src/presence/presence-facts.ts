/** What one presence state says of its agent. Read once for each state: the same states are listed again and again. */

import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from "@context-mesh/common";
import type { AgentPresence } from "../api/presence-types.ts";

export type PresenceFacts = Pick<AgentPresence, "agent" | "roles" | "groups" | "state">;

const text = (value: JsonValue | undefined): string => (typeof value === "string" ? value : "");
const texts = (value: JsonValue | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];

const read = new WeakMap<JsonObject, PresenceFacts>();

const readFacts = (client: number, state: JsonObject): PresenceFacts => {
  const user = isJsonObject(state.user) ? state.user : {};
  return {
    agent: text(state.agent) || text(user.name) || `client-${client.toString(36)}`,
    roles: texts(state.roles),
    groups: texts(state.groups),
    state: isJsonObject(state.state) ? state.state : {},
  };
};

export const factsOf = (client: number, state: JsonObject): PresenceFacts => {
  const known = read.get(state) ?? readFacts(client, state);
  read.set(state, known);
  return known;
};

/** The same agent with the same words of itself; proof and figures are not among them. */
export const saysTheSame = (a: PresenceFacts, b: PresenceFacts): boolean =>
  a.agent === b.agent && jsonEqual(a.state, b.state);
