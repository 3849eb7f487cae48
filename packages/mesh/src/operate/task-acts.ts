/** The writes to a task that are also made through a lease: each says under which lease it is made. */

import { ok } from "@context-mesh/common";
import { type Change, completeTask, setTaskStatus, updateTask } from "@context-mesh/document";
import type { ActTools } from "../claims/acting.ts";
import type { Desk } from "./desk.ts";

/** What completing a task does to its claim. */
export interface ClaimEnds {
  ending(task: string): readonly Change[];
  ended(task: string): void;
}

export const taskActs = (desk: Desk, claims: ClaimEnds): ActTools => ({
  update: (id, fields, options, under) =>
    desk.run(
      { name: "task.update", subject: id },
      options,
      (view, author) => {
        const { status, ...rest } = fields;
        if (status !== undefined && Object.keys(rest).length === 0) return setTaskStatus(view, id, status, author);
        return updateTask(view, id, fields, author);
      },
      under,
    ),
  done(id, result = {}, options, under) {
    const receipt = desk.run(
      { name: "task.done", subject: id, trigger: "task_done" },
      options,
      (view, author) => {
        const outcome = completeTask(view, id, result, author);
        return outcome.ok && under?.isStale === false ? ok([...outcome.value, ...claims.ending(id)]) : outcome;
      },
      under,
    );
    if (receipt.ok && receipt.reason === undefined) claims.ended(id);
    return receipt;
  },
});
