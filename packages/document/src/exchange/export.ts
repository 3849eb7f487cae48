/** The whole context as a value of its own: what a file holds. */

import { copyJson, type JsonObject, type JsonValue } from "@context-mesh/common";
import type { SharedContext } from "@context-mesh/schema";
import type { ArchivedItem } from "../archive/reader.ts";
import type { ContextView } from "../context/view.ts";

export interface ExportOptions {
  /** Archived items to be listed with the live ones: `reader.items()`. Those that were opened again are left out. */
  readonly archived?: readonly ArchivedItem[];
}

const record = (value: JsonValue | undefined): JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

const list = (value: JsonValue | undefined): readonly JsonValue[] =>
  Array.isArray(value) ? (value as readonly JsonValue[]) : [];

/** Order of keys is that of the context; a name that is not there yet comes last. */
const withField = (object: JsonObject, name: string, value: JsonValue): JsonObject => ({ ...object, [name]: value });

const withArchived = (view: ContextView, context: JsonObject, archived: readonly ArchivedItem[]): JsonObject => {
  const gone = archived.filter(({ kind, id }) => view.isArchived(kind, id));
  const of = (kind: ArchivedItem["kind"]): JsonValue[] =>
    gone.filter((item) => item.kind === kind).map((item) => item.fields);
  const project = record(context.project_state);
  const log = record(context.decisions_log);
  const [tasks, decisions] = [of("task"), of("decision")];
  let whole = context;
  if (tasks.length > 0) {
    const completed = [...list(project.completed_tasks), ...tasks];
    whole = withField(whole, "project_state", withField(project, "completed_tasks", completed));
  }
  if (decisions.length > 0) {
    const count = typeof log.archived_count === "number" ? log.archived_count - decisions.length : 0;
    const recent = withField(log, "recent", [...list(log.recent), ...decisions]);
    whole = withField(whole, "decisions_log", withField(recent, "archived_count", count));
  }
  return whole;
};

/** A copy that the caller may change. Importing it into an empty room gives the same context again. */
export const exportContext = (view: ContextView, options: ExportOptions = {}): SharedContext => {
  const context = view.context() as JsonObject;
  const whole = options.archived === undefined ? context : withArchived(view, context, options.archived);
  return copyJson(whole) as SharedContext;
};
