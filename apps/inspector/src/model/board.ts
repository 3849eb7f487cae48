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

export interface Card {
  readonly id: string;
  readonly title: string;
  readonly column: ColumnName;
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
  /** What an agent must be or can do to take it. */
  readonly needs: readonly string[];
}

export interface Board {
  readonly columns: Readonly<Record<ColumnName, readonly Card[]>>;
}

const runningWords = new Set(["in_progress", "active", "working", "started", "doing", "running", "claimed"]);
const needFields = ["role", "roles", "requires", "requires_role", "capability", "capabilities"];

type List = "active" | "blocked" | "completed";

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
type Plain = Omit<Card, "column" | "blockers" | "contested"> & { readonly waitsFor: readonly string[] };

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
    needs: needFields.flatMap((field) => textsOf(item[field])),
    waitsFor: textsOf(item.blocked_by ?? item.depends_on ?? item.dependencies),
  };
  plainByItem.set(item, plain);
  return plain;
};

const columnOf = (list: List, status: string, isWaiting: boolean): ColumnName => {
  if (list === "completed") return "done";
  if (list === "blocked") return "blocked";
  if (runningWords.has(wordOf(status))) return "progress";
  return isWaiting ? "blocked" : "ready";
};

const reasonsOf = (item: JsonObject): readonly string[] =>
  textsOf(item.reason).concat(
    objectsOf(item.blockers)
      .map((blocker) => textOf(blocker.reason))
      .filter(Boolean),
  );

export const boardOf = ({ context, conflicts }: Pick<Facts, "context" | "conflicts">): Board => {
  const state = objectOf(context.project_state);
  const contested = contestedByTask(conflicts);
  const lists: readonly (readonly [List, readonly JsonObject[]])[] = [
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
      const column = columnOf(list, plain.status, waiting.length > 0);
      const blockers = list === "blocked" ? [...reasonsOf(item), ...waiting] : waiting;
      columns[column].push({ ...plain, column, blockers, contested: contested.get(plain.id) ?? [] });
    }
  }
  return { columns };
};

export const allCards = ({ columns }: Board): readonly Card[] => columnNames.flatMap((name) => columns[name]);
