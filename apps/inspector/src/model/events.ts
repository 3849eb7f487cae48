/** Changes as sentences: who did what to which thing. */

import type { EventFact } from "./facts.ts";
import { type JsonValue, textOf } from "./read.ts";
import { linkTo } from "./route.ts";

export interface EventLine {
  readonly id: string;
  readonly at: number;
  readonly agent: string;
  readonly what: string;
  readonly value: string;
  readonly link: string;
}

const subjects: readonly (readonly [RegExp, (id: string, field: string) => string, (id: string) => string])[] = [
  [
    /^project_state\.(?:active|blocked|completed)_tasks\[("?)(.*?)\1\]\.?(.*)$/,
    (id, field) => (field === "" ? `task ${id}` : `${field} of ${id}`),
    (id) => linkTo("task", id),
  ],
  [
    /^decisions_log\.recent\[("?)(.*?)\1\]\.?(.*)$/,
    (id, field) => (field === "" ? `decision ${id}` : `${field} of ${id}`),
    (id) => linkTo("decisions", id),
  ],
  [
    /^communication\.(?:pending_questions|handovers|answered_questions)\[("?)(.*?)\1\]\.?(.*)$/,
    (id, field) => (field === "" ? id : `${field} of ${id}`),
    (id) => linkTo("talk", id),
  ],
  [/^communication\.(notes)\[("?)(.*?)\2\](.*)$/, () => "a note", () => linkTo("talk")],
];

/** A path in words, and where it leads. */
export const namedPlace = (path: string): { readonly what: string; readonly link: string } => {
  for (const [pattern, say, link] of subjects) {
    const match = pattern.exec(path);
    if (match !== null) return { what: say(match[2] ?? "", match[3] ?? ""), link: link(match[2] ?? "") };
  }
  return { what: path.split(".").slice(-1)[0]?.replaceAll("_", " ") ?? path, link: linkTo("history") };
};

const valueLengthMax = 120;

export const shortValue = (value: JsonValue | undefined): string => {
  const text = value === undefined ? "(removed)" : textOf(value);
  return text.length > valueLengthMax ? `${text.slice(0, valueLengthMax - 1)}…` : text;
};

/** What was changed, by the entity that its path is in. */
const entityOf = (path: string): string => /^[^[]*\[("?)(.*?)\1\]/.exec(path)?.[0] ?? path;
const fieldOf = (path: string): string => path.slice(entityOf(path).length).replace(/^\./, "");

/** Writes of one agent to one thing that lie this close together are one event to a person. */
const togetherMs = 1_500;

const lineOf = (group: readonly EventFact[]): EventLine => {
  const [first] = group as readonly [EventFact];
  const entity = entityOf(first.path);
  const fields = [...new Set(group.map(({ path }) => fieldOf(path)).filter((field) => field !== ""))];
  const { what, link } = namedPlace(group.length === 1 ? first.path : entity);
  const isOne = group.length === 1;
  return {
    id: first.id,
    at: first.at,
    agent: first.agent || "somebody",
    what,
    value: isOne ? shortValue(first.value) : shortValue(fields.join(", ")),
    link,
  };
};

/** Newest first; what belongs together is one line. */
export const eventLines = (events: readonly EventFact[], countMax: number): readonly EventLine[] => {
  const groups: EventFact[][] = [];
  for (const event of events) {
    const last = groups.at(-1);
    const first = last?.[0];
    const isTogether =
      first !== undefined &&
      first.agent === event.agent &&
      entityOf(first.path) === entityOf(event.path) &&
      first.at - event.at <= togetherMs;
    if (isTogether) last?.push(event);
    else if (groups.length === countMax) break;
    else groups.push([event]);
  }
  return groups.map(lineOf);
};

/** Newest first, each once. */
export const mergeEvents = (
  fresh: readonly EventFact[],
  known: readonly EventFact[],
  countMax: number,
): readonly EventFact[] => {
  const byId = new Map<string, EventFact>();
  for (const event of [...fresh, ...known]) if (!byId.has(event.id)) byId.set(event.id, event);
  return [...byId.values()].sort((a, b) => b.at - a.at).slice(0, countMax);
};
