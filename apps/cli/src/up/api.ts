/** `/v1`: rooms, and the context, conflicts and briefing of one, read-only. */

import { isMeshError, type JsonValue } from "@context-mesh/common";
import type { DocStore } from "@context-mesh/ports";
import { roomToPath, roomToReadable } from "@context-mesh/protocol";
import { formatContext } from "@context-mesh/schema";
import { toJson } from "../frame/outcome.ts";
import { type Answer, jsonAnswer, problemAnswer } from "./answer.ts";
import type { ApiHandler } from "./http.ts";
import type { RoomReaders, RoomView } from "./reader.ts";

export interface ApiParts {
  readonly store: DocStore;
  readonly readers: RoomReaders;
  /** Unique to this start of the relay; part of every tag. */
  readonly boot: string;
}

const data = (value: JsonValue, etag?: string): Answer => jsonAnswer(200, { v: 1, ok: true, data: value }, etag);

const context = ({ reader }: RoomView, query: URLSearchParams, etag: string): Answer => {
  const format = query.get("format") ?? "yaml";
  if (format !== "yaml" && format !== "json") {
    return problemAnswer(400, "invalid_argument", `There is no format "${format}".`, "One of: yaml, json.");
  }
  const contentType = format === "json" ? "application/json; charset=utf-8" : "application/yaml; charset=utf-8";
  return {
    status: 200,
    contentType,
    body: formatContext(reader.context(), format),
    etag: etag.replace('"', `"${format}-`),
  };
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

const views: Readonly<Record<string, (view: RoomView, query: URLSearchParams, etag: string) => Answer>> = {
  "/v1/context": context,
  "/v1/conflicts": ({ reader }, _query, etag) => data(toJson(reader.conflicts()), etag),
  "/v1/briefing": briefing,
};

const readFailure = (error: unknown): Answer => {
  if (!isMeshError(error)) throw error;
  return problemAnswer(503, error.code, error.message, error.hint, error.retryable);
};

export const apiHandler =
  ({ store, readers, boot }: ApiParts): ApiHandler =>
  async (path, query) => {
    if (path === "/v1/rooms") return data((await store.rooms()).map(roomToReadable));
    const show = views[path];
    if (show === undefined) {
      return problemAnswer(
        404,
        "not_found",
        "There is nothing at this address.",
        "/v1/context?room=NAME is the context of a room.",
      );
    }
    const room = roomIn(query);
    if (typeof room !== "string") return room;
    try {
      const view = await readers.view(room);
      if (view === undefined)
        return problemAnswer(
          404,
          "not_found",
          "Nothing was written to that room yet.",
          "It appears with its first write.",
        );
      return show(view, query, `"${boot}-${view.seq}"`);
    } catch (error) {
      return readFailure(error);
    }
  };
