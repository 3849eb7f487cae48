/** Why a claim or a lease was refused, in words with the next step. One table. */

import type { ClaimRefused } from "../api/types.ts";

interface Words {
  readonly hint: string;
  readonly retryable: boolean;
}

const words: Readonly<Record<string, Words>> = {
  bad_lease: { hint: "Give a lease between 1 second and 1 hour, such as 15m, and renew it.", retryable: false },
  unknown_id: { hint: "List the tasks, or check the spelling.", retryable: false },
  unknown_role: { hint: "Join with the role, or name one that a task asks for.", retryable: false },
  unknown_agent: {
    hint: "Agents are known once they joined the room; list them, or check the spelling.",
    retryable: false,
  },
  wrong_role: { hint: "Leave it to an agent that has what the task asks for.", retryable: false },
  finished: { hint: "Reopen it first if there is more to do.", retryable: false },
  blocked: { hint: "Take the blocker away first (task unblock).", retryable: false },
  not_ready: { hint: "Finish what it waits for first, or take that out of its blocked_by.", retryable: true },
  dependency_cycle: { hint: "Take one of these tasks out of another's blocked_by.", retryable: false },
  nothing_ready: { hint: "Wait for a task to become ready, or add one.", retryable: true },
  held: { hint: "Take another task, or wait until the lease is over.", retryable: true },
  not_held: { hint: "Claim it.", retryable: false },
  no_arbiter: {
    hint: "Start a relay with --arbiter for this room and join it, or claim without `confirmed`.",
    retryable: true,
  },
  arbiter_waiting: {
    hint: "The arbiter lost grants or took over: it waits until every lease has passed.",
    retryable: true,
  },
  offline: { hint: "Reach a relay first: cut off, nobody can tell a silent holder from a cut cable.", retryable: true },
  read_only: { hint: "Join without readOnly.", retryable: false },
  store_failed: { hint: "Run `context-mesh doctor`.", retryable: true },
  overtaken: {
    hint: "Stop; what was written is kept beside the owner's. Claim again if it is still to be done.",
    retryable: false,
  },
  expired: { hint: "Claim again before going on.", retryable: false },
  released: { hint: "Claim again before going on.", retryable: false },
  handed_over: { hint: "It is the other agent's now.", retryable: false },
  identity: { hint: "The store is a copy or was restored: claim again.", retryable: false },
  left: { hint: "Join again.", retryable: false },
  reserved: { hint: "Take something else, wait, or agree with the holder.", retryable: true },
  bad_resource: { hint: "Write src/**, port:3000, port:3000@host or env:staging.", retryable: false },
};

type More = Pick<ClaimRefused, "holder" | "retryAfterMs">;

export const refusal = <R extends string>(reason: R, detail: string, more: Partial<More> = {}): ClaimRefused<R> => {
  const { hint, retryable } = words[reason] ?? { hint: "See the documentation of claims.", retryable: false };
  return { ok: false, reason, detail, hint, retryable, ...more };
};

export const hintOf = (reason: string): string => words[reason]?.hint ?? "";
