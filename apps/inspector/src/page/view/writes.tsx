/** What this person wrote and how far it has come; each can be taken back. */

import { useState } from "preact/hooks";
import { type Write, type WriteState, writes } from "../state/writes.ts";

const stateWords: Readonly<Record<WriteState, string>> = {
  queued: "queued: in this tab only",
  relayed: "relayed: a relay has it",
  durable: "durable: on a relay's disk",
  superseded: "superseded by a later write of yours",
  refused: "refused: nothing was written",
};
const symbols: Readonly<Record<WriteState, string>> = {
  queued: "○",
  relayed: "◐",
  durable: "●",
  superseded: "–",
  refused: "✗",
};

const Line = ({ write }: { write: Write }) => (
  <li class={`write ${write.state}`}>
    <p>
      {write.what}
      {write.note !== "" && <span class="meta"> {write.note}</span>}
    </p>
    <span class="write-state" data-state={write.state} title={stateWords[write.state]}>
      <span aria-hidden="true">{symbols[write.state]}</span> {write.state}
    </span>
    {write.undo !== undefined && (
      <button type="button" onClick={write.undo}>
        Undo
      </button>
    )}
  </li>
);

const shownAtOnce = 3;

export const Writes = () => {
  const [isClosed, setClosed] = useState(0);
  const all = writes.value;
  const fresh = all.filter((write) => write.id > isClosed);
  return (
    <section class="writes" aria-label="Your writes" aria-live="polite" hidden={fresh.length === 0}>
      <ul>
        {fresh.slice(0, shownAtOnce).map((write) => (
          <Line key={write.id} write={write} />
        ))}
      </ul>
      <button type="button" class="quiet" aria-label="Hide your writes" onClick={() => setClosed(all[0]?.id ?? 0)}>
        ×
      </button>
    </section>
  );
};
