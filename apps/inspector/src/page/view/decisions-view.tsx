/** Decisions with what they supersede and contradict, and a form for a new one. */

import { agoText } from "../../model/ages.ts";
import { type DecisionLine, decisionLines } from "../../model/decisions.ts";
import { linkTo } from "../../model/route.ts";
import { shownFacts } from "../state/moment.ts";
import { route } from "../state/navigation.ts";
import { nowMs } from "../state/picture.ts";
import { perform } from "../state/writes.ts";
import { takeForm, WriteButton } from "./writing.tsx";

const Links = ({ word, ids, tone }: { word: string; ids: readonly string[]; tone: string }) =>
  ids.length === 0 ? null : (
    <span class={`badge ${tone}`}>
      {word}{" "}
      {ids.map((id) => (
        <a key={id} href={linkTo("decisions", id)}>
          {id}
        </a>
      ))}
    </span>
  );

const Decision = ({ line }: { line: DecisionLine }) => (
  <li class={route.value.id === line.id ? "named" : ""} data-decision={line.id}>
    <div>
      <p>
        <strong>{line.decision}</strong>
      </p>
      {line.rationale !== "" && <p>{line.rationale}</p>}
      <p class="meta">
        <span class="id">{line.id}</span>
        {line.type !== "" && ` · ${line.type}`}
        {line.by !== "" && ` · ${line.by}`}
        {line.at !== undefined && ` · ${agoText(line.at, nowMs.value)}`}
        {line.impact.length > 0 && ` · touches ${line.impact.join(", ")}`}
      </p>
      <p class="badges">
        <Links word="supersedes" ids={line.supersedes} tone="plain" />
        <Links word="superseded by" ids={line.supersededBy} tone="plain" />
        <Links word="may contradict" ids={line.contradicts} tone="" />
      </p>
    </div>
  </li>
);

const submit = (event: SubmitEvent): void => {
  const { decision = "", rationale = "", supersedes = "" } = takeForm(event);
  if (decision === "") return;
  perform(`Decision "${decision}"`, (mesh) =>
    mesh.decisions.add({
      decision,
      ...(rationale === "" ? {} : { rationale }),
      ...(supersedes === "" ? {} : { supersedes: supersedes.split(/[\s,]+/) }),
    }),
  );
};

const shownMax = 500;

export const DecisionsView = () => {
  const lines = decisionLines(shownFacts.value?.context ?? {});
  const named = lines.filter((line) => line.id === route.value.id);
  const rest = lines.filter((line) => line.id !== route.value.id).slice(0, shownMax);
  return (
    <div class="stack">
      <div class="title-row">
        <h2>Decisions</h2>
        <span class="meta">{lines.length}</span>
      </div>
      <form class="panel panel-body form-row" onSubmit={submit}>
        <label class="field">
          New decision <input name="decision" required />
        </label>
        <label class="field">
          Because <input name="rationale" />
        </label>
        <label class="field">
          Supersedes (ids) <input name="supersedes" />
        </label>
        <WriteButton submits>Record</WriteButton>
      </form>
      <ul class="panel lines">
        {[...named, ...rest].map((line) => (
          <Decision key={line.id} line={line} />
        ))}
        {lines.length === 0 && <li class="empty">None recorded yet.</li>}
      </ul>
    </div>
  );
};
