// What is shown of a context, as plain texts: no element, no request, so that it can be tested without a browser.

const text = (value) => {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
};

const list = (value) => (Array.isArray(value) ? value : []);

const joined = (...parts) => parts.filter((part) => part !== "").join(" · ");

const labelled = (label, value) => (text(value) === "" ? "" : `${label} ${text(value)}`);

export const itemView = {
  task: (task) => ({
    title: joined(text(task.id), text(task.title ?? task.summary)),
    meta: joined(text(task.status ?? task.result), labelled("by", task.owner), labelled("waits for", task.reason)),
  }),
  decision: (decision) => ({
    title: text(decision.decision),
    meta: joined(text(decision.id), labelled("by", decision.decided_by), labelled("because", decision.rationale)),
  }),
  question: (question) => ({
    title: text(question.question),
    meta: joined(
      text(question.id),
      labelled("from", question.from),
      labelled("to", question.to),
      text(question.priority),
    ),
  }),
  note: (note) => ({ title: text(note), meta: "" }),
  conflict: (conflict) => ({
    title: text(conflict.path),
    meta: list(conflict.candidates)
      .map(
        ({ value, agent }, rank) =>
          `${rank === 0 ? "shown" : "beside"}: ${text(value ?? "(removed)")} (${text(agent)})`,
      )
      .join(" · "),
  }),
};

/** The parts of the page: pairs for the strip at the top, views for each list. Anything may be missing or odd. */
export const sectionsOf = (context) => {
  const state = context.project_state ?? {};
  const communication = context.communication ?? {};
  const handover = communication.last_handover ?? {};
  const pairs = [
    ["Phase", text(state.current_phase)],
    ["Architecture", text(context.technical_context?.architecture?.pattern)],
    [
      "Last hand-over",
      joined(
        text(handover.from) === "" ? "" : `${text(handover.from)} → ${text(handover.to)}`,
        text(handover.document ?? handover.summary),
      ),
    ],
    ["Last sync", text(context.last_sync)],
  ];
  return {
    state: pairs.filter(([, value]) => value !== ""),
    lists: {
      active: list(state.active_tasks).map(itemView.task),
      blocked: list(state.blocked_tasks).map(itemView.task),
      completed: list(state.completed_tasks).map(itemView.task),
      decisions: list(context.decisions_log?.recent).map(itemView.decision),
      questions: list(communication.pending_questions).map(itemView.question),
      notes: list(communication.notes).map(itemView.note),
    },
  };
};
