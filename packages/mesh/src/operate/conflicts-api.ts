/** `mesh.conflicts`: what stands against each other, and the decisions about it. */

import { settleConflicts } from "@context-mesh/coordination";
import {
  type Conflict,
  idOfEntity,
  parseKey,
  resolveConflict,
  undoResolution,
  valueProblem,
} from "@context-mesh/document";
import type { ConflictsApi, ConflictView, Receipt, WriteOptions } from "../api/types.ts";
import { toCandidateView } from "../read/candidate-view.ts";
import type { Desk } from "./desk.ts";

type Choice = Parameters<ConflictsApi["resolve"]>[1];

const taskOf = (key: string): string | undefined =>
  key.startsWith("t/") ? idOfEntity(parseKey(key).entity) : undefined;

const resolve = (desk: Desk, target: string, choice: Choice, reason?: string, options?: WriteOptions): Receipt => {
  const withReason: WriteOptions = reason === undefined ? (options ?? {}) : { ...options, reason };
  const task = desk.view.conflictAt(target) === undefined ? desk.taskAt(target) : taskOf(target);
  return desk.run(
    { name: "conflict.resolve", subject: target },
    withReason,
    (view, author) => resolveConflict(view, target, choice, author),
    task === undefined ? undefined : desk.under(task),
  );
};

export const toConflictView = (desk: Desk, conflict: Conflict): ConflictView => ({
  key: conflict.key,
  path: conflict.path,
  type: conflict.type,
  strategy: conflict.strategy,
  detectedAt: conflict.detectedAt,
  candidates: conflict.candidates.map((candidate) => toCandidateView(desk.view, candidate)),
  resolve: (choice, reason) => resolve(desk, conflict.key, choice, reason),
});

export const conflictsApi = (desk: Desk): ConflictsApi => ({
  list: () => desk.view.conflicts().map((conflict) => toConflictView(desk, conflict)),
  records: () => desk.view.conflictRecords(),
  resolve: (target, choice, reason, options) => resolve(desk, target, choice, reason, options),
  settle: (options) =>
    settleConflicts(
      {
        clock: desk.core.options.clock,
        validate: (path, value) => valueProblem(desk.view, path, value),
        desk: {
          list: () => desk.view.conflicts(),
          resolve: (key, choice, reason) => resolve(desk, key, choice, reason),
        },
      },
      options,
    ),
  undo: (target) =>
    desk.run({ name: "conflict.undo", subject: target }, undefined, (view, author) =>
      undoResolution(view, target, author),
    ),
});
