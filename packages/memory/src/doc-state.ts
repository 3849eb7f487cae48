/** What a memory DocStore keeps: plain data, so that a copy is a backup. */

import type { QuarantineRecord, StoredGrant, StoredUpdate } from "@context-mesh/ports";

interface RoomBase {
  readonly bytes: Uint8Array;
  readonly seq: number;
}

export interface RoomState {
  /** Oldest first: checkpoints of the history, then the older generation, then what is served. */
  bases: readonly RoomBase[];
  /** Everything not trimmed, oldest first; the tail is what lies beyond the base. */
  log: StoredUpdate[];
  lastSeq: number;
  quarantine: QuarantineRecord[];
  isCorrupt: boolean;
}

export interface DocState {
  readonly rooms: Map<string, RoomState>;
  readonly values: Map<string, string>;
  /** By room, then by task. */
  readonly grants: Map<string, Map<string, StoredGrant>>;
  /** By room: the highest fence of its grants that were dropped. */
  readonly droppedFences: Map<string, number>;
  term: number;
  commits: number;
}

export const emptyDocState = (): DocState => ({
  rooms: new Map(),
  values: new Map(),
  grants: new Map(),
  droppedFences: new Map(),
  term: 0,
  commits: 0,
});

export const emptyRoomState = (): RoomState => ({
  bases: [],
  log: [],
  lastSeq: 0,
  quarantine: [],
  isCorrupt: false,
});

/** Records are never changed once stored, so copying the containers is enough. */
export const copyDocState = (state: DocState): DocState => ({
  rooms: new Map(
    [...state.rooms].map(([name, room]) => [name, { ...room, log: [...room.log], quarantine: [...room.quarantine] }]),
  ),
  values: new Map(state.values),
  grants: new Map([...state.grants].map(([room, grants]) => [room, new Map(grants)])),
  droppedFences: new Map(state.droppedFences),
  term: state.term,
  commits: state.commits,
});
