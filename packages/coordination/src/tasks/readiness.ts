/** Whether a task can be begun: what it waits for, and for whom it is. Pure. */

import type { JsonObject, JsonValue } from "@context-mesh/common";
import { type ContextView, itemEntity, type TaskView } from "@context-mesh/document";

export type Readiness =
  | { readonly state: "ready" }
  | { readonly state: "finished" }
  /** Somebody named a blocker. */
  | { readonly state: "blocked"; readonly reason: string }
  /** Unfinished tasks, or ids that no task has. */
  | { readonly state: "waiting"; readonly on: readonly string[] }
  /** Its dependencies lead back to it, so it can never begin: the ids in order. */
  | { readonly state: "cycle"; readonly through: readonly string[] };

type TaskSource = Pick<ContextView, "task" | "table">;

const textsOf = (value: JsonValue | undefined): readonly string[] => {
  if (typeof value === "string") return value === "" ? [] : [value];
  return Array.isArray(value)
    ? (value as readonly JsonValue[]).filter((it): it is string => typeof it === "string")
    : [];
};

export const dependenciesOf = (fields: JsonObject): readonly string[] => textsOf(fields.blocked_by);

const isDone = (list: string | undefined): boolean => list === "completed" || list === "archived";

/** By the task's place alone: its fields are not put together for that. */
const isFinished = (tasks: TaskSource, id: string): boolean => isDone(tasks.table.state(itemEntity("t", id))?.group);

/** The way along unfinished dependencies back to where it began; each task is looked at once. */
const cycleFrom = (tasks: TaskSource, start: string): readonly string[] | undefined => {
  const seen = new Set<string>();
  const open: { readonly id: string; readonly way: readonly string[] }[] = [{ id: start, way: [start] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const task = tasks.task(next.id);
    if (task === undefined || isDone(task.list)) continue;
    for (const id of dependenciesOf(task.fields)) {
      if (id === start) return [...next.way, id];
      if (seen.has(id)) continue;
      seen.add(id);
      open.push({ id, way: [...next.way, id] });
    }
  }
  return undefined;
};

/** Completed wins over blocked, blocked over waiting. */
export const readinessOf = (tasks: TaskSource, task: TaskView): Readiness => {
  if (isDone(task.list)) return { state: "finished" };
  if (task.list === "blocked") return { state: "blocked", reason: textsOf(task.fields.reason)[0] ?? "" };
  const on = dependenciesOf(task.fields).filter((id) => !isFinished(tasks, id));
  if (on.length === 0) return { state: "ready" };
  const through = cycleFrom(tasks, task.id);
  return through === undefined ? { state: "waiting", on } : { state: "cycle", through };
};

/** The same question where only yes or no matters: without the search for a cycle. */
export const isReady = (tasks: TaskSource, task: TaskView): boolean =>
  task.list === "active" && dependenciesOf(task.fields).every((id) => isFinished(tasks, id));

export interface Skills {
  readonly roles: readonly string[];
  readonly capabilities: readonly string[];
}

/** Roles of which a task wants one, and capabilities of which it wants all. */
export const wantsOf = (fields: JsonObject): Skills => ({
  roles: [...textsOf(fields.role), ...textsOf(fields.roles)],
  capabilities: [...textsOf(fields.capability), ...textsOf(fields.capabilities)],
});

export const isSkilled = (wants: Skills, has: Skills): boolean =>
  (wants.roles.length === 0 || wants.roles.some((role) => has.roles.includes(role))) &&
  wants.capabilities.every((capability) => has.capabilities.includes(capability));
