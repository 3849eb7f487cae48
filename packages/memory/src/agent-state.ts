/** What a memory AgentStore keeps: plain data, so that a copy is a backup. */

import type { JsonValue } from "@context-mesh/common";
import type { Arrival, Identity, LogRecord, OutboxRecord, StoreCondition, SyncRecord } from "@context-mesh/ports";

interface LogBase {
  readonly bytes: Uint8Array;
  readonly n: number;
}

export interface AgentState {
  storeId: string;
  /** The disk that this state was last opened on; another one there means a copy. */
  place: number;
  /** Why a new incarnation is due; cleared by setting an identity. */
  doubt: Exclude<StoreCondition, "new" | "intact"> | undefined;
  identity: Identity | undefined;
  seq: number;
  /** Raised by every commit; compared with the high-water mark. */
  commits: number;
  base: LogBase | undefined;
  olderBase: LogBase | undefined;
  log: LogRecord[];
  logHead: number;
  outbox: Map<number, OutboxRecord>;
  outboxOfKey: Map<string, number>;
  seen: Map<string, Uint8Array>;
  arrivals: Map<number, Arrival>;
  arrivalOfKey: Map<string, number>;
  arrivalHead: number;
  sync: SyncRecord[];
  values: Map<string, JsonValue>;
}

export const emptyAgentState = (storeId: string, place: number): AgentState => ({
  storeId,
  place,
  doubt: undefined,
  identity: undefined,
  seq: 0,
  commits: 0,
  base: undefined,
  olderBase: undefined,
  log: [],
  logHead: 0,
  outbox: new Map(),
  outboxOfKey: new Map(),
  seen: new Map(),
  arrivals: new Map(),
  arrivalOfKey: new Map(),
  arrivalHead: 0,
  sync: [],
  values: new Map(),
});

/** Records are never changed once stored, so copying the containers is enough. */
export const copyAgentState = (state: AgentState): AgentState => ({
  ...state,
  log: [...state.log],
  outbox: new Map(state.outbox),
  outboxOfKey: new Map(state.outboxOfKey),
  seen: new Map(state.seen),
  arrivals: new Map(state.arrivals),
  arrivalOfKey: new Map(state.arrivalOfKey),
  sync: [...state.sync],
  values: new Map(state.values),
});
