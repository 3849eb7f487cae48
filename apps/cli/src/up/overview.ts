/** The first screen of the inspector as one small answer, so that a tab paints before its own node has loaded. */

import type { JsonObject, JsonValue } from "@context-mesh/common";
import { type Digest, digestOf } from "@context-mesh/inspector";
import type { RoomReader } from "context-mesh";
import { toJson } from "../frame/outcome.ts";

/** Several fields of one thing are one event, so more changes than events are looked at. */
const changesMax = 100;

/** Presence is not in the document: the tab learns it itself. */
export const overviewOf = (reader: RoomReader, room: string, nowMs: number): JsonValue => {
  const digest: Digest = digestOf(room, {
    context: reader.context() as unknown as JsonObject,
    conflicts: reader.conflicts().map(({ candidates, ...rest }) => ({
      ...rest,
      candidates: candidates.map(({ id, value, agent, at, queued }) => ({ id, value, agent, at, queued })),
    })),
    presence: undefined,
    claims: new Map(),
    events: reader.latest(changesMax).map(({ key, path, value, agent, at }) => {
      return { id: `${key} ${at}`, at, agent, path, value };
    }),
    nowMs,
  });
  return toJson(digest);
};
