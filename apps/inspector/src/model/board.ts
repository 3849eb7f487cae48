/** Tasks as cards in four columns. A task with unfinished blockers is blocked, whatever list it is in. */

import { timeFieldsOf } from "./card-times.ts";
import type { ConflictFact, Facts } from "./facts.ts";
import { firstText, type JsonObject, objectOf, objectsOf, textOf, textsOf, wordOf } from "./read.ts";

export type ColumnName = "ready" | "progress" | "blocked" | "done";

export const columnNames: readonly ColumnName[] = ["ready", "progress", "blocked", "done"];

export const columnTitles: Readonly<Record<ColumnName, string>> = {
  ready: "Ready",
  progress: "In progress",
  blocked: "Blocked",
  done: "Done",
};

type TaskList = "active" | "blocked" | "completed";

export interface Card {
  readonly id: string;
  readonly title: string;
  readonly column: ColumnName;
  /** Which list of the context it is in. */
  readonly list: TaskList;
  readonly owner: string;
  readonly status: string;
  readonly priority: string;
  /** Since when it is in this state, as far as it says so. */
  readonly since: number | undefined;
  readonly due: number | undefined;
  /** Tasks and reasons that it waits for. */
  readonly blockers: readonly string[];
  /** Fields with more than one value. */
  readonly contested: readonly string[];
  /** An agent must have one of these roles to take it, */
  readonly roles: readonly string[];
  /** and all of these capabilities. */
  readonly skills: readonly string[];
}

export interface Board {
  readonly columns: Readonly<Record<ColumnName, readonly Card[]>>;
}

const runningWords = new Set(["in_progress", "active", "working", "started", "doing", "running", "claimed"]);
const roleFields = ["role", "roles", "requires_role"];
const skillFields = ["capability", "capabilities", "requires"];

/** Paths of conflicts by the id of the task they are about. */
const contestedByTask = (conflicts: readonly ConflictFact[]): ReadonlyMap<string, readonly string[]> => {
  const byTask = new Map<string, string[]>();
  for (const { path } of conflicts) {
    const match = /^project_state\.(?:active|blocked|completed)_tasks\[("?)(.*?)\1\](?:\.(.*))?$/.exec(path);
    const id = match?.[2];
    if (id !== undefined) byTask.set(id, [...(byTask.get(id) ?? []), match?.[3] ?? "whole task"]);
  }
  return byTask;
};

/** What stays the same while a task's item does, so that a change of one task costs one card. */
type Plain = Omit<Card, "column" | "list" | "blockers" | "contested"> & { readonly waitsFor: readonly string[] };

const plainByItem = new WeakMap<JsonObject, Plain>();

const plainCard = (item: JsonObject): Plain => {
  const known = plainByItem.get(item);
  if (known !== undefined) return known;
  const id = textOf(item.id);
  const plain: Plain = {
    id,
    title: firstText(item, "title", "summary", "description") || id || "(without a title)",
    owner: firstText(item, "owner", "assigned_to", "claimed_by"),
    status: firstText(item, "status", "result"),
    priority: textOf(item.priority),
    ...timeFieldsOf(item),
    roles: roleFields.flatMap((field) => textsOf(item[field])),
    skills: skillFields.flatMap((field) => textsOf(item[field])),
    waitsFor: textsOf(item.blocked_by ?? item.depends_on ?? item.dependencies),
  };
  plainByItem.set(item, plain);
  return plain;
};

interface Standing {
  readonly status: string;
  readonly isWaiting: boolean;
  readonly isClaimed: boolean;
}

const columnOf = (list: TaskList, { status, isWaiting, isClaimed }: Standing): ColumnName => {
  if (list === "completed") return "done";
  if (list === "blocked") return "blocked";
  if (isClaimed || runningWords.has(wordOf(status))) return "progress";
  return isWaiting ? "blocked" : "ready";
};

const reasonsOf = (item: JsonObject): readonly string[] =>
  textsOf(item.reason).concat(
    objectsOf(item.blockers)
      .map((blocker) => textOf(blocker.reason))
      .filter(Boolean),
  );

/** Whoever holds a claim is the owner, whatever the field says. */
export const boardOf = ({ context, conflicts, claims }: Pick<Facts, "context" | "conflicts" | "claims">): Board => {
  const state = objectOf(context.project_state);
  const contested = contestedByTask(conflicts);
  const lists: readonly (readonly [TaskList, readonly JsonObject[]])[] = [
    ["active", objectsOf(state.active_tasks)],
    ["blocked", objectsOf(state.blocked_tasks)],
    ["completed", objectsOf(state.completed_tasks)],
  ];
  const finished = new Set(objectsOf(state.completed_tasks).map((item) => textOf(item.id)));
  const columns: Record<ColumnName, Card[]> = { ready: [], progress: [], blocked: [], done: [] };
  for (const [list, items] of lists) {
    for (const item of items) {
      const { waitsFor, ...plain } = plainCard(item);
      const waiting = list === "completed" ? [] : waitsFor.filter((id) => !finished.has(id));
      const claim = list === "completed" ? undefined : claims.get(plain.id);
      const isWaiting = waiting.length > 0;
      const column = columnOf(list, { status: plain.status, isWaiting, isClaimed: claim !== undefined });
      const blockers = list === "blocked" ? [...reasonsOf(item), ...waiting] : waiting;
      const owner = claim?.holder ?? plain.owner;
      columns[column].push({ ...plain, owner, column, list, blockers, contested: contested.get(plain.id) ?? [] });
    }
  }
  return { columns };
};

const isId = (blocker: string): boolean => !blocker.includes(" ");

/** Reasons as they were given; tasks by their ids. */
export const blockersText = ({ blockers }: Card): string => {
  const ids = blockers.filter(isId);
  const waits = ids.length === 0 ? [] : [`waits for ${ids.join(", ")}`];
  return [...blockers.filter((blocker) => !isId(blocker)), ...waits].join("; ");
};

export const allCards = ({ columns }: Board): readonly Card[] => columnNames.flatMap((name) => columns[name]);
