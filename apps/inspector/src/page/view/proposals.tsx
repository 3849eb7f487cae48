/** What others would like an owner to accept: accepted by the owner, taken away by the owner or by who made it. */

import { agoText } from "../../model/ages.ts";
import { namedPlace } from "../../model/events.ts";
import type { ProposalFact } from "../../model/facts.ts";
import { textOf } from "../../model/read.ts";
import { shownFacts } from "../state/moment.ts";
import { route } from "../state/navigation.ts";
import { nowMs } from "../state/picture.ts";
import { perform } from "../state/writes.ts";
import { WriteButton } from "./writing.tsx";

const Proposal = ({ proposal }: { proposal: ProposalFact }) => {
  const { id, path, agent, at } = proposal;
  const text = proposal.value === undefined ? "(removed)" : textOf(proposal.value);
  return (
    <li class={route.value.id === id ? "named" : ""} data-proposal={path}>
      <div>
        <p>
          {namedPlace(path).what} → <strong class="value">{text}</strong>
        </p>
        <p class="meta">
          <strong>{agent}</strong> · {agoText(at, nowMs.value)}
        </p>
      </div>
      <span class="actions">
        <WriteButton
          label={`Accept "${text}"`}
          onClick={() => perform(`Proposal accepted: ${text}`, (node) => node.proposals.accept(id))}
        >
          Accept
        </WriteButton>
        <WriteButton
          label={`Reject "${text}"`}
          onClick={() => perform(`Proposal rejected: ${text}`, (node) => node.proposals.reject(id))}
        >
          Reject
        </WriteButton>
      </span>
    </li>
  );
};

export const Proposals = () => {
  const proposals = shownFacts.value?.proposals ?? [];
  if (proposals.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="proposals-title">
      <h2 id="proposals-title">
        Proposals <span class="count">{proposals.length}</span>
      </h2>
      <p class="panel-note">Written into fields that somebody else owns. The owner accepts or rejects them.</p>
      <ul class="lines">
        {proposals.map((proposal) => (
          <Proposal key={`${proposal.path} ${proposal.id}`} proposal={proposal} />
        ))}
      </ul>
    </section>
  );
};
