/** Takes back own operations, newest first, as new writes: what somebody wrote since is left alone. */

import { ok } from "@context-mesh/common";
import { type Change, type Outcome, undoEntry } from "@context-mesh/document";
import type { Receipt } from "../api/types.ts";
import { type JournalOperation, undoableOf } from "../write/journal.ts";
import type { Desk } from "./desk.ts";

const changesOf = (desk: Desk, operation: JournalOperation): Outcome => {
  const { view } = desk;
  const author = desk.author();
  const { writer } = operation;
  const changes: Change[] = [];
  let refusal: Outcome | undefined;
  for (const { key, seq, from } of operation.changes) {
    const outcome = undoEntry(view, { key, writer, seq, previous: from }, author);
    if (outcome.ok) changes.push(...outcome.value);
    else refusal ??= outcome;
  }
  return changes.length === 0 && refusal !== undefined ? refusal : ok(changes);
};

export const undoLast = (desk: Desk, count: number): readonly Receipt[] => {
  const operations = desk.core.replicas.store.view((view) => undoableOf(view, count));
  return operations.map((operation) => {
    const outcome = changesOf(desk, operation);
    const named = { name: "undo", subject: operation.operation, undoes: operation.n };
    if (!outcome.ok) return desk.refuse(outcome.reason, outcome.detail ?? outcome.reason, operation.operation);
    return desk.write(named, outcome.value);
  });
};
