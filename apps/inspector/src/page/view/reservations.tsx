/** Who uses which shared thing: files by pattern, ports, environments. */

import type { ReservationFact } from "../../model/facts.ts";
import { facts } from "../state/picture.ts";
import { perform, performLater } from "../state/writes.ts";
import { takeForm, WriteButton } from "./writing.tsx";

const reserve = (event: SubmitEvent): void => {
  const { resource = "", mode = "exclusive" } = takeForm(event);
  if (resource === "") return;
  performLater(`${resource} reserved`, async (node) => {
    const answer = node.reservations.reserve(resource, { mode: mode === "shared" ? "shared" : "exclusive" });
    return answer.ok ? answer.receipt : answer;
  });
};

const Line = ({ reservation }: { reservation: ReservationFact }) => {
  const { id, resource, mode, agent, own, expired } = reservation;
  return (
    <li data-reservation={resource}>
      <div>
        <code>{resource}</code>
        <p class="meta">
          <strong>{own ? `${agent} (you)` : agent}</strong> · {mode}
          {expired && " · lease ran out, free again"}
        </p>
      </div>
      {own && (
        <WriteButton
          label={`Release ${resource}`}
          onClick={() => perform(`${resource} released`, (node) => node.reservations.release(id), { canUndo: false })}
        >
          Release
        </WriteButton>
      )}
    </li>
  );
};

export const Reservations = () => {
  const reservations = facts.value?.reservations ?? [];
  return (
    <section class="panel" aria-labelledby="reservations-title">
      <h2 id="reservations-title">
        Reservations <span class="count">{reservations.length}</span>
      </h2>
      <ul class="lines">
        {reservations.map((reservation) => (
          <Line key={reservation.id} reservation={reservation} />
        ))}
        {reservations.length === 0 && <li class="empty">Nobody reserved a file, a port or an environment.</li>}
      </ul>
      <form class="panel-body form-row" onSubmit={reserve}>
        <label class="field">
          Reserve <input name="resource" required placeholder="src/auth/**, port:3000, env:staging" />
        </label>
        <label class="field">
          For{" "}
          <select name="mode">
            <option value="exclusive">me alone</option>
            <option value="shared">me and others</option>
          </select>
        </label>
        <WriteButton submits>Reserve</WriteButton>
      </form>
    </section>
  );
};
