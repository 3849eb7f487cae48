/** What agents do with tasks. Pure: the view and the wish in, changes out. */

import { type JsonObject, type JsonValue, ok } from "@context-mesh/common";
import type { ContextView } from "../context/view.ts";
import { isUsableId } from "../layout/content-id.ts";
import { itemEntity } from "../layout/keys.ts";
import { fieldByName } from "../layout/registry.ts";
import { rankCode, type TaskGroup, taskList } from "../layout/shapes.ts";
import { isFinished, parseStatus } from "../layout/status.ts";
import { ChangeSet } from "./change-set.ts";
import { removeField, removeItem, writeField, writeItemFields } from "./fields.ts";
import { underAuthority } from "./ownership.ts";
import { itemProblem } from "./push-values.ts";
import { rankForLast } from "./ranks.ts";
import { addBlocker, currentBlockers, removeBlockers, writeStatus } from "./task-status.ts";
import type { Author, OperationRefusal, Outcome } from "./types.ts";

/** Fields by name; undefined leaves out or removes. Fields the schema does not know are kept as they are. */
export type TaskInput = Readonly<Record<string, JsonValue | undefined>>;

const given = (fields: TaskInput): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined));

const finish = (set: ChangeSet): Outcome => {
  const outcome = set.outcome();
  return outcome.ok ? ok(underAuthority(set.view, set.author, outcome.value)) : outcome;
};

const refused = (set: ChangeSet, reason: OperationRefusal, detail: string): Outcome => {
  set.refuse(reason, detail);
  return set.outcome();
};

const isoTime = (author: Author): string => new Date(author.nowMs).toISOString();

/** Runs `write` on a task that is there and not archived, when `fields`, if any are written, are what the schema says. */
const onTask = (
  view: ContextView,
  id: string,
  author: Author,
  write: (set: ChangeSet, entity: string) => void,
  fields?: Readonly<Record<string, unknown>>,
): Outcome => {
  const set = new ChangeSet(view, author);
  const entity = itemEntity(taskList.prefix, id);
  const group = view.table.state(entity)?.group;
  if (group === undefined) return refused(set, "unknown_id", `there is no task \`${id}\``);
  if (group === "archived") return refused(set, "archived", `task \`${id}\` is in the archive: open it again first`);
  const problem = fields === undefined ? undefined : itemProblem(taskList.prefix, fields);
  if (problem !== undefined) return refused(set, "invalid_type", problem);
  write(set, entity);
  return finish(set);
};

const lastTask = (view: ContextView): { readonly rank: number; readonly id: string } | undefined => {
  const ends = (["active", "blocked", "completed"] as const).flatMap(
    (group: TaskGroup) => view.table.states(taskList.prefix, group).at(-1) ?? [],
  );
  return ends.sort((a, b) => a.rank - b.rank || (a.id < b.id ? -1 : 1)).at(-1);
};

export const writeWord = (set: ChangeSet, entity: string, word: string): void => {
  if (word === "blocked") {
    if (currentBlockers(set, entity).length === 0) addBlocker(set, entity, {});
    if (isFinished(parseStatus(set.view.replica.valueOf(`${entity}/s`)).word)) writeStatus(set, entity, "pending");
    return;
  }
  writeStatus(set, entity, word);
  // A blocker that says nothing came from the word alone, so another word takes it back.
  removeBlockers(set, entity, (blocker) => Object.keys(blocker.value).length === 0);
};

export const addTask = (view: ContextView, task: TaskInput & { readonly id: string }, author: Author): Outcome => {
  const set = new ChangeSet(view, author);
  if (!isUsableId(task.id)) return refused(set, "bad_id", "an id is a text of 1 to 200 characters");
  const entity = itemEntity(taskList.prefix, task.id);
  const group = view.table.state(entity)?.group;
  if (group === "archived") return refused(set, "archived", `task \`${task.id}\` is in the archive: open it again`);
  if (group !== undefined) return refused(set, "exists", `there is a task \`${task.id}\` already`);
  const problem = itemProblem(taskList.prefix, task);
  if (problem !== undefined) return refused(set, "invalid_type", problem);
  const { status, ...fields } = given(task);
  writeItemFields(set, entity, taskList, fields, new Set(["id"]));
  writeStatus(set, entity, typeof status === "string" && status !== "blocked" ? status : "pending");
  if (status === "blocked") addBlocker(set, entity, {});
  const rank = rankForLast(lastTask(view), task.id);
  if (rank !== 0) set.set(`${entity}/${rankCode}`, rank);
  return set.outcome();
};

/** `status` moves the task as `setTaskStatus` does. */
export const updateTask = (view: ContextView, id: string, fields: TaskInput, author: Author): Outcome => {
  const write = (set: ChangeSet, entity: string): void => {
    for (const [name, value] of Object.entries(fields)) {
      const field = fieldByName(taskList.fields, name);
      if (name === "id") continue;
      if (field?.kind === "status") {
        if (typeof value === "string") writeWord(set, entity, value);
      } else if (value === undefined) removeField(set, entity, field, name);
      else writeField(set, entity, field, name, value);
    }
  };
  return onTask(view, id, author, write, fields);
};

export const setTaskStatus = (view: ContextView, id: string, word: string, author: Author): Outcome =>
  onTask(view, id, author, (set, entity) => {
    writeWord(set, entity, word);
    if (word === "in_progress" && !view.replica.has(`${entity}/a`)) set.set(`${entity}/a`, isoTime(author));
  });

export interface TaskResult {
  readonly summary?: string;
  /** Default `success`. */
  readonly result?: string;
}

export const completeTask = (view: ContextView, id: string, result: TaskResult, author: Author): Outcome => {
  const write = (set: ChangeSet, entity: string): void => {
    writeStatus(set, entity, "completed");
    set.set(`${entity}/r`, result.result ?? "success");
    if (result.summary !== undefined) set.set(`${entity}/m`, result.summary);
    if (!isFinished(parseStatus(view.replica.valueOf(`${entity}/s`)).word)) set.set(`${entity}/c`, isoTime(author));
  };
  return onTask(view, id, author, write, { result: result.result, summary: result.summary });
};

export interface BlockerInput {
  readonly reason: string;
  /** Who can remove it. */
  readonly owner?: string;
}

export const blockTask = (view: ContextView, id: string, blocker: BlockerInput, author: Author): Outcome => {
  const { reason, owner } = blocker;
  const fields = owner === undefined ? { reason } : { reason, blocker_owner: owner };
  return onTask(view, id, author, (set, entity) => addBlocker(set, entity, fields), fields);
};

/** Takes one blocker away by its reason, or all of them. */
export const unblockTask = (view: ContextView, id: string, reason: string | undefined, author: Author): Outcome =>
  onTask(view, id, author, (set, entity) => {
    removeBlockers(set, entity, (blocker) => reason === undefined || blocker.value.reason === reason);
    const { word, shown } = parseStatus(view.replica.valueOf(`${entity}/s`));
    if (word === "blocked" || shown === "blocked") writeStatus(set, entity, word === "blocked" ? "pending" : word);
  });

/** The next round of a finished task. Blockers and results of the round before are taken away. */
export const reopenTask = (view: ContextView, id: string, author: Author): Outcome =>
  onTask(view, id, author, (set, entity) => {
    if (!isFinished(parseStatus(view.replica.valueOf(`${entity}/s`)).word)) return;
    writeStatus(set, entity, "pending");
    removeBlockers(set, entity, () => true);
    for (const code of ["r", "c"]) set.remove(`${entity}/${code}`);
  });

export const removeTask = (view: ContextView, id: string, author: Author): Outcome =>
  onTask(view, id, author, (set, entity) => removeItem(set, entity));
