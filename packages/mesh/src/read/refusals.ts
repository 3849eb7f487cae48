/** Errors of reads: input that names no place, thrown with what to do about it. */

import { MeshError } from "@context-mesh/common";

const hints: Readonly<Record<string, string>> = {
  path_syntax: "Write a path such as project_state.active_tasks[task-1].status.",
  unknown_path: "See the sections in the exported context.",
  unknown_id: "List what there is; ids stand in brackets.",
  bad_cursor: "Give a cursor that an earlier pull returned, or a time such as 2026-01-31T12:00:00Z.",
  foreign_cursor: "Cursors are valid only in the store that made them; pull without one.",
};

export const unreadable = (
  what: string,
  refusal: { readonly reason: string; readonly detail?: string | undefined },
): MeshError =>
  new MeshError(refusal.reason, refusal.detail ?? `cannot read ${what}`, {
    hint: hints[refusal.reason] ?? "Check the spelling.",
  });
