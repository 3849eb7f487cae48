/** `mesh.decisions`, `questions`, `handovers` and `notes`. */

import type { Unsubscribe } from "@context-mesh/common";
import {
  acknowledgeHandover,
  addDecision,
  addHandover,
  addNote,
  answerQuestion,
  askQuestion,
  removeNote,
} from "@context-mesh/document";
import type { DecisionsApi, HandoversApi, NotesApi, QuestionsApi, WriteOptions } from "../api/types.ts";
import { liveQuery } from "../read/live-query.ts";
import type { Desk } from "./desk.ts";

const watchOf =
  (desk: Desk, prefix: string) =>
  (onChange: () => void): Unsubscribe =>
    desk.core.on("change", ({ keys, all }) => {
      if (all || [...keys].some((key) => key.startsWith(prefix))) onChange();
    });

export const decisionsApi = (desk: Desk): DecisionsApi => {
  const list = () => desk.view.decisions();
  return {
    add(decision, options) {
      const { level, id = desk.newId("dec"), ...fields } = decision;
      const levelled: WriteOptions = level === undefined ? (options ?? {}) : { ...options, level };
      return desk.run({ name: "decision.add", subject: id }, levelled, (view, author) =>
        addDecision(view, { id, ...fields }, author),
      );
    },
    list,
    live: () => liveQuery({ read: list, watch: watchOf(desk, "d/") }),
  };
};

export const questionsApi = (desk: Desk): QuestionsApi => {
  const list: QuestionsApi["list"] = (filter = {}) => {
    const { view } = desk;
    const pending = filter.pending === false ? [] : view.questions("pending");
    const answered = filter.pending === true ? [] : view.questions("answered");
    const all = [...pending, ...answered];
    return filter.to === undefined ? all : all.filter((question) => question.to === filter.to);
  };
  return {
    ask(question, options) {
      const { id = desk.newId("q"), ...fields } = question;
      return desk.run({ name: "question.ask", subject: id }, options, (view, author) =>
        askQuestion(view, { id, ...fields }, author),
      );
    },
    answer: (id, answer, options) =>
      desk.run({ name: "question.answer", subject: id }, options, (view, author) =>
        answerQuestion(view, id, answer, author),
      ),
    list,
    live: () => liveQuery({ read: () => list(), watch: watchOf(desk, "q/") }),
  };
};

export const handoversApi = (desk: Desk): HandoversApi => ({
  add(handover, options) {
    const { id = desk.newId("handover"), ...fields } = handover;
    return desk.run({ name: "handover.add", subject: id }, options, (view, author) =>
      addHandover(view, { id, ...fields }, author),
    );
  },
  acknowledge: (id, options) =>
    desk.run({ name: "handover.acknowledge", subject: id }, options, (view, author) =>
      acknowledgeHandover(view, id, author),
    ),
  list: () => desk.view.handovers().map(({ id, fields }) => ({ id, ...fields })),
});

export const notesApi = (desk: Desk): NotesApi => ({
  add: (text, options) => desk.run({ name: "note.add" }, options, (view, author) => addNote(view, text, author)),
  remove: (note, options) =>
    desk.run({ name: "note.remove" }, options, (view, author) => removeNote(view, note, author)),
  list: () => desk.view.notes().map(({ note }) => (typeof note === "string" ? note : JSON.stringify(note))),
});
