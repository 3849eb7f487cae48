/** The room as a file: JSON, NDJSON, CSV. YAML is the schema's own work. */

import type { Card } from "./board.ts";
import { type JsonObject, type JsonValue, listOf, objectOf } from "./read.ts";

export const formats = ["json", "yaml", "ndjson", "csv"] as const;
export type ExportFormat = (typeof formats)[number];

export const mimeTypes: Readonly<Record<ExportFormat, string>> = {
  json: "application/json",
  yaml: "application/yaml",
  ndjson: "application/x-ndjson",
  csv: "text/csv",
};

const lists: readonly (readonly [string, string, string])[] = [
  ["task", "project_state", "active_tasks"],
  ["task", "project_state", "blocked_tasks"],
  ["task", "project_state", "completed_tasks"],
  ["decision", "decisions_log", "recent"],
  ["question", "communication", "pending_questions"],
  ["note", "communication", "notes"],
];

/** One entity a line, with its kind and the list it is in. */
export const toNdjson = (context: JsonObject): string =>
  lists
    .flatMap(([kind, section, name]) =>
      listOf(objectOf(context[section])[name]).map((item: JsonValue) => JSON.stringify({ kind, list: name, item })),
    )
    .map((line) => `${line}\n`)
    .join("");

const columns = ["id", "title", "column", "status", "owner", "priority", "since", "due", "blockers"] as const;

/** Quoted, and never taken for a formula by a spreadsheet. */
const cell = (text: string): string => {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

const timeText = (at: number | undefined): string => (at === undefined ? "" : new Date(at).toISOString());

export const toCsv = (cards: readonly Card[]): string => {
  const lines = cards.map((card) =>
    [
      card.id,
      card.title,
      card.column,
      card.status,
      card.owner,
      card.priority,
      timeText(card.since),
      timeText(card.due),
      card.blockers.join("; "),
    ]
      .map(cell)
      .join(","),
  );
  return `${[columns.join(","), ...lines].join("\r\n")}\r\n`;
};
