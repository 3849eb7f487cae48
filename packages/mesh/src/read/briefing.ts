/**
 * The briefing: what changed for this reader, one line a thing, the most urgent first, cut to a token budget. Pure: the
 * changes and what stands open in, text out.
 */

import { isJsonObject, type JsonObject, type JsonValue } from "@context-mesh/common";
import { rankOf } from "@context-mesh/coordination";
import type { BriefingItem, ChangedItem, SyncLevelName } from "../api/types.ts";

export interface BriefingInput {
  readonly agent: string;
  /** Others' changes since the reader last looked. */
  readonly changes: readonly ChangedItem[];
  readonly conflicts: readonly {
    readonly path: string;
    readonly detectedAt: number;
    readonly agents: readonly string[];
  }[];
  readonly questions: readonly JsonObject[];
  readonly handovers: readonly JsonObject[];
  /** What a changed task is called and how it stands. */
  readonly taskOf: (
    id: string,
  ) => { readonly title: string; readonly status: string; readonly owner: string } | undefined;
}

export interface BriefingText {
  readonly text: string;
  readonly items: readonly BriefingItem[];
  readonly omitted: number;
}

type Kind = BriefingItem["kind"];
type Draft = Omit<BriefingItem, "rank">;

/** The usual estimate for English text. */
const charactersPerToken = 4;
export const budgetTokensDefault = 1_500;

const kindOrder: readonly Kind[] = [
  "conflict",
  "question",
  "handover",
  "blocked",
  "decision",
  "phase",
  "task",
  "note",
  "other",
];

const text = (value: JsonValue | undefined): string => (typeof value === "string" ? value : "");
/** A blocker is said by its reason. */
const inWords = (value: JsonValue): string => {
  if (isJsonObject(value) && typeof value.reason === "string") return value.reason;
  return typeof value === "string" ? value : JSON.stringify(value);
};

const brief = (value: JsonValue | undefined): string => {
  const whole = value === undefined ? "(removed)" : inWords(value);
  return whole.length > 160 ? `${whole.slice(0, 159)}…` : whole;
};

const kindPatterns: readonly (readonly [RegExp, Kind])[] = [
  [/^project_state\.blocked_tasks\[/, "blocked"],
  [/^project_state\.(?:active|completed)_tasks\[/, "task"],
  [/^project_state\.current_phase/, "phase"],
  [/^decisions_log\./, "decision"],
  [/^communication\.(?:pending|answered)_questions/, "question"],
  [/^communication\.(?:last_handover|handovers)/, "handover"],
  [/^communication\.notes/, "note"],
];

const kindOf = (path: string): Kind => kindPatterns.find(([pattern]) => pattern.test(path))?.[1] ?? "other";

const listItem = /^[^[]*\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\]/;
const recordField = /^([^.]+\.[^.]+(?:\.[^.]+)*)\.[^.]+$/;

/** Changes of one thing are one item: `project_state.active_tasks[t1]`, or outside of lists the record of the field. */
const thingOf = (path: string): string => listItem.exec(path)?.[0] ?? recordField.exec(path)?.[1] ?? path;
const idOf = (thing: string): string => /\[(.*)\]$/.exec(thing)?.[1]?.replace(/^"(.*)"$/, "$1") ?? "";

const lastName = (path: string): string => path.slice(path.lastIndexOf(".") + 1);

const lineOf = (thing: string, changes: readonly ChangedItem[], input: BriefingInput): string => {
  const kind = kindOf(thing);
  const task = kind === "task" || kind === "blocked" ? input.taskOf(idOf(thing)) : undefined;
  const fields = changes.map((change) =>
    change.path === thing ? brief(change.value) : `${lastName(change.path)}: ${brief(change.value)}`,
  );
  const what = fields.slice(0, 4).join("; ") + (fields.length > 4 ? `; ${fields.length - 4} more fields` : "");
  if (task === undefined) return `${thing}: ${what}`;
  const owner = task.owner === "" ? "" : `, ${task.owner}`;
  return `task ${idOf(thing)} "${task.title}" (${task.status}${owner}): ${what}`;
};

const mostUrgent = (changes: readonly ChangedItem[]): SyncLevelName =>
  changes.map((change) => change.level).reduce((a, b) => (rankOf(a) <= rankOf(b) ? a : b));

const changeItems = (input: BriefingInput): Draft[] => {
  const byThing = new Map<string, ChangedItem[]>();
  for (const change of input.changes) {
    const thing = thingOf(change.path);
    byThing.set(thing, [...(byThing.get(thing) ?? []), change]);
  }
  return [...byThing].map(([thing, changes]) => {
    const newest = changes.reduce((a, b) => (a.at >= b.at ? a : b));
    return {
      level: mostUrgent(changes),
      kind: kindOf(thing),
      path: thing,
      text: lineOf(thing, changes, input),
      agent: newest.agent,
      at: newest.at,
    };
  });
};

const openItems = (input: BriefingInput): Draft[] => [
  ...input.conflicts.map(
    (conflict): Draft => ({
      level: "critical",
      kind: "conflict",
      path: conflict.path,
      text: `conflict at ${conflict.path} between ${conflict.agents.join(" and ")}`,
      agent: conflict.agents[0] ?? "",
      at: conflict.detectedAt,
    }),
  ),
  ...input.questions
    .filter((question) => text(question.to) === input.agent)
    .map((question): Draft => {
      const path = `communication.pending_questions[${text(question.id)}]`;
      const asked = `${text(question.from)} asks: ${text(question.question)}`;
      return { level: "checkpoint", kind: "question", path, text: asked, agent: text(question.from), at: 0 };
    }),
  ...input.handovers
    .filter((handover) => text(handover.to) === input.agent && handover.acknowledged !== true)
    .map((handover): Draft => {
      const path = "communication.last_handover";
      const about = text(handover.document) || text(handover.summary);
      const line = `hand-over from ${text(handover.from)}, not acknowledged yet: ${about}`;
      return { level: "checkpoint", kind: "handover", path, text: line, agent: text(handover.from), at: 0 };
    }),
];

const byUrgency = (a: Draft, b: Draft): number =>
  rankOf(a.level) - rankOf(b.level) ||
  kindOrder.indexOf(a.kind) - kindOrder.indexOf(b.kind) ||
  b.at - a.at ||
  (a.path < b.path ? -1 : 1);

/** What stands open replaces what merely changed about the same thing. */
const merged = (input: BriefingInput): Draft[] => {
  const open = openItems(input);
  const paths = new Set(open.map((item) => item.path));
  return [...open, ...changeItems(input).filter((item) => !paths.has(item.path))].sort(byUrgency);
};

const line = (item: Draft): string => {
  const mark = item.level === "critical" ? "!" : "-";
  return `${mark} ${item.text}${item.agent === "" ? "" : ` [${item.agent}]`}`;
};

const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, Math.max(20, length - 2))}…`;

export const composeBriefing = (input: BriefingInput, budgetTokens: number): BriefingText => {
  const drafts = merged(input);
  const lines: string[] = [];
  let left = budgetTokens * charactersPerToken;
  for (const draft of drafts) {
    // The most urgent thing is told in any case, cut to what there is room for.
    const next = lines.length === 0 ? cut(line(draft), left) : line(draft);
    if (next.length + 1 > left && lines.length > 0) break;
    left -= next.length + 1;
    lines.push(next);
  }
  const omitted = drafts.length - lines.length;
  const items = drafts.slice(0, lines.length).map((draft, at) => ({ rank: at + 1, ...draft }));
  if (drafts.length === 0) lines.push("Nothing new.");
  if (omitted > 0) lines.push(`(${omitted} less urgent items left out)`);
  return { text: lines.join("\n"), items, omitted };
};
