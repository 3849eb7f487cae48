/** How the node and its relays stand, what was synced, and how well. */

import type { JsonValue } from "@context-mesh/common";
import type { SharedContext } from "@context-mesh/schema";
import type { AgentInfo, SyncLevelName, SyncMode } from "./basic-types.ts";

export interface HistoryItem {
  readonly at: number;
  readonly agent: string;
  readonly path: string;
  readonly key: string;
  readonly value: JsonValue | undefined;
  readonly previous: JsonValue | undefined;
  readonly level: SyncLevelName;
  /** `<writer>:<seq>`. */
  readonly id: string;
  readonly own: boolean;
}

export interface DiffItem {
  readonly path: string;
  readonly key: string;
  readonly from: JsonValue | undefined;
  readonly to: JsonValue | undefined;
}

/** One operation of the sync log: who, when, level, bytes, duration, result. */
export interface SyncLogItem {
  readonly at: number;
  readonly agent: string;
  readonly operation: string;
  readonly level: string;
  readonly bytes: number;
  readonly durationMs: number;
  readonly result: string;
  readonly detail: string;
}

export interface SyncRequest {
  /** Flushes what waits at this level and below it; default: everything. */
  readonly level?: SyncLevelName;
  /** Exchanges the complete state and compares digests even if nothing waits. */
  readonly full?: boolean;
  /** How long to wait for relays; default `limits.commandSendMs`. */
  readonly timeoutMs?: number;
  /** Wait until this many relays have everything on disk. */
  readonly durable?: number;
  readonly signal?: AbortSignal;
}

export interface SyncReport {
  readonly ok: boolean;
  readonly level: SyncLevelName;
  /** Best state that everything written so far has reached. */
  readonly reached: "queued" | "relayed" | "durable";
  readonly sent: { readonly entries: number; readonly bytes: number };
  readonly received: { readonly entries: number; readonly bytes: number };
  readonly queued: number;
  readonly relays: readonly RelayStatus[];
  readonly durationMs: number;
  /** undefined when no peer was at the same state. */
  readonly digestsEqual: boolean | undefined;
  readonly digest: string;
  readonly conflicts: number;
  /** With level `session`: the whole context. */
  readonly snapshot: SharedContext | undefined;
}

export interface SyncMetricsView {
  readonly totalToday: number;
  readonly failuresToday: number;
  /** Durations in ms; undefined without a sync. */
  readonly averageMs: number | undefined;
  readonly fastestMs: number | undefined;
  readonly slowestMs: number | undefined;
  readonly p95Ms: number | undefined;
  readonly contextBytes: number;
  /** Compressed size / size of the full state. */
  readonly compressionRatio: number | undefined;
  readonly byLevel: Readonly<Record<SyncLevelName, number>>;
}

export interface Alert {
  readonly code: string;
  readonly severity: "info" | "warning" | "error";
  readonly message: string;
  readonly hint: string;
  readonly since: number;
}

export type RelayState = "idle" | "dialing" | "hello" | "checking" | "syncing" | "live" | "waiting" | "stopped";

export interface RelayStatus {
  readonly url: string;
  readonly state: RelayState;
  /** What answered: ours, a stock y-websocket server, or not known yet. */
  readonly kind: "context-mesh" | "stock" | "unknown";
  readonly relayId: string | undefined;
  /** What the relay last said this agent may do; undefined when it said nothing. */
  readonly grant: "read" | "write" | undefined;
  /** Everything the relay had at join is here, and everything published is on its way. */
  readonly synced: boolean;
  /** Own Yjs clock up to which the relay has this agent's entries on disk. */
  readonly durableUpTo: number;
  /** Own Yjs clock up to which the relay is known to have them in memory. */
  readonly relayedUpTo: number;
  /** Age in ms of the oldest own write this relay has not confirmed; 0 when none. */
  readonly lagMs: number;
  readonly attempts: number;
  readonly nextTryAt: number | undefined;
  readonly lastError: { readonly code: string; readonly message: string; readonly at: number } | undefined;
}

export interface QueueItem {
  readonly seq: number;
  readonly key: string;
  readonly path: string;
  readonly value: JsonValue | undefined;
  readonly level: SyncLevelName;
  readonly at: number;
  readonly bytes: number;
}

export interface MeshStatus {
  readonly v: 1;
  readonly at: number;
  readonly room: string;
  readonly agent: AgentInfo;
  readonly mode: SyncMode;
  readonly readOnly: boolean;
  readonly loaded: boolean;
  readonly running: boolean;
  /** Some relay takes what is written. */
  readonly connected: boolean;
  readonly writer: string;
  readonly incarnation: number;
  readonly store: {
    readonly id: string;
    readonly location: string;
    readonly durability: string;
    readonly condition: string;
    readonly bytes: number;
    readonly problems: readonly string[];
  };
  readonly relays: readonly RelayStatus[];
  readonly queued: { readonly count: number; readonly bytes: number; readonly oldestMs: number };
  /** Published entries that no relay has on disk yet. */
  readonly unconfirmed: number;
  readonly context: {
    readonly phase: string | undefined;
    readonly active: number;
    readonly completed: number;
    readonly blocked: number;
    readonly decisions: number;
    readonly questions: number;
    readonly notes: number;
    readonly archived: number;
    readonly bytes: number;
  };
  readonly conflicts: number;
  readonly digest: string;
  readonly fingerprint: string;
  /** Yjs state vector by client id in base 36. */
  readonly vector: Readonly<Record<string, number>>;
  readonly agents: readonly { readonly id: string; readonly roles: readonly string[]; readonly seenMsAgo: number }[];
  readonly alerts: readonly Alert[];
  /** What relays refused, stolen clocks, renewed incarnations, corruption: the newest of this process, oldest first. */
  readonly incidents: readonly { readonly at: number; readonly code: string; readonly detail: string }[];
  readonly metrics: SyncMetricsView;
}
