/** What can be found: every entity and every event, as plain texts with an address. */

import type { EventLine } from "./events.ts";
import { firstText, type JsonObject, listOf, objectOf, objectsOf, textOf, textsOf } from "./read.ts";
import { linkTo } from "./route.ts";

export interface Findable {
  readonly key: string;
  readonly kind: string;
  readonly title: string;
  readonly text: string;
  readonly link: string;
}

const taskLists = ["active_tasks", "blocked_tasks", "completed_tasks"];

const taskItem = (item: JsonObject): Findable => ({
  key: `task ${textOf(item.id)}`,
  kind: "Task",
  title: firstText(item, "title", "summary") || textOf(item.id),
  text: [item.id, item.owner, item.status, item.description, item.reason].map(textOf).join(" "),
  link: linkTo("task", textOf(item.id)),
});

const decisionItem = (item: JsonObject): Findable => ({
  key: `decision ${textOf(item.id)}`,
  kind: "Decision",
  title: textOf(item.decision),
  text: [item.id, item.type, item.rationale, item.decided_by].map(textOf).concat(textsOf(item.impact)).join(" "),
  link: linkTo("decisions", textOf(item.id)),
});

const questionItem = (item: JsonObject): Findable => ({
  key: `question ${textOf(item.id)}`,
  kind: "Question",
  title: textOf(item.question),
  text: [item.id, item.from, item.to, item.context].map(textOf).join(" "),
  link: linkTo("talk", textOf(item.id)),
});

export const findables = (context: JsonObject, events: readonly EventLine[]): readonly Findable[] => {
  const state = objectOf(context.project_state);
  const communication = objectOf(context.communication);
  const all = [
    ...taskLists.flatMap((name) => objectsOf(state[name]).map(taskItem)),
    ...objectsOf(objectOf(context.decisions_log).recent).map(decisionItem),
    ...objectsOf(communication.pending_questions).map(questionItem),
    ...listOf(communication.notes).map((note, at) => {
      const title = textOf(note);
      return { key: `note ${at}`, kind: "Note", title, text: "", link: linkTo("talk") };
    }),
    ...events.map((event) => ({
      key: `event ${event.id}`,
      kind: "Event",
      title: `${event.agent}: ${event.what}`,
      text: event.value,
      link: event.link,
    })),
  ];
  return [...new Map(all.map((item) => [item.key, item])).values()];
};
