/** `/v1`: rooms, and the context (now or as it was), history, conflicts and briefing of one, read-only. */

import { isMeshError, type JsonValue, limits, systemClock } from "@context-mesh/common";
import type { DocStore } from "@context-mesh/ports";
import { roomToPath, roomToReadable } from "@context-mesh/protocol";
import { formatContext } from "@context-mesh/schema";
import { toJson } from "../frame/outcome.ts";
import { type Answer, jsonAnswer, problemAnswer } from "./answer.ts";
import type { ApiHandler } from "./http.ts";
import { overviewOf } from "./overview.ts";
import { historyPoint, type PastRooms } from "./past.ts";
import type { RoomReaders, RoomView } from "./reader.ts";

export interface ApiParts {
  readonly store: DocStore;
  readonly readers: RoomReaders;
  readonly past: PastRooms;
  /** Unique to this start of the relay; part of every tag. */
  readonly boot: string;
}

type Show = (view: RoomView, query: URLSearchParams, boot: string) => Answer;

const seqHeader = "x-context-mesh-seq";
const historyItems = 100;

const data = (value: JsonValue, etag?: string): Answer => jsonAnswer(200, { v: 1, ok: true, data: value }, etag);

type Format = keyof typeof contentTypes;

const contentTypes = {
  json: "application/json; charset=utf-8",
  yaml: "application/yaml; charset=utf-8",
} as const;

const formatIn = (query: URLSearchParams): Format | Answer => {
  const format = query.get("format") ?? "yaml";
  if (Object.hasOwn(contentTypes, format)) return format as Format;
  return problemAnswer(400, "invalid_argument", `There is no format "${format}".`, "One of: yaml, json.");
};

/** The header names the update after which the context looked so. */
const contextAnswer = (format: Format, body: string, seq: number, boot: string): Answer => ({
  status: 200,
  contentType: contentTypes[format],
  body,
  etag: `"${format}-${boot}-${seq}"`,
  headers: { [seqHeader]: String(seq) },
});

const context: Show = ({ reader, seq }, query, boot) => {
  const format = formatIn(query);
  return typeof format === "string"
    ? contextAnswer(format, formatContext(reader.context(), format), seq, boot)
    : format;
};

const briefing = ({ reader }: RoomView, query: URLSearchParams): Answer => {
  const budget = query.get("budget");
  if (budget !== null && !/^\d{1,7}$/.test(budget)) {
    return problemAnswer(400, "invalid_argument", "budget is a number of tokens.", "For example: budget=500.");
  }
  const report = reader.briefing(budget === null ? {} : { budgetTokens: Number(budget) });
  if (query.get("format") === "json") return data(toJson(report));
  return { status: 200, contentType: "text/plain; charset=utf-8", body: `${report.text}\n` };
};

const roomIn = (query: URLSearchParams): string | Answer => {
  const room = query.get("room");
  if (room === null) return problemAnswer(400, "missing_argument", "Name a room.", "Add ?room=NAME.");
  const path = roomToPath(room);
  if (path.ok) return path.value.slice(1);
  return problemAnswer(
    400,
    "invalid_room",
    `That cannot be a room: ${path.detail ?? path.reason}.`,
    "1 to 256 bytes, such as acme/checkout.",
  );
};

const views: Readonly<Record<string, Show>> = {
  "/v1/context": context,
  "/v1/conflicts": ({ reader, seq }, _query, boot) => data(toJson(reader.conflicts()), `"${boot}-${seq}"`),
  "/v1/briefing": briefing,
  "/v1/overview": (view, query) => data(overviewOf(view, query.get("room") ?? "", systemClock.wallMs())),
};

const readFailure = (error: unknown): Answer => {
  if (!isMeshError(error)) throw error;
  return problemAnswer(503, error.code, error.message, error.hint, error.retryable);
};

const numberIn = (query: URLSearchParams, name: string, otherwise: number): number | Answer => {
  const text = query.get(name);
  if (text === null) return otherwise;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  return problemAnswer(400, "invalid_argument", `${name} is a whole number.`, `For example: ${name}=100.`);
};

const history = async ({ past }: ApiParts, room: string, query: URLSearchParams): Promise<Answer> => {
  const before = numberIn(query, "before", Number.MAX_SAFE_INTEGER);
  const limit = numberIn(query, "limit", historyItems);
  if (typeof before !== "number") return before;
  if (typeof limit !== "number") return limit;
  const { first, last, stamps } = await past.history(room, before, limit);
  return last === 0 ? unwritten() : data(toJson({ items: stamps, first, last }));
};

const pastContext = async ({ past, boot }: ApiParts, room: string, query: URLSearchParams): Promise<Answer> => {
  const format = formatIn(query);
  if (typeof format !== "string") return format;
  const point = historyPoint(query.get("at") ?? "");
  if (point === undefined) {
    const hint = "For example: at=120 (an update of /v1/history) or at=2026-03-01T12:00:00Z.";
    return problemAnswer(400, "invalid_argument", "at is the number of an update or a time.", hint);
  }
  const found = await past.contextAt(room, point, format);
  if (found !== undefined) return contextAnswer(format, found.body, found.seq, boot);
  const { first, last } = await past.history(room, 0, 0);
  if (last === 0) return unwritten();
  const reach = `The history of this room reaches from update ${first} to ${last}.`;
  const hint = `It is kept for ${limits.historyDays} days. See /v1/history?room=NAME.`;
  return problemAnswer(404, "out_of_history", reach, hint);
};

const unwritten = (): Answer =>
  problemAnswer(404, "not_found", "Nothing was written to that room yet.", "It appears with its first write.");

const present = async (
  { readers, boot }: ApiParts,
  show: Show,
  room: string,
  query: URLSearchParams,
): Promise<Answer> => {
  const view = await readers.view(room);
  return view === undefined ? unwritten() : show(view, query, boot);
};

const answerFor = (
  parts: ApiParts,
  path: string,
): ((room: string, query: URLSearchParams) => Promise<Answer>) | undefined => {
  if (path === "/v1/history") return (room, query) => history(parts, room, query);
  const show = views[path];
  if (show === undefined) return undefined;
  return (room, query) =>
    path === "/v1/context" && query.has("at") ? pastContext(parts, room, query) : present(parts, show, room, query);
};

export const apiHandler =
  (parts: ApiParts): ApiHandler =>
  async (path, query) => {
    if (path === "/v1/rooms") return data((await parts.store.rooms()).map(roomToReadable));
    const answer = answerFor(parts, path);
    if (answer === undefined) {
      const hint = "/v1/context?room=NAME is the context of a room.";
      return problemAnswer(404, "not_found", "There is nothing at this address.", hint);
    }
    const room = roomIn(query);
    if (typeof room !== "string") return room;
    try {
      return await answer(room, query);
    } catch (error) {
      return readFailure(error);
    }
  };
