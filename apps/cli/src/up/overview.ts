/** The first screen of the inspector as one small answer, so that a tab paints before its own node has loaded. */

import type { JsonObject, JsonValue } from "@context-mesh/common";
import { type Digest, digestOf } from "@context-mesh/inspector";
import type { RoomReader } from "context-mesh";
import { toJson } from "../frame/outcome.ts";
import type { RoomView } from "./reader.ts";

/** Several fields of one thing are one event, so more changes than events are looked at. */
const changesMax = 100;

/** Presence is not in the document: the tab learns it itself. */
const compute = (reader: RoomReader, room: string, nowMs: number): JsonObject => {
  const digest: Digest = digestOf(room, {
    context: reader.context() as unknown as JsonObject,
    conflicts: reader.conflicts().map(({ candidates, ...rest }) => ({
      ...rest,
      candidates: candidates.map(({ id, value, agent, at, queued }) => ({ id, value, agent, at, queued })),
    })),
    presence: undefined,
    claims: new Map(
      reader.claims().map(({ task, agent, kind, fence }) => {
        const claim = { task, holder: agent, kind, fence, isOwn: false, isOffered: false, overAt: undefined };
        return [task, claim] as const;
      }),
    ),
    proposals: reader.proposals(),
    reservations: [],
    registered: [],
    statuses: [],
    events: reader.latest(changesMax).map(({ key, path, value, agent, at }) => {
      return { id: `${key} ${at}`, at, agent, path, value };
    }),
    nowMs,
  });
  return toJson(digest) as JsonObject;
};

interface Known {
  readonly seq: number;
  readonly nowMs: number;
  readonly overview: JsonObject;
}

/** Many tabs ask for the same; what is overdue changes with time, so nothing is kept for long. */
const keptMs = 30_000;
const known = new WeakMap<RoomReader, Known>();

export const overviewOf = ({ reader, seq }: RoomView, room: string, nowMs: number): JsonValue => {
  const former = known.get(reader);
  if (former?.seq === seq && nowMs - former.nowMs < keptMs) return { ...former.overview, at: nowMs };
  const overview = compute(reader, room, nowMs);
  known.set(reader, { seq, nowMs, overview });
  return overview;
};
