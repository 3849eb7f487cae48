/** Which tasks an agent may begin next, the most urgent first. Pure. */

import type { JsonValue } from "@context-mesh/common";
import type { ContextView, TaskView } from "@context-mesh/document";
import { isReady, isSkilled, type Skills, wantsOf } from "./readiness.ts";

export interface Wish {
  /** Only tasks that ask for this role. */
  readonly role?: string;
  /** Only tasks that ask for this capability. */
  readonly capability?: string;
}

const urgentWords = ["critical", "urgent", "immediate", "highest"];
const highWords = ["high", "important"];
const lowWords = ["low", "lowest", "minor", "trivial"];

/** Words in any case; what is none of them, numbers too, is in the middle: systems disagree on which end of a scale is first. */
const urgencyOf = (priority: JsonValue | undefined): number => {
  const word = typeof priority === "string" ? priority.trim().toLowerCase() : "";
  if (urgentWords.includes(word)) return 0;
  if (highWords.includes(word)) return 1;
  return lowWords.includes(word) ? 3 : 2;
};

const isWished = (task: TaskView, wish: Wish): boolean => {
  const wants = wantsOf(task.fields);
  return (
    (wish.role === undefined || wants.roles.includes(wish.role)) &&
    (wish.capability === undefined || wants.capabilities.includes(wish.capability))
  );
};

/** Ready tasks that fit the agent, by priority, then in the order of the list. Whether somebody has one is not asked here. */
export const readyTasks = (view: ContextView, skills: Skills, wish: Wish = {}): readonly TaskView[] => {
  const fitting = view
    .tasks({ status: "active" })
    .filter((task) => isWished(task, wish) && isSkilled(wantsOf(task.fields), skills));
  return fitting
    .filter((task) => isReady(view, task))
    .map((task, at) => ({ task, at, urgency: urgencyOf(task.fields.priority) }))
    .sort((a, b) => a.urgency - b.urgency || a.at - b.at)
    .map(({ task }) => task);
};
