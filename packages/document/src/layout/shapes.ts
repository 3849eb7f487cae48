/**
 * The one table between keys of the document and places of the context. A record has a prefix and fields, a field has a
 * one-letter code; items of a list have the prefix of the list and their id in front. So `t/task-1/s` is the status of
 * task-1 and `x/a` says that there is an architecture. Codes are part of the stored document: add, never change.
 *
 * Codes that no field has: `#` rank in a list, `.` order of names, `=` is there, `@` an odd id, `z` archived, `+name` a
 * field the table does not know.
 */

/**
 * value: any JSON under one key · set: a list of texts, one key an element, the field's own key says that the list is
 * there · record: fields under a prefix of its own · list: items, each a record · the rest: lists that are derived.
 */
type FieldKind =
  | { readonly kind: "value" | "set" | "status" | "archivedCount" }
  | { readonly kind: "record"; readonly record: RecordShape }
  | { readonly kind: "list"; readonly list: ListShape }
  | { readonly kind: "tasks"; readonly list: ListShape; readonly group: TaskGroup }
  | { readonly kind: "questions"; readonly list: ListShape; readonly isAnswered: boolean }
  | { readonly kind: "handover"; readonly list: ListShape; readonly isEarlier: boolean }
  | { readonly kind: "notes"; readonly list: ListShape };

export type TaskGroup = "active" | "completed" | "blocked";

export type FieldShape = FieldKind & {
  readonly name: string;
  readonly code: string;
  /** Shown in a context that was never imported, even while it is empty. */
  readonly inSkeleton?: boolean;
  /** Known to the table, not to the schema: sorted behind what the schema names, shown only when there is something. */
  readonly isExtra?: boolean;
};

export interface RecordShape {
  readonly prefix: string;
  readonly fields: readonly FieldShape[];
}

export interface ListShape {
  readonly prefix: string;
  /** The field that names an item. Items without it are named by the hash of their content. */
  readonly idName: "id" | "name";
  /** Fields that may change without making it another item; they are left out of the hash. */
  readonly mutable?: readonly string[];
  readonly fields: readonly FieldShape[];
}

const value = (name: string, code: string): FieldShape => ({ name, code, kind: "value" });
const values = (codes: Readonly<Record<string, string>>): FieldShape[] =>
  Object.entries(codes).map(([name, code]) => value(name, code));
const record = (name: string, code: string, shape: RecordShape, inSkeleton = true): FieldShape => ({
  name,
  code,
  kind: "record",
  record: shape,
  inSkeleton,
});
const list = (name: string, code: string, shape: ListShape): FieldShape => ({
  name,
  code,
  kind: "list",
  list: shape,
  inSkeleton: true,
});

export const taskList: ListShape = {
  prefix: "t",
  idName: "id",
  fields: [
    ...values({ title: "t", description: "d" }),
    { name: "status", code: "s", kind: "status" },
    ...values({ owner: "o", priority: "p", started: "a", completed: "c", result: "r", summary: "m" }),
    ...values({ reason: "e", blocker_owner: "w" }),
    { name: "blocked_by", code: "y", kind: "set" },
    { name: "tags", code: "g", kind: "set", isExtra: true },
  ],
};

/** Blockers of a task: `t/<id>/b/<hash>` = {reason, blocker_owner} or false. */
export const blockerCode = "b";

const dependencyFields = values({ version: "v", from: "f", to: "t", reason: "r" });
const dependencyList = (prefix: string): ListShape => ({ prefix, idName: "name", fields: dependencyFields });

export const addedList = dependencyList("da");
export const removedList = dependencyList("dr");
export const updatedList = dependencyList("du");

export const significantList: ListShape = {
  prefix: "g",
  idName: "id",
  fields: values({ file: "f", type: "t", description: "d" }),
};

export const decisionList: ListShape = {
  prefix: "d",
  idName: "id",
  fields: [
    ...values({ type: "t", decision: "d", rationale: "r" }),
    { name: "impact", code: "i", kind: "set" },
    ...values({ decided_by: "b", timestamp: "s" }),
    { name: "tags", code: "g", kind: "set", isExtra: true },
  ],
};

export const handoverList: ListShape = {
  prefix: "h",
  idName: "id",
  mutable: ["acknowledged"],
  fields: values({ from: "f", to: "t", timestamp: "s", document: "d", acknowledged: "a" }),
};

export const questionList: ListShape = {
  prefix: "q",
  idName: "id",
  fields: values({ from: "f", to: "t", question: "q", context: "c", priority: "p" }),
};

/** The answer to a question: `q/<id>/a` = {answer, answered_by, answered_at}, or absent while it is open. */
export const answerCode = "a";

/** Notes are kept whole: `n/<id>` = [rank, note] or false. */
export const noteList: ListShape = { prefix: "n", idName: "id", fields: [] };

/** How each agent is shown to be: `ag/<id>/s` is the word, `ag/<id>/e` what it rests on. */
export const agentStatusList: ListShape = {
  prefix: "ag",
  idName: "id",
  fields: values({ status: "s", evidence: "e" }),
};

const architecture: RecordShape = { prefix: "a", fields: values({ pattern: "p", last_modified: "m", hash: "h" }) };

const dependencies: RecordShape = {
  prefix: "D",
  fields: [list("added", "a", addedList), list("removed", "r", removedList), list("updated", "u", updatedList)],
};

export const codeSummary: RecordShape = {
  prefix: "s",
  fields: values({
    files_added: "a",
    files_modified: "m",
    files_deleted: "d",
    lines_added: "p",
    lines_removed: "r",
  }),
};

const codeChanges: RecordShape = {
  prefix: "c",
  fields: [record("summary", "s", codeSummary, false), list("significant_changes", "g", significantList)],
};

const taskField = (group: TaskGroup, code: string): FieldShape => ({
  name: `${group}_tasks`,
  code,
  kind: "tasks",
  list: taskList,
  group,
  inSkeleton: true,
});

const projectState: RecordShape = {
  prefix: "p",
  fields: [
    value("current_phase", "p"),
    taskField("active", "a"),
    taskField("completed", "c"),
    taskField("blocked", "b"),
  ],
};

const technicalContext: RecordShape = {
  prefix: "x",
  fields: [
    record("architecture", "a", architecture, false),
    record("dependencies", "d", dependencies),
    record("code_changes", "c", codeChanges),
  ],
};

const decisionsLog: RecordShape = {
  prefix: "l",
  fields: [
    list("recent", "r", decisionList),
    { name: "archived_count", code: "c", kind: "archivedCount", inSkeleton: true },
    value("archive_location", "l"),
  ],
};

const communication: RecordShape = {
  prefix: "m",
  fields: [
    { name: "last_handover", code: "h", kind: "handover", list: handoverList, isEarlier: false },
    {
      name: "pending_questions",
      code: "q",
      kind: "questions",
      list: questionList,
      isAnswered: false,
      inSkeleton: true,
    },
    { name: "notes", code: "n", kind: "notes", list: noteList, inSkeleton: true },
    { name: "answered_questions", code: "a", kind: "questions", list: questionList, isAnswered: true, isExtra: true },
    { name: "earlier_handovers", code: "e", kind: "handover", list: handoverList, isEarlier: true, isExtra: true },
  ],
};

export const rootRecord: RecordShape = {
  prefix: "r",
  fields: [
    { ...value("version", "v"), inSkeleton: true },
    value("last_sync", "l"),
    value("sync_level", "y"),
    record("project_state", "p", projectState),
    record("technical_context", "x", technicalContext),
    record("decisions_log", "d", decisionsLog),
    record("communication", "c", communication),
    { name: "agent_status", code: "g", kind: "list", list: agentStatusList, isExtra: true },
  ],
};

export const rankCode = "#";
export const orderCode = ".";
export const archivedCode = "z";
/** True: the item is there although it has no field. */
export const existsCode = "=";
/** In place of a field code: the item has an explicit `id` that is no usable text (null, a number, an empty text). */
export const oddIdCode = "@";

/** Version of the policies this room was told to use. */
export const policyVersionKey = "r/P";
/** True once a context was imported that lacks parts of the skeleton: from then on only what was imported is shown. */
export const bareKey = "r/B";
/** Records of decided conflicts: `f/<id>`, kept whole. */
export const conflictPrefix = "f";
/** Parcels of messages and how far their recipients are: messages.ts. */
export const messagePrefix = "M";
/** Registered agents: `e/<id>`, kept whole. Part of the room, not of the exported context. */
export const agentPrefix = "e";

/** Claims of a task: `k/<task>/c` the confirmed one, `k/<task>/t` the tentative ones. Beside the context, not in it. */
export const claimPrefix = "k";
/** Reservations of shared things: `v/<id>`, kept whole. */
export const reservationPrefix = "v";
/** Jobs whose state lives in the room: `w/<id>`, kept whole. */
export const jobPrefix = "w";
