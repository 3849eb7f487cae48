/** Conflicts: every value with its author, time, and what the author had seen; decided here, and taken back here. */

import { agoText, momentText } from "../../model/ages.ts";
import { ruleText, seenText, summaryText, typeText } from "../../model/conflict-words.ts";
import { namedPlace } from "../../model/events.ts";
import type { CandidateFact, ConflictFact } from "../../model/facts.ts";
import { type JsonValue, textOf } from "../../model/read.ts";
import { shownFacts } from "../state/moment.ts";
import { route } from "../state/navigation.ts";
import { mesh } from "../state/node.ts";
import { nowMs } from "../state/picture.ts";
import { perform } from "../state/writes.ts";
import { Proposals } from "./proposals.tsx";
import { ReadOnlyNote, takeForm, WriteButton } from "./writing.tsx";

type Choice = string | { readonly value: JsonValue | undefined };

const reasonIn = (key: string): string | undefined => {
  const field = document.getElementById(`reason-${key}`);
  const text = field instanceof HTMLInputElement ? field.value.trim() : "";
  return text === "" ? undefined : text;
};

const decide = (conflict: ConflictFact, choice: Choice, shown: string): void => {
  const { key, path } = conflict;
  const reason = reasonIn(key);
  perform(`${path}: "${shown}"`, (node) => node.conflicts.resolve(key, choice, reason), {
    undo: (node) => node.conflicts.undo(key),
  });
};

/** What was typed, in the type that the values have: a number stays one. */
const typedAs = (text: string, candidates: readonly CandidateFact[]): JsonValue => {
  if (candidates.every(({ value }) => value === undefined || typeof value === "string")) return text;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
};

const Candidate = ({
  candidate,
  conflict,
  isShown,
}: {
  candidate: CandidateFact;
  conflict: ConflictFact;
  isShown: boolean;
}) => {
  const text = candidate.value === undefined ? "(removed)" : textOf(candidate.value);
  return (
    <li class="candidate">
      <div>
        <p class="value">{text}</p>
        <p class="meta">
          <strong>{candidate.agent}</strong> ·{" "}
          <time title={momentText(candidate.at)}>{agoText(candidate.at, nowMs.value)}</time>
          {candidate.queued && " · queued here"}
          {isShown && conflict.strategy !== "undecided" && " · shown meanwhile"}
        </p>
        <p class="meta">{seenText(candidate, conflict)}</p>
      </div>
      <WriteButton label={`Take "${text}"`} onClick={() => decide(conflict, candidate.id, text)}>
        Take this
      </WriteButton>
    </li>
  );
};

const Conflict = ({ conflict }: { conflict: ConflictFact }) => {
  const submit = (event: SubmitEvent): void => {
    const { value = "" } = takeForm(event);
    if (value !== "") decide(conflict, { value: typedAs(value, conflict.candidates) }, value);
  };
  return (
    <article class={`panel ${route.value.id === conflict.key ? "named" : ""}`} data-conflict={conflict.path}>
      <h3 class="panel-head">
        {namedPlace(conflict.path).what} <code class="meta">{conflict.path}</code>
      </h3>
      <div class="panel-body">
        <p class="meta">
          {typeText(conflict.type)} · {summaryText(conflict)} · {ruleText(conflict.strategy)}
        </p>
        <ul class="candidates">
          {conflict.candidates.map((candidate, at) => (
            <Candidate key={candidate.id} candidate={candidate} conflict={conflict} isShown={at === 0} />
          ))}
        </ul>
        <form class="inline-form" onSubmit={submit}>
          <label>
            Another value <input name="value" />
          </label>
          <label>
            Reason <input id={`reason-${conflict.key}`} name="reason" />
          </label>
          <WriteButton submits>Decide</WriteButton>
        </form>
      </div>
    </article>
  );
};

const Decided = () => {
  const records = (mesh.value?.conflicts.records() ?? []).filter(({ state }) => state === "resolved");
  if (records.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="decided-title">
      <h2 id="decided-title">
        Decided <span class="count">{records.length}</span>
      </h2>
      <ul class="lines">
        {records.map((record) => (
          <li key={record.key}>
            <div>
              <code>{record.field}</code>
              {(Array.isArray(record.result) ? record.result : [record.result]).map((line) => (
                <p key={textOf(line)} class="meta">
                  {textOf(line)}
                </p>
              ))}
            </div>
            <WriteButton
              confirm="Let the values stand side by side again?"
              onClick={() =>
                perform(`Undo the decision about ${record.field}`, (node) => node.conflicts.undo(record.key))
              }
            >
              Undo
            </WriteButton>
          </li>
        ))}
      </ul>
    </section>
  );
};

export const ConflictsView = () => {
  const conflicts = shownFacts.value?.conflicts ?? [];
  return (
    <div class="stack">
      <div class="title-row">
        <h2>Conflicts and proposals</h2>
        <span class="meta">{conflicts.length} open</span>
      </div>
      <ReadOnlyNote />
      {conflicts.length === 0 && <p class="panel empty">No conflicts: nobody overwrote what they had not seen.</p>}
      {conflicts.map((conflict) => (
        <Conflict key={conflict.key} conflict={conflict} />
      ))}
      <Proposals />
      <Decided />
    </div>
  );
};
