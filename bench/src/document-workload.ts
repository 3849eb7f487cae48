/** The work that the document benchmark repeats on every kind of document: 8 agents, 1,000 tasks of 6 fields, 30 % heartbeats. */

import { canonicalJson, type JsonValue, type Random } from "@context-mesh/common";

export const agentCount = 8;
/** Field names and their codes in the document's key table. */
export const fields = { title: "t", status: "s", owner: "o", priority: "p", started: "a", summary: "m" } as const;
export type Field = keyof typeof fields;
const fieldNames = Object.keys(fields) as Field[];

export interface FieldWrite {
  readonly agent: number;
  /** Undefined for a heartbeat of the agent. */
  readonly task: number | undefined;
  readonly field: Field | "heartbeat";
  readonly value: JsonValue;
}

const words = ["pending", "in_progress", "completed", "cancelled"];
const priorities = ["low", "medium", "high", "critical"];

export const valueFor = (field: Field, task: number, n: number): string => {
  switch (field) {
    case "title":
      return `Work item ${task}`;
    case "status":
      return words[n % words.length] as string;
    case "owner":
      return `agent-${n % agentCount}`;
    case "priority":
      return priorities[n % priorities.length] as string;
    case "started":
      return `2026-01-${String((n % 28) + 1).padStart(2, "0")}T10:20:00Z`;
    case "summary":
      return `round ${n}`;
  }
};

/** The n-th write. Every field is set once first, by the agents in turn. */
export const writeAt = (n: number, tasks: number, random: Random): FieldWrite => {
  const cells = tasks * fieldNames.length;
  if (n >= cells && random.int(10) < 3) {
    const agent = random.int(agentCount);
    return { agent, task: undefined, field: "heartbeat", value: n };
  }
  const cell = n < cells ? n : random.int(cells);
  const task = Math.floor(cell / fieldNames.length);
  const field = fieldNames[cell % fieldNames.length] as Field;
  const agent = n < cells ? task % agentCount : random.int(agentCount);
  return { agent, task, field, value: valueFor(field, task, n) };
};

/** What the writes add up to, as plain data: the measure of size for every kind of document. */
export class PlainState {
  readonly #tasks: Record<string, Record<string, JsonValue>> = {};
  readonly #agents: Record<string, JsonValue> = {};

  apply({ agent, task, field, value }: FieldWrite): void {
    if (task === undefined) this.#agents[`agent-${agent}`] = value;
    else {
      this.#tasks[`task-${task}`] ??= {};
      (this.#tasks[`task-${task}`] as Record<string, JsonValue>)[field] = value;
    }
  }

  canonicalBytes(): number {
    return canonicalJson({ tasks: this.#tasks, agents: this.#agents }).length;
  }
}
