/**
 * What a reconciler knows of each agent's discrepancy, from one look to the next: seen, written, mended, come back. A pure
 * transition; it says what to write and what to tell, and never says to write the same thing twice.
 */

import type { ShownStatuses } from "../sources/document-source.ts";
import { type Mending, mendingOf, wasMended } from "./mending.ts";
import { turnOf } from "./turns.ts";
import { agentKey } from "./validate.ts";
import type { Verdict } from "./verdict.ts";

export type MendingCase = { readonly id: string; readonly agent: string } & (
  | {
      readonly phase: "seen";
      readonly seenMs: number;
      readonly dueMs: number;
      /** This reconciler has heard the source say something else before. */
      readonly isNew: boolean;
    }
  | { readonly phase: "written" }
  | { readonly phase: "mended" }
  | { readonly phase: "refused"; readonly reason: string }
  | { readonly phase: "recurring"; readonly times: number }
);

type Seen = MendingCase & { readonly phase: "seen" };

export type CaseByAgent = ReadonlyMap<string, MendingCase>;

export interface MendingNews {
  readonly kind: "mended" | "recurring" | "refused";
  readonly agent: string;
  readonly id: string;
  readonly detail: string;
}

export interface CaseStep {
  readonly cases: CaseByAgent;
  readonly writes: readonly Mending[];
  readonly news: readonly MendingNews[];
}

export interface Look {
  readonly nowMs: number;
  readonly verdicts: readonly Verdict[];
  readonly shown: ReturnType<ShownStatuses["list"]>;
  readonly self: string;
  /** Every reconciler that is known to be here, this one included. */
  readonly reconcilers: readonly string[];
  /** Before this nobody writes: who else is here is not known yet. */
  readonly notBeforeMs: number;
  readonly turnMs: number;
}

interface OneStep {
  readonly next: MendingCase | undefined;
  readonly write?: Mending;
  readonly news?: MendingNews;
}

const recurring = (mending: Mending, times: number): OneStep => {
  const { agent, discrepancy } = mending;
  const detail = `It was mended before and came back, although nothing new was said: ${discrepancy.detail}`;
  const next = { id: discrepancy.id, agent, phase: "recurring", times } as const;
  return { next, news: { kind: "recurring", agent, id: discrepancy.id, detail } };
};

/** Nothing is to be mended now. What was mended is remembered as long as its source says the same. */
const atRest = (before: MendingCase | undefined, verdict: Verdict): OneStep => {
  if (before === undefined || verdict.statement !== before.id) return { next: undefined };
  const { id, agent, phase } = before;
  if (phase === "mended") return { next: before };
  const news: MendingNews = { kind: "mended", agent, id, detail: verdict.why };
  return { next: { id, agent, phase: "mended" }, ...(phase === "seen" ? {} : { news }) };
};

/**
 * The turn is worked out anew at each look: at the first one neither the other reconcilers nor what they mended may be known
 * yet. What the display says of the past counts unless this reconciler has heard the source change its word.
 */
const waitOrWrite = (mending: Mending, { seenMs, isNew }: Pick<Seen, "seenMs" | "isNew">, look: Look): OneStep => {
  const { agent, discrepancy } = mending;
  const turn = turnOf(discrepancy.id, look.self, look.reconcilers);
  const dueMs = Math.max(seenMs, look.notBeforeMs) + turn * look.turnMs;
  const about = { id: discrepancy.id, agent } as const;
  if (look.nowMs < dueMs) return { next: { ...about, phase: "seen", seenMs, dueMs, isNew } };
  if (!isNew && wasMended(mending, look.shown)) return recurring(mending, 1);
  return { next: { ...about, phase: "written" }, write: mending };
};

const oneStep = (before: MendingCase | undefined, verdict: Verdict, look: Look): OneStep => {
  const mending = mendingOf(verdict);
  if (mending === undefined) return atRest(before, verdict);
  if (before?.id === mending.discrepancy.id) {
    if (before.phase === "seen") return waitOrWrite(mending, before, look);
    if (before.phase === "recurring" || before.phase === "refused") return { next: before };
    return recurring(mending, 1);
  }
  return waitOrWrite(mending, { seenMs: look.nowMs, isNew: before !== undefined }, look);
};

export const stepCases = (before: CaseByAgent, look: Look): CaseStep => {
  const cases = new Map<string, MendingCase>();
  const writes: Mending[] = [];
  const news: MendingNews[] = [];
  for (const verdict of look.verdicts) {
    const key = agentKey(verdict.agent);
    const step = oneStep(before.get(key), verdict, look);
    if (step.next !== undefined) cases.set(key, step.next);
    if (step.write !== undefined) writes.push(step.write);
    if (step.news !== undefined) news.push(step.news);
  }
  return { cases, writes, news };
};

/** A write that was refused is not tried again by itself; a new statement is a new case. */
export const refuseCase = (cases: CaseByAgent, mending: Mending, reason: string): CaseByAgent => {
  const { agent, discrepancy } = mending;
  return new Map([...cases, [agentKey(agent), { id: discrepancy.id, agent, phase: "refused", reason }]]);
};

/** When the next case is due, if any waits. */
export const nextDueMs = (cases: CaseByAgent): number | undefined => {
  const due = [...cases.values()].flatMap((found) => (found.phase === "seen" ? [found.dueMs] : []));
  return due.length === 0 ? undefined : Math.min(...due);
};
