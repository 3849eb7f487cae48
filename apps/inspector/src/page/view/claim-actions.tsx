/** Taking a task, giving it back, taking it over from somebody whose lease ran out. */

import type { Mesh } from "@context-mesh/mesh";
import type { Card } from "../../model/board.ts";
import { claimText, isOver } from "../../model/claim-words.ts";
import type { ClaimFact } from "../../model/facts.ts";
import { mesh } from "../state/node.ts";
import { facts, nowMs } from "../state/picture.ts";
import { performLater, type Refusal } from "../state/writes.ts";
import { WriteButton } from "./writing.tsx";

type Receipt = ReturnType<Mesh["phase"]>;

/** A claim and the status that goes with it: two writes, of which the second is shown. */
const take = async (node: Mesh, id: string, isSteal: boolean): Promise<Receipt | Refusal> => {
  const answer = isSteal ? await node.tasks.steal(id) : await node.tasks.claim(id);
  return answer.ok ? answer.lease.update({ status: "in_progress" }).receipt : answer;
};

const giveBack = async (node: Mesh, id: string): Promise<Receipt | Refusal> => {
  const lease = node.tasks.lease(id);
  if (lease === undefined) return { ok: false, detail: "This tab does not hold the task any more.", hint: "" };
  lease.update({ status: "pending" });
  const answer = await lease.release();
  return answer.ok ? answer.receipt : answer;
};

/** One's own name, in another tab or before a reload: the lease is that tab's, and ends with it. */
const isElsewhere = (claim: ClaimFact): boolean => !claim.isOwn && claim.holder === mesh.value?.agent.id;

const Held = ({ claim, id }: { claim: ClaimFact; id: string }) => {
  const isFree = isOver(claim, nowMs.value);
  if (claim.isOwn) {
    return (
      <WriteButton onClick={() => performLater(`${id} given back`, (node) => giveBack(node, id))}>
        Give back
      </WriteButton>
    );
  }
  if (!isFree) return null;
  return (
    <WriteButton
      confirm={`${claim.holder} let the lease of this task pass. Take it over?`}
      onClick={() => performLater(`${id} taken over`, (node) => take(node, id, true))}
    >
      Take over
    </WriteButton>
  );
};

export const ClaimActions = ({ card }: { card: Card }) => {
  const { id } = card;
  const claim = facts.value?.claims.get(id);
  if (claim !== undefined && !claim.isOffered) return <Held claim={claim} id={id} />;
  if (card.column !== "ready" && claim === undefined) return null;
  return (
    <WriteButton kind="primary" onClick={() => performLater(`${id} claimed`, (node) => take(node, id, false))}>
      Claim and start
    </WriteButton>
  );
};

export const ClaimLine = ({ id }: { id: string }) => {
  const claim = facts.value?.claims.get(id);
  if (claim === undefined) return null;
  return (
    <p class={`claim-line ${isOver(claim, nowMs.value) ? "over" : ""}`}>
      <strong>{claim.isOwn ? "You hold it" : `${claim.holder} holds it`}</strong> · {claimText(claim, nowMs.value)}
      {claim.fence > 0 && <span class="meta"> · fence {claim.fence}</span>}
      {isElsewhere(claim) && <span class="meta"> · from another tab, or from before a reload</span>}
    </p>
  );
};
