/** `mesh.tasks`: a thin front over the document's task operations. */

import type { Unsubscribe } from "@context-mesh/common";
import {
  addTask,
  blockTask,
  completeTask,
  itemEntity,
  parseKey,
  removeTask,
  reopenTask,
  setTaskStatus,
  type TaskView,
  unblockTask,
  updateTask,
} from "@context-mesh/document";
import type { TaskFilter, TaskItem, TasksApi } from "../api/types.ts";
import { liveQuery } from "../read/live-query.ts";
import type { Desk } from "./desk.ts";

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

export const tasksApi = (desk: Desk): TasksApi => {
  /** Paths in conflict by the entity they belong to; looked up once for a whole list. */
  const conflictsByEntity = (): ReadonlyMap<string, readonly string[]> => {
    const byEntity = new Map<string, string[]>();
    for (const { key, path } of desk.core.replicas.view.conflicts()) {
      const { entity } = parseKey(key);
      byEntity.set(entity, [...(byEntity.get(entity) ?? []), path]);
    }
    return byEntity;
  };
  const toItem = (task: TaskView, conflicts: ReadonlyMap<string, readonly string[]>): TaskItem => ({
    id: task.id,
    list: task.list === "archived" ? "completed" : task.list,
    status: task.list === "blocked" ? "blocked" : task.status,
    title: textOf(task.fields.title),
    owner: textOf(task.fields.owner),
    fields: task.fields,
    conflicts: conflicts.get(itemEntity("t", task.id)) ?? [],
  });
  const list = (filter?: TaskFilter): readonly TaskItem[] => {
    const conflicts = conflictsByEntity();
    return desk.view.tasks(filter).map((task) => toItem(task, conflicts));
  };
  const watch = (onChange: () => void): Unsubscribe =>
    desk.core.on("change", ({ keys, all }) => {
      if (all || [...keys].some((key) => key.startsWith("t/"))) onChange();
    });
  return {
    add(task, options) {
      const id = task.id ?? desk.newId("task");
      return desk.run({ name: "task.add", subject: id }, options, (view, author) =>
        addTask(view, { ...task, id }, author),
      );
    },
    list,
    get(id) {
      const task = desk.view.task(id);
      return task === undefined ? undefined : toItem(task, conflictsByEntity());
    },
    update: (id, fields, options) =>
      desk.run({ name: "task.update", subject: id }, options, (view, author) => {
        const { status, ...rest } = fields;
        if (status !== undefined && Object.keys(rest).length === 0) return setTaskStatus(view, id, status, author);
        return updateTask(view, id, fields, author);
      }),
    done: (id, result = {}, options) =>
      desk.run({ name: "task.done", subject: id, trigger: "task_done" }, options, (view, author) =>
        completeTask(view, id, result, author),
      ),
    block: (id, blocker, options) =>
      desk.run({ name: "task.block", subject: id, trigger: "blocking_issue" }, options, (view, author) =>
        blockTask(view, id, blocker, author),
      ),
    unblock: (id, reason, options) =>
      desk.run({ name: "task.unblock", subject: id }, options, (view, author) => unblockTask(view, id, reason, author)),
    reopen: (id, options) =>
      desk.run({ name: "task.reopen", subject: id }, options, (view, author) => reopenTask(view, id, author)),
    remove: (id, options) =>
      desk.run({ name: "task.remove", subject: id }, options, (view, author) => removeTask(view, id, author)),
    live: (filter) => liveQuery({ read: () => list(filter), watch }),
  };
};
