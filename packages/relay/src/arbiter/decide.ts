/** What the arbiter of a room answers: pure, from its grants, a request and the time on its own monotonic clock. */

import { limits } from "@context-mesh/common";
import type { Grant, StoredGrant } from "@context-mesh/ports";
import type { ClaimAnswer, ClaimRequest } from "@context-mesh/protocol";

/** The last grant of a task, and when its holder was last heard of. After a start that is the start. */
export interface Slot {
  readonly grant: StoredGrant;
  readonly heardMs: number;
}

export type Decision =
  /** The answer as it is; `heard`: the holder's lease begins anew. */
  | { readonly do: "answer"; readonly answer: ClaimAnswer; readonly heard?: true }
  /** First to the disk, then the answer. Without a fence a new one is to be made. */
  | { readonly do: "write"; readonly grant: Omit<Grant, "fence"> & { readonly fence?: number } };

const refuse = (
  { id }: ClaimRequest,
  reason: Extract<ClaimAnswer, { ok: false }>["reason"],
  more: { readonly fence?: number; readonly holder?: string; readonly retryMs?: number } = {},
): Decision => ({ do: "answer", answer: { id, ok: false, reason, ...more } });

export const waiting = (request: ClaimRequest, retryMs: number): Decision =>
  refuse(request, "waiting", { retryMs: Math.ceil(retryMs) });

/** How much longer the lease may be running on its holder's machine. */
const leftMs = ({ grant, heardMs }: Slot, nowMs: number): number =>
  heardMs + (grant.leaseMs * limits.leaseObservedPercent) / 100 - nowMs;

const holderOf = ({ state, agent, to }: Grant): string => (state === "offered" ? to : agent);

const isSame = ({ grant }: Slot, request: ClaimRequest): boolean =>
  grant.nonce === request.nonce && grant.fence === request.fence;

const claim = (slot: Slot | undefined, request: ClaimRequest, agent: string, nowMs: number): Decision => {
  const { task, nonce, leaseMs } = request;
  const fresh: Decision = { do: "write", grant: { task, agent, nonce, leaseMs, state: "held", to: "" } };
  if (slot === undefined || slot.grant.state === "released") return fresh;
  const { grant } = slot;
  const isRepeated = grant.state === "held" && grant.nonce === nonce && grant.agent === agent;
  if (isRepeated) return { do: "answer", answer: { id: request.id, ok: true, fence: grant.fence }, heard: true };
  const isForThem = grant.state === "offered" && grant.to === agent;
  const left = leftMs(slot, nowMs);
  if (isForThem || left <= 0) return fresh;
  return refuse(request, "held", { fence: grant.fence, holder: holderOf(grant), retryMs: Math.ceil(left) });
};

const stale = (slot: Slot | undefined, request: ClaimRequest, droppedFence: number): Decision => {
  if (slot === undefined) return refuse(request, "stale_fence", { fence: droppedFence });
  const { grant } = slot;
  const holder = grant.state === "released" ? {} : { holder: holderOf(grant) };
  return refuse(request, "stale_fence", { fence: grant.fence, ...holder });
};

const renew = (slot: Slot | undefined, request: ClaimRequest, droppedFence: number): Decision => {
  if (slot?.grant.state !== "held" || !isSame(slot, request)) return stale(slot, request, droppedFence);
  const { version: _, ...grant } = slot.grant;
  if (grant.leaseMs !== request.leaseMs) return { do: "write", grant: { ...grant, leaseMs: request.leaseMs } };
  return { do: "answer", answer: { id: request.id, ok: true, fence: grant.fence }, heard: true };
};

const release = (slot: Slot | undefined, request: ClaimRequest, droppedFence: number): Decision => {
  if (slot === undefined || !isSame(slot, request)) return stale(slot, request, droppedFence);
  const { version: _, ...grant } = slot.grant;
  const { to = "" } = request;
  const state = to === "" ? "released" : "offered";
  if (grant.state !== "held" && grant.to === to) {
    return { do: "answer", answer: { id: request.id, ok: true, fence: grant.fence } };
  }
  return { do: "write", grant: { ...grant, state, to, leaseMs: request.leaseMs } };
};

const inspect = (slot: Slot | undefined, request: ClaimRequest, nowMs: number, droppedFence: number): Decision => {
  const isHeld = slot !== undefined && slot.grant.state !== "released" && leftMs(slot, nowMs) > 0;
  const holder = isHeld ? { holder: holderOf(slot.grant) } : {};
  return { do: "answer", answer: { id: request.id, ok: true, fence: slot?.grant.fence ?? droppedFence, ...holder } };
};

export interface DecisionContext {
  readonly agent: string;
  readonly nowMs: number;
  /** The highest fence of grants that were dropped: of a task without a grant none is known to be higher. */
  readonly droppedFence: number;
}

export const decide = (slot: Slot | undefined, request: ClaimRequest, context: DecisionContext): Decision => {
  const { agent, nowMs, droppedFence } = context;
  switch (request.op) {
    case "claim":
      return claim(slot, request, agent, nowMs);
    case "renew":
      return renew(slot, request, droppedFence);
    case "release":
      return release(slot, request, droppedFence);
    case "inspect":
      return inspect(slot, request, nowMs, droppedFence);
  }
};
