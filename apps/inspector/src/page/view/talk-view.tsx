/** Questions, hand-overs and notes, with what a person can do about them. */

import { agoText } from "../../model/ages.ts";
import { listOf, objectOf, objectsOf, textOf } from "../../model/read.ts";
import { type HandoverLine, handoverLine, type QuestionLine, questionLine } from "../../model/talk.ts";
import { moment, shownFacts } from "../state/moment.ts";
import { route } from "../state/navigation.ts";
import { mesh } from "../state/node.ts";
import { nowMs } from "../state/picture.ts";
import { perform } from "../state/writes.ts";
import { takeForm, WriteButton } from "./writing.tsx";

const Question = ({ line }: { line: QuestionLine }) => {
  const submit = (event: SubmitEvent): void => {
    const { answer = "" } = takeForm(event);
    if (answer !== "") perform(`Answer to "${line.question}"`, (node) => node.questions.answer(line.id, answer));
  };
  return (
    <li class={route.value.id === line.id ? "named" : ""} data-question={line.id}>
      <div>
        <p>
          <strong>{line.question}</strong>
        </p>
        {line.context !== "" && <p>{line.context}</p>}
        <p class="meta">
          <span class="id">{line.id}</span> · from {line.from || "somebody"} to {line.to || "anybody"}
          {line.priority !== "" && ` · ${line.priority}`}
        </p>
        {line.answer === "" ? (
          <form class="inline-form" onSubmit={submit}>
            <label class="field wide">
              <span class="visually-hidden">Answer to {line.question}</span>
              <input name="answer" placeholder="Answer" required />
            </label>
            <WriteButton submits>Answer</WriteButton>
          </form>
        ) : (
          <p>
            <span class="badge good">answered</span> {line.answer}{" "}
            {line.answeredBy !== "" && <span class="meta">{line.answeredBy}</span>}
          </p>
        )}
      </div>
    </li>
  );
};

const Handover = ({ line }: { line: HandoverLine }) => (
  <li data-handover={line.id}>
    <div>
      <p>
        <strong>
          {line.from || "somebody"} → {line.to || "anybody"}
        </strong>{" "}
        {line.text}
      </p>
      <p class="meta">
        {line.at !== undefined && agoText(line.at, nowMs.value)}{" "}
        {line.isAcknowledged ? "· taken over" : "· not taken over yet"}
      </p>
    </div>
    {!line.isAcknowledged && line.id !== "" && (
      <WriteButton
        onClick={() => perform(`Hand-over ${line.id} taken over`, (node) => node.handovers.acknowledge(line.id))}
      >
        Take over
      </WriteButton>
    )}
  </li>
);

const ask = (event: SubmitEvent): void => {
  const { question = "", to = "" } = takeForm(event);
  if (question === "") return;
  perform(`Question "${question}"`, (node) => node.questions.ask(to === "" ? { question } : { question, to }));
};

const handOver = (event: SubmitEvent): void => {
  const { summary = "", to = "" } = takeForm(event);
  if (summary !== "" && to !== "") perform(`Hand-over to ${to}`, (node) => node.handovers.add({ to, summary }));
};

/** Answered ones and former hand-overs are known to the node only. */
const linesNow = () => {
  const communication = objectOf(shownFacts.value?.context.communication);
  const isNow = moment.value.kind === "now" && mesh.value !== undefined;
  const questions = isNow ? (mesh.value?.questions.list() ?? []) : objectsOf(communication.pending_questions);
  const last = objectOf(communication.last_handover);
  const handovers = isNow ? (mesh.value?.handovers.list() ?? []) : [last].filter((one) => Object.keys(one).length > 0);
  return {
    questions: questions.map(questionLine),
    handovers: handovers.map(handoverLine).reverse(),
    notes: listOf(communication.notes).map(textOf),
  };
};

export const TalkView = () => {
  const { questions, handovers, notes } = linesNow();
  return (
    <div class="stack">
      <h2 class="page-title">Questions and hand-overs</h2>
      <section class="panel" aria-labelledby="questions-title">
        <h2 id="questions-title">
          Questions <span class="count">{questions.filter((line) => line.answer === "").length} open</span>
        </h2>
        <ul class="lines">
          {questions.map((line) => (
            <Question key={line.id} line={line} />
          ))}
          {questions.length === 0 && <li class="empty">Nobody asks anything.</li>}
        </ul>
        <form class="panel-body form-row" onSubmit={ask}>
          <label class="field">
            Ask <input name="question" required />
          </label>
          <label class="field">
            To <input name="to" />
          </label>
          <WriteButton submits>Ask</WriteButton>
        </form>
      </section>
      <section class="panel" aria-labelledby="handovers-title">
        <h2 id="handovers-title">Hand-overs</h2>
        <ul class="lines">
          {handovers.map((line) => (
            <Handover key={line.id || line.text} line={line} />
          ))}
          {handovers.length === 0 && <li class="empty">None.</li>}
        </ul>
        <form class="panel-body form-row" onSubmit={handOver}>
          <label class="field">
            Hand over <input name="summary" required />
          </label>
          <label class="field">
            To <input name="to" required />
          </label>
          <WriteButton submits>Hand over</WriteButton>
        </form>
      </section>
      <section class="panel" aria-labelledby="notes-title">
        <h2 id="notes-title">Notes</h2>
        <ul class="lines">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
          {notes.length === 0 && <li class="empty">None.</li>}
        </ul>
      </section>
    </div>
  );
};
