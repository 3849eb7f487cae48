/** Renewing a lease, giving it back, handing it over. */

import { isOver, type Lease } from "@context-mesh/coordination";
import { agentPrefix, itemEntity } from "@context-mesh/document";
import type { LeaseAnswer } from "../api/types.ts";
import type { ArbiterWord } from "./arbiter-client.ts";
import type { ClaimRoom } from "./claim-room.ts";
import type { LeaseHandle } from "./lease-handle.ts";
import { refusal } from "./refusals.ts";

const lost = (handle: LeaseHandle, reason: "overtaken" | "expired", holder: string | undefined): LeaseAnswer => {
  handle.end(reason, holder);
  const whose = holder === undefined ? "" : `; it is ${holder}'s now`;
  return refusal(
    reason,
    `the lease of \`${handle.task}\` was ${reason}${whose}`,
    holder === undefined ? {} : { holder },
  );
};

const noWord = (word: ArbiterWord & { ok: false }): LeaseAnswer =>
  word.reason === "waiting"
    ? refusal("arbiter_waiting", "the arbiter waits until every lease has passed")
    : refusal("no_arbiter", `the arbiter answered ${word.reason}`);

const renewalEntry = (
  room: ClaimRoom,
  lease: Lease,
  more: { readonly to?: string; readonly released?: boolean } = {},
) => {
  const { kind, epoch, nonce, leaseMs } = lease;
  const fence = kind === "confirmed" ? lease.fence : 0;
  const body = { epoch, nonce, leaseMs, fence, isQueued: fence === 0 && !room.core.canAppend };
  if (more.to !== undefined) return { ...body, state: "offered", to: more.to } as const;
  return { ...body, state: more.released === true ? "released" : "held" } as const;
};

/** A confirmed lease runs from when the renewal that the arbiter acknowledged was sent; a tentative one renews by itself. */
export const renewLease = async (room: ClaimRoom, handle: LeaseHandle, wins: () => boolean): Promise<LeaseAnswer> => {
  const { lease } = handle;
  const { task } = lease;
  room.core.replicas.catchUp();
  const winner = (): string | undefined => room.ownership(task)?.agent;
  if (handle.signal.aborted || !wins()) return lost(handle, "overtaken", winner());
  const since = room.now();
  if (isOver(lease, since)) return lost(handle, "expired", winner());
  if (lease.kind === "confirmed") {
    const { arbiter } = room;
    if (arbiter === undefined) return refusal("no_arbiter", "no relay in reach arbitrates this room");
    const word = await room.ask(arbiter, "renew", lease);
    if (!word.ok && word.reason === "stale_fence") return lost(handle, "overtaken", word.holder ?? winner());
    if (!word.ok) return noWord(word);
    if (handle.signal.aborted) return lost(handle, "overtaken", winner());
  }
  const renewed: Lease = { ...lease, since };
  const written = room.write("task.renew", (tx) => {
    room.records.put(tx, renewed);
    return [room.claimChange(task, lease.kind, renewalEntry(room, renewed), false)];
  });
  if (!written.ok) return refusal("store_failed", written.detail);
  handle.renewed(renewed);
  return written;
};

/** Registered, here now, or the author of something. */
const isKnownAgent = ({ core }: ClaimRoom, agent: string): boolean =>
  core.replicas.replica.has(itemEntity(agentPrefix, agent)) ||
  core.presence.list().some((other) => other.agent === agent) ||
  [...core.replicas.replica.agents()].includes(agent);

/** With `to` the task is kept for that agent, for one lease. */
export const giveAway = async (room: ClaimRoom, handle: LeaseHandle, to: string | undefined): Promise<LeaseAnswer> => {
  const { lease } = handle;
  const { task } = lease;
  room.core.replicas.catchUp();
  if (to !== undefined && !isKnownAgent(room, to)) return refusal("unknown_agent", `nobody here is called \`${to}\``);
  const entry = room.ownership(task)?.entry;
  if (handle.signal.aborted || entry?.claim.nonce !== lease.nonce) {
    return lost(handle, "overtaken", room.ownership(task)?.agent);
  }
  const { arbiter } = room;
  if (lease.kind === "confirmed") {
    // A release that the arbiter did not hear of takes effect there when the lease has passed; a hand-over must be heard.
    const word = arbiter === undefined ? undefined : await room.ask(arbiter, "release", lease, to);
    if (word?.ok === false && word.reason === "stale_fence") return lost(handle, "overtaken", word.holder);
    if (to !== undefined && word?.ok !== true) {
      return word === undefined ? refusal("no_arbiter", "no relay in reach arbitrates this room") : noWord(word);
    }
  }
  const value = renewalEntry(room, lease, to === undefined ? { released: true } : { to });
  const written = room.write("task.release", () => [room.claimChange(task, lease.kind, value, false)]);
  if (!written.ok) return refusal("store_failed", written.detail);
  handle.end(to === undefined ? "released" : "handed_over", to);
  return written;
};
