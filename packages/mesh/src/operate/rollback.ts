/**
 * Rollback: the room, or some sections of it, as they were at an earlier point, by new writes of this agent. What stood before
 * is kept as a snapshot first, and afterwards it is checked what stands. What others write meanwhile is not lost: it was not
 * shown to this agent, so it stands beside.
 */

import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from "@context-mesh/common";
import { importContext } from "@context-mesh/document";
import { contextSections, type SharedContext } from "@context-mesh/schema";
import type { Cursor } from "../api/reading-types.ts";
import type { RollbackReport, RollbackRequest } from "../api/rollback-types.ts";
import type { Desk } from "./desk.ts";
import { importInto, type Selection, snapshotContext, takeSnapshot } from "./exchange.ts";

const membersOf = (path: string): readonly string[] => path.split(".");

const at = (context: JsonValue | undefined, names: readonly string[]): JsonValue | undefined =>
  names.reduce<JsonValue | undefined>(
    (value, name) => (isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined),
    context,
  );

/** The context with one part of it as another context has it. */
const withPart = (context: JsonObject, names: readonly string[], part: JsonValue | undefined): JsonObject => {
  const [name, ...rest] = names as readonly [string, ...string[]];
  const { [name]: own, ...others } = context;
  const inner = rest.length === 0 ? part : withPart(isJsonObject(own) ? own : {}, rest, part);
  if (inner === undefined) return others;
  return Object.hasOwn(context, name) ? { ...context, [name]: inner } : { ...others, [name]: inner };
};

/** Known to the table of the document, and to the schema only as an unknown field. */
const extraSections = ["agent_status", "communication.answered_questions", "communication.earlier_handovers"];

const unknownSection = (sections: readonly string[]): string | undefined =>
  sections.find((section) => !contextSections.includes(section) && !extraSections.includes(section));

/** The context at a place of this agent's log; undefined when there is no such place. */
export type ContextAt = (place: Cursor | number) => SharedContext | undefined;

const formerContext = (desk: Desk, { to }: RollbackRequest, contextAt: ContextAt): SharedContext | undefined => {
  if (typeof to === "object") return "snapshot" in to ? snapshotContext(desk, to.snapshot) : to.context;
  return contextAt(to);
};

const differences = (
  wanted: JsonObject,
  stands: JsonObject,
  sections: readonly string[] | undefined,
): readonly string[] => {
  const names = sections ?? [...new Set([...Object.keys(wanted), ...Object.keys(stands)])];
  return names.filter((name) => !jsonEqual(at(wanted, membersOf(name)), at(stands, membersOf(name))));
};

const stillToDo = (
  desk: Desk,
  target: JsonObject,
  sections: readonly string[] | undefined,
  select: Selection | undefined,
): readonly string[] => {
  if (select === undefined) return differences(target, desk.view.context() as JsonObject, sections);
  const outcome = importContext(desk.view, target as SharedContext, desk.author(), { replace: true });
  const open = outcome.ok ? outcome.value.filter((change) => select(change) !== undefined) : [];
  return open.map(({ key }) => desk.view.keyToPath(key));
};

const refused = (desk: Desk, code: string, detail: string): RollbackReport => ({
  ok: false,
  verified: false,
  written: 0,
  removed: 0,
  snapshot: undefined,
  differences: [],
  receipt: desk.refuse(code, detail),
});

/** `select`: what of it may be written at all; what is left out counts as it stands. */
export const rollBack = (
  desk: Desk,
  request: RollbackRequest,
  contextAt: ContextAt,
  select?: Selection,
): RollbackReport => {
  const { sections } = request;
  const wrong = unknownSection(sections ?? []);
  if (wrong !== undefined) {
    return refused(desk, "unknown_path", `\`${wrong}\` is no section; one is, for example, ${contextSections[3]}`);
  }
  const former = formerContext(desk, request, contextAt);
  if (former === undefined) return refused(desk, "not_found", "there is no such point to go back to");
  const current = desk.view.context() as JsonObject;
  const target =
    sections === undefined
      ? (former as JsonObject)
      : sections.reduce(
          (context, name) => withPart(context, membersOf(name), at(former as JsonObject, membersOf(name))),
          current,
        );
  const what = sections === undefined ? "everything" : sections.join(", ");
  const snapshot = takeSnapshot(desk, request.label ?? `before rolling back ${what}`);
  const report = importInto(
    desk,
    target as SharedContext,
    { replace: true, level: "session", ...(select === undefined ? {} : { select }) },
    "rollback",
    request.reason,
  );
  const left = report.receipt.ok ? stillToDo(desk, target, sections, select) : [];
  return {
    ok: report.receipt.ok,
    verified: report.receipt.ok && left.length === 0,
    written: report.written,
    removed: report.removed,
    snapshot,
    differences: left,
    receipt: report.receipt,
  };
};
