/** `mesh.tasks`: a thin front over the document's task operations. */

import type { Unsubscribe } from "@context-mesh/common";
import {
  addTask,
  blockTask,
  claimPrefix,
  itemEntity,
  parseKey,
  removeTask,
  reopenTask,
  type TaskView,
  unblockTask,
} from "@context-mesh/document";
import type { ClaimsApi, TaskFilter, TaskItem, TasksApi } from "../api/types.ts";
import type { ActTools } from "../claims/acting.ts";
import { liveQuery } from "../read/live-query.ts";
import type { Desk } from "./desk.ts";

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** A task that somebody has and that nobody has begun to change. */
const claimedWord = "claimed";

export const tasksApi = (desk: Desk, claims: ClaimsApi, acts: ActTools): TasksApi & ClaimsApi => {
  /** Paths in conflict by the entity they belong to; looked up once for a whole list. */
  const conflictsByEntity = (): ReadonlyMap<string, readonly string[]> => {
    const byEntity = new Map<string, string[]>();
    for (const { key, path } of desk.core.replicas.view.conflicts()) {
      const { entity } = parseKey(key);
      byEntity.set(entity, [...(byEntity.get(entity) ?? []), path]);
    }
    return byEntity;
  };
  const toItem = (task: TaskView, conflicts: ReadonlyMap<string, readonly string[]>): TaskItem => {
    const holder = claims.holder(task.id);
    const isClaimed = holder !== undefined && task.list === "active" && task.status === "pending";
    return {
      id: task.id,
      list: task.list === "archived" ? "completed" : task.list,
      status: task.list === "blocked" ? "blocked" : isClaimed ? claimedWord : task.status,
      title: textOf(task.fields.title),
      owner: holder?.agent ?? textOf(task.fields.owner),
      holder,
      fields: task.fields,
      conflicts: conflicts.get(itemEntity("t", task.id)) ?? [],
    };
  };
  const list = ({ status, owner }: TaskFilter = {}): readonly TaskItem[] => {
    const conflicts = conflictsByEntity();
    // Whose a task is and whether it is claimed is not in its fields, so these are looked for in what is shown.
    const isPending = status === claimedWord || status === "pending";
    const wanted = status === undefined ? {} : { status: isPending ? "pending" : status };
    const items = desk.view.tasks(wanted).map((task) => toItem(task, conflicts));
    const isWanted = (item: TaskItem): boolean =>
      (owner === undefined || item.owner === owner) && (!isPending || item.status === status);
    return items.filter(isWanted);
  };
  const watch = (onChange: () => void): Unsubscribe =>
    desk.core.on("change", ({ keys, all }) => {
      if (all || [...keys].some((key) => key.startsWith("t/") || key.startsWith(`${claimPrefix}/`))) onChange();
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
    update: (id, fields, options) => acts.update(id, fields, options, desk.under(id)),
    done: (id, result = {}, options) => acts.done(id, result, options, desk.under(id)),
    claim: (target, options) => claims.claim(target, options),
    steal: (id, options) => claims.steal(id, options),
    lease: (id) => claims.lease(id),
    leases: () => claims.leases(),
    holder: (id) => claims.holder(id),
    holders: () => claims.holders(),
    block: (id, blocker, options) =>
      desk.run(
        { name: "task.block", subject: id, trigger: "blocking_issue" },
        options,
        (view, author) => blockTask(view, id, blocker, author),
        desk.under(id),
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
