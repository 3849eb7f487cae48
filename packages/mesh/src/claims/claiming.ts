/** One claim of one task, from the question to the entry in the document. */

import { limits, randomId } from "@context-mesh/common";
import {
  type Claim,
  epochMaxOf,
  fenceMaxOf,
  isSkilled,
  type Lease,
  type Moment,
  readinessOf,
  standingFor,
  wantsOf,
} from "@context-mesh/coordination";
import type { TaskView } from "@context-mesh/document";
import type { ClaimOptions, ClaimRefused, Receipt } from "../api/types.ts";
import type { ArbiterReach, ArbiterWord } from "./arbiter-client.ts";
import type { ClaimChange, ClaimRoom, Holding } from "./claim-room.ts";
import { refusal } from "./refusals.ts";

type Claimed = { readonly ok: true; readonly lease: Lease; readonly receipt: Receipt } | ClaimRefused;

export const leaseProblem = (leaseMs: number): ClaimRefused<"bad_lease"> | undefined => {
  const isGood = Number.isInteger(leaseMs) && leaseMs >= limits.leaseMsMin && leaseMs <= limits.leaseMsMax;
  return isGood ? undefined : refusal("bad_lease", `a lease of ${leaseMs} ms cannot be given`);
};

/** Why this agent cannot begin the task, whoever has it. */
const taskProblem = (room: ClaimRoom, id: string, capabilities: readonly string[]): ClaimRefused | undefined => {
  const { view } = room.core.replicas;
  const task: TaskView | undefined = view.task(id);
  if (task === undefined) return refusal("unknown_id", `there is no task \`${id}\``);
  const readiness = readinessOf(view, task);
  switch (readiness.state) {
    case "finished":
      return refusal("finished", `task \`${id}\` is finished`);
    case "blocked":
      return refusal("blocked", `task \`${id}\` is blocked: ${readiness.reason || "no reason given"}`);
    case "waiting":
      return refusal("not_ready", `task \`${id}\` waits for ${readiness.on.join(", ")}`);
    case "cycle":
      return refusal("dependency_cycle", `task \`${id}\` waits for itself: ${readiness.through.join(" → ")}`);
    case "ready":
      break;
  }
  const wants = wantsOf(task.fields);
  if (isSkilled(wants, { roles: room.core.options.agent.roles, capabilities })) return undefined;
  const asked = [...wants.roles, ...wants.capabilities].join(", ");
  return refusal("wrong_role", `task \`${id}\` asks for ${asked}`);
};

/** Up to two minutes in seconds, then in minutes. */
const timeLeft = (ms: number): string =>
  ms < 120_000 ? `${Math.max(1, Math.ceil(ms / 1_000))} s` : `${Math.ceil(ms / 60_000)} min`;

const heldBy = (id: string, holder: string, leftMs: number): ClaimRefused =>
  refusal("held", `task \`${id}\` is ${holder}'s for up to ${timeLeft(leftMs)} more`, { holder, retryAfterMs: leftMs });

/** Why what others hold stands in the way; undefined when it does not. */
const holdingProblem = (
  room: ClaimRoom,
  id: string,
  holding: Holding,
  options: ClaimOptions,
): ClaimRefused | undefined => {
  if (options.steal === true && holding.state !== "expired" && holding.state !== "running") {
    return refusal("not_held", `nobody else holds task \`${id}\``);
  }
  if (holding.state === "running" && (holding.ownership.kind === "tentative" || options.steal === true)) {
    return heldBy(id, holding.ownership.agent, holding.leftMs);
  }
  if (holding.state === "expired" && holding.ownership.kind === "tentative" && room.isCutOff) {
    return refusal(
      "offline",
      `whether ${holding.ownership.agent} still renews \`${id}\` cannot be heard without a relay`,
    );
  }
  return undefined;
};

/** A confirmed claim stands until it is released: without its arbiter nobody can take it. */
const unconfirmable = (id: string, holding: Holding): ClaimRefused | undefined => {
  if (holding.state === "free" || holding.state === "own" || holding.ownership.kind === "tentative") return undefined;
  const holder = holding.ownership.agent;
  if (holding.state === "running") return heldBy(id, holder, holding.leftMs);
  return refusal("no_arbiter", `task \`${id}\` is confirmed for ${holder}, and only the arbiter can give it on`, {
    holder,
  });
};

/** What the arbiter's refusal means; undefined: go on without it. */
const arbiterProblem = (
  id: string,
  word: ArbiterWord & { ok: false },
  confirmed: boolean,
): ClaimRefused | undefined => {
  if (word.reason === "held") return heldBy(id, word.holder ?? "another agent", word.retryMs ?? 0);
  if (word.reason === "forbidden") return refusal("read_only", "the arbiter takes no claims from this connection");
  if (!confirmed) return undefined;
  if (word.reason !== "waiting") return refusal("no_arbiter", `the arbiter answered ${word.reason}`);
  const { retryMs = 0 } = word;
  return refusal("arbiter_waiting", `the arbiter grants nothing for ${timeLeft(retryMs)}`, { retryAfterMs: retryMs });
};

interface Terms {
  readonly task: string;
  readonly nonce: string;
  readonly leaseMs: number;
}

/** The own confirmed claim that stands, when a tentative one is to take its place: no arbiter is there to take it back. */
const givenUp = (room: ClaimRoom, task: string): readonly ClaimChange[] => {
  const entry = room.ownership(task)?.entry;
  if (entry?.kind !== "confirmed") return [];
  return [room.claimChange(task, "confirmed", { ...entry.claim, state: "released" }, false)];
};

const leaseFor = (room: ClaimRoom, terms: Terms, fence: number, since: Moment): { lease: Lease; claim: Claim } => {
  const { core } = room;
  const { replica, identity } = core.replicas;
  const { task, nonce, leaseMs } = terms;
  const kind = fence > 0 ? "confirmed" : "tentative";
  const epoch = epochMaxOf(replica, task) + 1;
  const claim: Claim = { epoch, nonce, leaseMs, fence, isQueued: fence === 0 && !core.canAppend, state: "held" };
  const { writer } = identity;
  const entry = { task, kind, claim, writer, seq: 0, agent: core.options.agent.id } as const;
  const standing = standingFor(entry, fence > 0 ? fence : fenceMaxOf(replica, task));
  return { claim, lease: { task, kind, nonce, writer, leaseMs, fence: standing[0], epoch, standing, since } };
};

/** The record of the lease and the claim itself, in one transaction. */
const enter = (room: ClaimRoom, terms: Terms, fence: number, since: Moment, arbiter?: ArbiterReach): Claimed => {
  let lease: Lease | undefined;
  const written = room.write("task.claim", (tx) => {
    const made = leaseFor(room, terms, fence, since);
    lease = made.lease;
    room.records.put(tx, lease);
    const former = fence > 0 ? [] : givenUp(room, terms.task);
    const place = arbiter === undefined ? [] : room.placeChanges(arbiter, fence);
    return [room.claimChange(terms.task, lease.kind, made.claim, true), ...former, ...place];
  });
  if (written.ok && lease !== undefined) return { ok: true, lease, receipt: written.receipt };
  return refusal("store_failed", written.ok ? "" : written.detail);
};

/**
 * Asks whoever can decide, and writes down what was decided. Own leases are not looked at here. A claim that is not wanted
 * any more when the arbiter has not granted it is not made without it either.
 */
export const claimTask = async (
  room: ClaimRoom,
  task: string,
  options: ClaimOptions,
  capabilities: readonly string[],
  isWanted: () => boolean,
): Promise<Claimed> => {
  const { core } = room;
  core.replicas.catchUp();
  if (core.options.readOnly) return refusal("read_only", "this node was joined read-only");
  const holding = room.holding(task);
  const problem = taskProblem(room, task, capabilities) ?? holdingProblem(room, task, holding, options);
  if (problem !== undefined) return problem;
  const { leaseMs = limits.leaseMsDefault, confirmed = false } = options;
  const terms: Terms = { task, nonce: randomId(core.options.random), leaseMs };
  const { arbiter } = room;
  if (arbiter !== undefined) {
    // The lease runs from when the question was sent: the arbiter counts from later.
    const since = room.now();
    const word = await room.ask(arbiter, "claim", { ...terms, fence: 0 });
    if (word.ok) return enter(room, terms, word.fence, since, arbiter);
    const refused = arbiterProblem(task, word, confirmed);
    if (refused !== undefined) return refused;
    if (!isWanted()) return refusal("no_arbiter", "the claim was called off before the arbiter answered");
  } else if (confirmed) return refusal("no_arbiter", "no relay in reach arbitrates this room");
  const now = room.holding(task);
  const lateProblem = holdingProblem(room, task, now, options) ?? unconfirmable(task, now);
  return lateProblem ?? enter(room, terms, 0, room.now());
};
