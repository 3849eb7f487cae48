/** `mesh.proposals`: what others wrote into fields that somebody owns, until the owner takes it or leaves it. */

import {
  acceptProposal,
  idOfEntity,
  type Outcome,
  type ProposalView,
  parseKey,
  rejectProposal,
} from "@context-mesh/document";
import type { ProposalsApi, Receipt, WriteOptions } from "../api/types.ts";
import type { Desk } from "../operate/desk.ts";

type Decide = typeof acceptProposal;

export const proposalsApi = (desk: Desk): ProposalsApi => {
  const decide = (name: string, decideOn: Decide, id: string, options: WriteOptions | undefined): Receipt => {
    const proposal: ProposalView | undefined = desk.view.proposals().find((candidate) => candidate.id === id);
    if (proposal === undefined) return desk.refuse("unknown_id", `there is no proposal \`${id}\``, id, options?.level);
    const under = desk.under(idOfEntity(parseKey(proposal.key).entity));
    const write = (view: Desk["view"], author: Parameters<Decide>[2]): Outcome =>
      decideOn(view, proposal.key, author, id);
    return desk.run({ name, subject: proposal.path }, options, write, under);
  };
  return {
    list: () => desk.view.proposals().map(({ key: _, ...proposal }) => proposal),
    accept: (id, options) => decide("proposal.accept", acceptProposal, id, options),
    reject: (id, options) => decide("proposal.reject", rejectProposal, id, options),
  };
};
