/**
 * What a room keeps of a registered agent, and what a registration must look like. Reading is tolerant (peers of any version
 * write these records), registering is strict and says everything that is wrong at once.
 */

import { isJsonObject, type JsonObject, type JsonValue, limits, utf8 } from "@context-mesh/common";

/** A registered agent: what a message to a group, or a claim by capability, asks for. */
export interface RegisteredAgent {
  readonly id: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly capabilities: readonly string[];
  /** Topics it wants to hear of. */
  readonly topics: readonly string[];
  readonly region: string | undefined;
  /** Whatever else was registered. */
  readonly fields: JsonObject;
}

/** What is given to register an agent. Fields beyond these are kept as they are. */
export interface NewAgent {
  readonly id: string;
  readonly roles?: readonly string[];
  readonly groups?: readonly string[];
  readonly capabilities?: readonly string[];
  readonly topics?: readonly string[];
  readonly region?: string;
  readonly [field: string]: JsonValue | undefined;
}

export interface AgentProblem {
  readonly code: "bad_id" | "bad_labels" | "too_many_labels" | "bad_region" | "value_invalid" | "value_too_large";
  readonly detail: string;
}

export const labelLists = ["roles", "groups", "capabilities", "topics"] as const;

const known: ReadonlySet<string> = new Set([...labelLists, "id", "region"]);

const isLabel = (value: unknown): value is string =>
  typeof value === "string" &&
  value !== "" &&
  value.length <= limits.agentLabelLengthMax &&
  !/\p{Cc}|\p{Surrogate}/u.test(value);

const labelsOf = (value: JsonValue | undefined): readonly string[] =>
  Array.isArray(value) ? [...new Set((value as readonly JsonValue[]).filter(isLabel))] : [];

/** The agent of a stored record; undefined when the record is no object. */
export const readAgent = (id: string, record: JsonValue | undefined): RegisteredAgent | undefined => {
  if (!isJsonObject(record)) return undefined;
  const [roles, groups, capabilities, topics] = labelLists.map((name) => labelsOf(record[name]));
  return {
    id,
    roles: roles ?? [],
    groups: groups ?? [],
    capabilities: capabilities ?? [],
    topics: topics ?? [],
    region: isLabel(record.region) ? record.region : undefined,
    fields: Object.fromEntries(Object.entries(record).filter(([name]) => !known.has(name))),
  };
};

/** The record to store: labels sorted and once each, empty lists left out, so that equal registrations are equal bytes. */
export const agentRecord = (agent: NewAgent): JsonObject => {
  const { id: _, ...fields } = agent;
  const entries = Object.entries(fields).flatMap(([name, value]): [string, JsonValue][] => {
    if (value === undefined) return [];
    if (!(labelLists as readonly string[]).includes(name)) return [[name, value]];
    const labels = [...labelsOf(value)].sort();
    return labels.length === 0 ? [] : [[name, labels]];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
};

const labelProblem = (name: string, value: JsonValue | undefined): AgentProblem | undefined => {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !(value as readonly JsonValue[]).every(isLabel)) {
    const max = limits.agentLabelLengthMax;
    return { code: "bad_labels", detail: `${name} is a list of texts of 1 to ${max} characters` };
  }
  if (value.length <= limits.agentLabelsMax) return undefined;
  return { code: "too_many_labels", detail: `${name} has ${value.length} entries, at most ${limits.agentLabelsMax}` };
};

const sizeProblem = (agent: NewAgent): AgentProblem | undefined => {
  let text: string | undefined;
  try {
    text = JSON.stringify(agent);
  } catch {
    return { code: "value_invalid", detail: "a registration is JSON" };
  }
  if (text.length * 3 <= limits.agentRecordBytesMax) return undefined;
  const bytes = utf8(text).length;
  if (bytes <= limits.agentRecordBytesMax) return undefined;
  return { code: "value_too_large", detail: `it takes ${bytes} bytes, at most ${limits.agentRecordBytesMax}` };
};

/** Everything that is wrong with a registration; empty when it can be stored. */
export const agentProblems = (agent: unknown): readonly AgentProblem[] => {
  if (typeof agent !== "object" || agent === null || Array.isArray(agent)) {
    return [{ code: "value_invalid", detail: "a registration is an object with an id" }];
  }
  const given = agent as NewAgent;
  const problems: (AgentProblem | undefined)[] = labelLists.map((name) => labelProblem(name, given[name]));
  if (!isLabel(given.id) || given.id.length > limits.idLengthMax) {
    problems.push({ code: "bad_id", detail: `an id is a text of 1 to ${limits.idLengthMax} characters` });
  }
  if (given.region !== undefined && !isLabel(given.region)) {
    problems.push({ code: "bad_region", detail: "a region is a text" });
  }
  return [...problems, sizeProblem(given)].filter((problem) => problem !== undefined);
};

export interface AgentFilter {
  readonly role?: string;
  readonly group?: string;
  readonly capability?: string;
  readonly topic?: string;
  readonly region?: string;
}

export const fitsFilter = (agent: RegisteredAgent, filter: AgentFilter): boolean =>
  (filter.role === undefined || agent.roles.includes(filter.role)) &&
  (filter.group === undefined || agent.groups.includes(filter.group)) &&
  (filter.capability === undefined || agent.capabilities.includes(filter.capability)) &&
  (filter.topic === undefined || agent.topics.includes(filter.topic)) &&
  (filter.region === undefined || agent.region === filter.region);
