/** `push` and `patch`: values by path, each answered by itself. */

import { isJsonObject, type JsonObject, type JsonValue } from "@context-mesh/common";
import {
  type Author,
  type Basis,
  type Change,
  importPatch,
  type PushOutcome,
  pushChange,
} from "@context-mesh/document";
import type { PushAnswer, PushChange, PushRequest, Receipt, WriteOptions } from "../api/types.ts";
import type { BasisMemory } from "../read/basis-memory.ts";
import type { Desk } from "./desk.ts";

/** Without `from` the write is based on what this agent was last shown there; if that was nothing, it stands beside. */
const shownTo = (desk: Desk, memory: BasisMemory, change: PushChange): Readonly<Record<string, Basis>> | undefined => {
  if (Object.hasOwn(change, "from")) return undefined;
  const keys = desk.view.pathToKeys(change.path);
  if (!keys.ok) return undefined;
  return desk.core.replicas.store.view((view) =>
    Object.fromEntries(keys.value.map((key) => [key, memory.recall(key, view) ?? {}])),
  );
};

const answerOf = (outcome: PushOutcome, receipt: Receipt | undefined): PushAnswer => {
  const isRefused = outcome.answer === "refused" || receipt?.ok === false;
  return {
    path: outcome.path,
    answer: isRefused ? "refused" : outcome.answer,
    code: outcome.answer === "refused" || outcome.answer === "proposed" ? outcome.code : receipt?.reason,
    detail: outcome.answer === "refused" ? outcome.detail : receipt?.detail,
    other: outcome.answer === "conflict" ? outcome.other : undefined,
    receipt,
  };
};

export const push = (desk: Desk, memory: BasisMemory, request: PushRequest): readonly PushAnswer[] => {
  const level = request.level === undefined ? {} : { level: request.level };
  const reason = request.reason === undefined ? {} : { reason: request.reason };
  return request.changes.map((change) => {
    const basis = shownTo(desk, memory, change);
    const task = desk.taskAt(change.path);
    const under = task === undefined ? undefined : desk.under(task);
    const author: Author = {
      ...desk.author({ ...level, ...reason, ...(basis === undefined ? {} : { basis }) }),
      ...under,
    };
    const outcome = pushChange(desk.view, change, author);
    const changes: readonly Change[] = outcome.answer === "refused" ? [] : outcome.changes;
    const isWritten = outcome.answer === "applied" || changes.length > 0;
    const operation = { name: "push", subject: change.path };
    const receipt = isWritten ? desk.writeAs(author, operation, changes, request.level, task) : undefined;
    return answerOf(outcome, receipt);
  });
};

const refusedPatch = (path: string, code: string, detail: string): PushAnswer => ({
  path,
  answer: "refused",
  code,
  detail,
  other: undefined,
  receipt: undefined,
});

const pathOf = (operation: JsonValue): string => {
  const path = isJsonObject(operation) ? (operation as JsonObject).path : undefined;
  return typeof path === "string" ? path : "";
};

/** RFC 6902 on the exported context: all operations or none. */
export const patch = (desk: Desk, operations: readonly JsonValue[], options?: WriteOptions): readonly PushAnswer[] => {
  const outcome = importPatch(desk.view, operations, desk.author(options));
  if (!outcome.ok) {
    const detail = outcome.detail ?? outcome.reason;
    return operations.map((operation) => refusedPatch(pathOf(operation), outcome.reason, detail));
  }
  const receipt = desk.write({ name: "patch" }, outcome.value, options?.level);
  return operations.map((operation) => ({
    path: pathOf(operation),
    answer: receipt.ok ? "applied" : "refused",
    code: receipt.reason,
    detail: receipt.detail,
    other: undefined,
    receipt,
  }));
};
