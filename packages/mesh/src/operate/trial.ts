/** Work that is taken back when its gate fails. */

import { messageOf } from "@context-mesh/common";
import type { Candidate } from "@context-mesh/document";
import type { TrialReport, TrialRequest } from "../api/rollback-types.ts";
import type { Desk } from "./desk.ts";
import { type Selection, takeSnapshot } from "./exchange.ts";
import { type ContextAt, rollBack } from "./rollback.ts";

const judged = async (gate: TrialRequest["gate"]): Promise<{ readonly passed: boolean; readonly detail: string }> => {
  try {
    const answer = await gate();
    return typeof answer === "boolean"
      ? { passed: answer, detail: "" }
      : { passed: answer.ok, detail: answer.detail ?? "" };
  } catch (error) {
    return { passed: false, detail: messageOf(error) };
  }
};

const nowhere: ContextAt = () => undefined;

/**
 * What this agent has written since, and nobody has replaced. Where somebody wrote at the same moment, the own value alone is
 * taken back: it is based on nothing of theirs, so theirs stays beside.
 */
const writtenSince =
  (desk: Desk, seq: number): Selection =>
  (change) => {
    const { writer } = desk.core.replicas.identity;
    const { candidates } = desk.view.replica.read(change.key);
    const isOwn = (candidate: Candidate): boolean => candidate.writer === writer && candidate.seq > seq;
    if (!candidates.some(isOwn)) return undefined;
    return candidates.every((candidate) => candidate.writer === writer) ? change : { ...change, basis: {} };
  };

/**
 * Work that must pass a gate. Where it does not, or the work or the gate throws, what this agent changed since is rolled back;
 * what others wrote meanwhile stays.
 */
export const tryOut = async (
  desk: Desk,
  { work, gate, sections, label = "before a trial" }: TrialRequest,
): Promise<TrialReport> => {
  const before = takeSnapshot(desk, label);
  const seq = desk.core.replicas.store.view((view) => view.seq());
  const worked = await judged(async () => {
    await work();
    return true;
  });
  const { passed, detail } = worked.passed ? await judged(gate) : worked;
  if (passed) return { passed, detail, snapshot: before, rollback: undefined };
  const reason = `the gate failed${detail === "" ? "" : `: ${detail}`}`;
  const rollback = rollBack(
    desk,
    { to: { snapshot: before.id }, reason, ...(sections === undefined ? {} : { sections }) },
    nowhere,
    writtenSince(desk, seq),
  );
  return { passed, detail, snapshot: before, rollback };
};
