/** Message 65 of one session: read, put to the arbiter, answered when it is decided and on disk. */

import { type ClaimAnswer, claimPayload, encodeClaim, parseClaim } from "@context-mesh/protocol";
import type { RelayContext } from "../context.ts";

export interface Claimant {
  readonly room: string;
  readonly agent: string;
  readonly canWrite: boolean;
}

/** Resolves with the frame to send, or with undefined when there is nothing to say. */
export const answerClaim = async (
  { arbiter, metrics }: RelayContext,
  claimant: Claimant,
  payload: Uint8Array,
): Promise<Uint8Array | undefined> => {
  const message = parseClaim(payload);
  if (!message.ok) {
    metrics.add("messages_refused");
    metrics.refuse("message", "invalid_claim");
    return undefined;
  }
  if (message.value.kind !== "request") return undefined;
  const { request } = message.value;
  const decided = (): Promise<ClaimAnswer> | ClaimAnswer => {
    if (arbiter === undefined) return { id: request.id, ok: false, reason: "not_arbiter" };
    if (!claimant.canWrite && request.op !== "inspect") return { id: request.id, ok: false, reason: "forbidden" };
    return arbiter.ask(claimant.room, request, claimant.agent);
  };
  const answer = await decided();
  metrics.add(answer.ok ? "claims_answered" : "claims_refused");
  return encodeClaim(claimPayload(answer));
};
