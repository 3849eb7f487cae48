/**
 * The public face of a node, as types: what `join()` gives and everything its methods take and return.
 *
 * Times are milliseconds since 1970 unless a name says otherwise. A path is the form of the schema
 * (`project_state.active_tasks[task-123].status`). Expected failures are values; what waits takes an AbortSignal.
 */

import type { JsonValue, Unsubscribe } from "@context-mesh/common";
import type { Basis } from "@context-mesh/document";
import type { SharedContext } from "@context-mesh/schema";
import type { PresenceView } from "./presence-types.ts";

export type { AgentPresence, PresencePatch, PresenceView } from "./presence-types.ts";

export type SyncLevelName = "critical" | "checkpoint" | "periodic" | "session";

/** `live`: every write goes out at once. `levels`: a write waits for the trigger of its level. */
export type SyncMode = "live" | "levels";

export interface AgentInfo {
  readonly id: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
}

// ---------------------------------------------------------------- receipts

export type ReceiptState = "queued" | "relayed" | "durable" | "superseded" | "refused";

/**
 * What is known about one write. `queued`: on this agent's own disk. `relayed`: a relay has it. `durable`: fsynced by the
 * relays in `relays`. `superseded`: a later own write to the same key replaced it before it went out. `refused`: nothing
 * was written, `reason` and `detail` say why.
 */
export interface Receipt {
  /** `<writer>:<first seq>-<last seq>`, or `refused`. */
  readonly id: string;
  readonly ok: boolean;
  /** Id of the task, decision, question … the write was about. */
  readonly subject: string | undefined;
  readonly state: ReceiptState;
  /** URLs of the relays that have it on disk. */
  readonly relays: readonly string[];
  readonly at: number;
  readonly level: SyncLevelName;
  readonly paths: readonly string[];
  /** Paths where a newer value of somebody else stands beside the written one: both are kept. */
  readonly conflicts: readonly string[];
  /** What the write replaced, per path, as its author was shown it. */
  readonly replaced: Readonly<Record<string, JsonValue | undefined>>;
  /** Code and words of a refusal. */
  readonly reason: string | undefined;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  /**
   * Resolves when the state is reached, or as soon as it never will be (`superseded`, `refused`, node left): read `state`.
   * `n` counts relays for `durable`. Rejects only with the signal's reason.
   */
  reached(
    state: "queued" | "relayed" | "durable",
    options?: { readonly n?: number; readonly signal?: AbortSignal },
  ): Promise<Receipt>;
}

// ---------------------------------------------------------------- reading

export interface CandidateView {
  /** `<writer>:<seq>`, what `resolve` takes. */
  readonly id: string;
  /** undefined = removed. */
  readonly value: JsonValue | undefined;
  readonly agent: string;
  readonly at: number;
  /** Written here and not yet in the shared document. */
  readonly queued: boolean;
}

export interface ReadAnswer {
  readonly path: string;
  readonly value: JsonValue | undefined;
  /** What this read showed, per key: hand it to the write that is based on it. */
  readonly basis: Readonly<Record<string, Basis>>;
  /** More than one when values conflict; the winner first. Empty for whole sections. */
  readonly candidates: readonly CandidateView[];
  readonly conflict: boolean;
}

export interface ConflictView {
  readonly key: string;
  readonly path: string;
  readonly candidates: readonly CandidateView[];
  readonly detectedAt: number;
  readonly type: string;
  readonly strategy: string;
  /** Decides for a candidate (by id) or for another value. A recorded write that can be undone. */
  resolve(choice: string | { readonly value: JsonValue | undefined }, reason?: string): Receipt;
}

export interface ChangedItem {
  readonly key: string;
  readonly path: string;
  readonly value: JsonValue | undefined;
  readonly agent: string;
  readonly at: number;
  readonly level: SyncLevelName;
  readonly own: boolean;
  readonly conflict: boolean;
}

/** Position in the local order of arrival; valid only for the store that made it. `<store id>.<arrival>.<log>` */
export type Cursor = string;

export interface PullRequest {
  readonly sections?: readonly string[];
  /** A cursor, a time (ms or ISO 8601), or nothing: what this agent has not pulled yet. */
  readonly since?: Cursor | number;
  /** Keep the reader's own position where it is. */
  readonly peek?: boolean;
}

export interface PullAnswer {
  readonly cursor: Cursor;
  readonly changes: readonly ChangedItem[];
  /** The current value of each requested section in which something changed. */
  readonly sections: Readonly<Record<string, JsonValue>>;
  /** True when the cursor was made by another store: everything is sent. */
  readonly reset: boolean;
}

export interface BriefingItem {
  readonly rank: number;
  readonly level: SyncLevelName;
  readonly kind: "conflict" | "question" | "handover" | "blocked" | "task" | "decision" | "note" | "phase" | "other";
  readonly path: string;
  readonly text: string;
  readonly agent: string;
  readonly at: number;
}

export interface Briefing {
  readonly text: string;
  readonly items: readonly BriefingItem[];
  /** Items that did not fit the budget. */
  readonly omitted: number;
  readonly cursor: Cursor;
}

// ---------------------------------------------------------------- pushing

export interface PushChange {
  readonly path: string;
  readonly to: JsonValue | undefined;
  /** Compared with the current value; `undefined` present as own property means "expected to be absent". */
  readonly from?: JsonValue | undefined;
}

export interface PushRequest {
  readonly changes: readonly PushChange[];
  readonly level?: SyncLevelName;
  readonly reason?: string;
}

export interface PushAnswer {
  readonly path: string;
  readonly answer: "applied" | "proposed" | "conflict" | "refused";
  readonly code: string | undefined;
  readonly detail: string | undefined;
  /** With `conflict`: the value that stands, and whose it is. */
  readonly other: { readonly value: JsonValue | undefined; readonly agent: string; readonly at: number } | undefined;
  readonly receipt: Receipt | undefined;
}

// ---------------------------------------------------------------- typed entities

export interface TaskFields {
  readonly title?: string;
  readonly status?: "pending" | "in_progress" | "completed" | "cancelled";
  readonly owner?: string;
  readonly priority?: string;
  readonly summary?: string;
  readonly result?: string;
  /** Unknown fields survive. */
  readonly [field: string]: JsonValue | undefined;
}

export interface TaskItem {
  readonly id: string;
  readonly list: "active" | "completed" | "blocked";
  readonly status: string;
  readonly title: string | undefined;
  readonly owner: string | undefined;
  /** Every field as exported. */
  readonly fields: Readonly<Record<string, JsonValue>>;
  readonly conflicts: readonly string[];
}

export interface TaskFilter {
  readonly status?: string;
  readonly owner?: string;
}

export interface WriteOptions {
  readonly level?: SyncLevelName;
  /** What the caller was shown. Without it the typed operation reads first. */
  readonly basis?: Readonly<Record<string, Basis>>;
  readonly reason?: string;
}

/** A value that stays current: read `.value`, subscribe, or iterate. */
export interface LiveQuery<T> extends AsyncIterable<T> {
  readonly value: T;
  /** Called at once with the current value and after every change of it. */
  subscribe(listener: (value: T) => void): Unsubscribe;
}

export interface TasksApi {
  add(task: TaskFields & { readonly id?: string }, options?: WriteOptions): Receipt;
  list(filter?: TaskFilter): readonly TaskItem[];
  get(id: string): TaskItem | undefined;
  update(id: string, fields: TaskFields, options?: WriteOptions): Receipt;
  done(id: string, result?: { readonly summary?: string; readonly result?: string }, options?: WriteOptions): Receipt;
  block(id: string, blocker: { readonly reason: string; readonly owner?: string }, options?: WriteOptions): Receipt;
  /** Without a reason every blocker goes. */
  unblock(id: string, reason?: string, options?: WriteOptions): Receipt;
  reopen(id: string, options?: WriteOptions): Receipt;
  remove(id: string, options?: WriteOptions): Receipt;
  live(filter?: TaskFilter): LiveQuery<readonly TaskItem[]>;
}

export interface NewDecision {
  readonly decision: string;
  readonly id?: string;
  readonly type?: string;
  readonly rationale?: string;
  readonly impact?: readonly string[];
  readonly level?: SyncLevelName;
  readonly [field: string]: JsonValue | undefined;
}

export type Item = Readonly<Record<string, JsonValue>>;

export interface DecisionsApi {
  add(decision: NewDecision, options?: WriteOptions): Receipt;
  list(): readonly Item[];
  live(): LiveQuery<readonly Item[]>;
}

export interface NewQuestion {
  readonly question: string;
  readonly to?: string;
  readonly context?: string;
  readonly priority?: string;
  readonly id?: string;
  readonly [field: string]: JsonValue | undefined;
}

export interface QuestionsApi {
  ask(question: NewQuestion, options?: WriteOptions): Receipt;
  answer(id: string, answer: string, options?: WriteOptions): Receipt;
  list(filter?: { readonly pending?: boolean; readonly to?: string }): readonly Item[];
  live(): LiveQuery<readonly Item[]>;
}

export interface NewHandover {
  readonly to: string;
  readonly document?: string;
  readonly summary?: string;
  readonly id?: string;
  readonly [field: string]: JsonValue | undefined;
}

export interface HandoversApi {
  add(handover: NewHandover, options?: WriteOptions): Receipt;
  acknowledge(id: string, options?: WriteOptions): Receipt;
  list(): readonly Item[];
}

export interface NotesApi {
  add(text: string, options?: WriteOptions): Receipt;
  /** By its text or its id. */
  remove(note: string, options?: WriteOptions): Receipt;
  list(): readonly string[];
}

export interface DependencyChange {
  readonly name: string;
  readonly version?: string;
  readonly from?: string;
  readonly to?: string;
  readonly reason?: string;
}

export interface DependenciesApi {
  add(dependency: DependencyChange, options?: WriteOptions): Receipt;
  remove(dependency: DependencyChange, options?: WriteOptions): Receipt;
  update(dependency: DependencyChange, options?: WriteOptions): Receipt;
}

export interface SignificantChange {
  readonly file: string;
  readonly type: string;
  readonly description?: string;
}

export interface CodeApi {
  setSummary(summary: Readonly<Record<string, number>>, options?: WriteOptions): Receipt;
  addSignificant(changes: readonly SignificantChange[], options?: WriteOptions): Receipt;
}

export interface ArchitectureApi {
  set(fields: Readonly<Record<string, JsonValue>>, options?: WriteOptions): Receipt;
}

export interface ConflictsApi {
  list(): readonly ConflictView[];
  /** By key or path; the choice is a candidate id or a value. */
  resolve(
    target: string,
    choice: string | { readonly value: JsonValue | undefined },
    reason?: string,
    options?: WriteOptions,
  ): Receipt;
  /** Takes back a resolution: its losers stand beside its value again. `id` is `<writer>:<seq>`. */
  undo(id: string): Receipt;
}

// ---------------------------------------------------------------- history, sync, metrics

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

// ---------------------------------------------------------------- status

export type RelayState = "idle" | "dialing" | "hello" | "checking" | "syncing" | "live" | "waiting" | "stopped";

export interface RelayStatus {
  readonly url: string;
  readonly state: RelayState;
  /** What answered: ours, a stock y-websocket server, or not known yet. */
  readonly kind: "context-mesh" | "stock" | "unknown";
  readonly relayId: string | undefined;
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
    readonly bytes: number;
  };
  readonly conflicts: number;
  readonly digest: string;
  readonly fingerprint: string;
  /** Yjs state vector by client id in base 36. */
  readonly vector: Readonly<Record<string, number>>;
  readonly agents: readonly { readonly id: string; readonly roles: readonly string[]; readonly seenMsAgo: number }[];
  readonly alerts: readonly Alert[];
  readonly metrics: SyncMetricsView;
}

// ---------------------------------------------------------------- archive, snapshots, leaving

export interface ArchiveRules {
  /** Completed tasks and decisions older than this many days. */
  readonly days?: number;
  /** Keep at most this many completed tasks, and as many decisions. */
  readonly count?: number;
  /** Keep the live document below this size. */
  readonly liveBytes?: number;
}

export interface ArchiveReport {
  readonly tasks: number;
  readonly decisions: number;
  readonly liveBytesBefore: number;
  readonly liveBytesAfter: number;
  /** False: the copies are written, the live ones go once a relay has the copies on disk. */
  readonly complete: boolean;
  readonly receipt: Receipt;
}

export interface ArchivedItem {
  readonly kind: "task" | "decision";
  readonly id: string;
  readonly fields: Item;
  readonly archivedAt: number;
}

export interface ArchiveApi {
  run(rules?: ArchiveRules, options?: { readonly timeoutMs?: number }): Promise<ArchiveReport>;
  get(id: string): Promise<ArchivedItem | undefined>;
  search(text: string): Promise<readonly ArchivedItem[]>;
  /** Brings an archived task back into the live context. */
  reopen(id: string): Promise<Receipt>;
}

export interface SnapshotInfo {
  readonly id: string;
  readonly at: number;
  readonly label: string;
  readonly bytes: number;
}

export interface ImportReport {
  readonly written: number;
  readonly removed: number;
  readonly receipt: Receipt;
}

export interface LeaveReport {
  /** Writes that no relay is known to have. They stay in the store. */
  readonly unsent: number;
  readonly keys: readonly string[];
  readonly paths: readonly string[];
}

// ---------------------------------------------------------------- events and the node itself

export interface IntegrityReport {
  readonly kind: string;
  readonly detail: string;
  readonly at: number;
}

export interface MeshEvents {
  conflict: ConflictView;
  /** After local or remote changes, once per transaction. */
  change: { readonly paths: readonly string[]; readonly keys: readonly string[]; readonly local: boolean };
  status: MeshStatus;
  relay: RelayStatus;
  presence: PresenceView;
  integrity: IntegrityReport;
  alert: Alert;
}

export interface Mesh {
  readonly room: string;
  readonly agent: AgentInfo;
  readonly tasks: TasksApi;
  readonly decisions: DecisionsApi;
  readonly questions: QuestionsApi;
  readonly handovers: HandoversApi;
  readonly notes: NotesApi;
  readonly dependencies: DependenciesApi;
  readonly code: CodeApi;
  readonly architecture: ArchitectureApi;
  readonly conflicts: ConflictsApi;
  readonly archive: ArchiveApi;
  readonly presence: PresenceView;

  phase(phase: string, options?: WriteOptions): Receipt;
  get(path: string): ReadAnswer;
  live(path: string): LiveQuery<JsonValue | undefined>;
  push(request: PushRequest): readonly PushAnswer[];
  pull(request?: PullRequest): PullAnswer;
  briefing(options?: {
    readonly budgetTokens?: number;
    readonly since?: Cursor | number;
    readonly peek?: boolean;
  }): Briefing;
  /** RFC 6902 operations on the exported context. */
  patch(operations: readonly JsonValue[], options?: WriteOptions): readonly PushAnswer[];
  import(
    context: SharedContext,
    options?: { readonly replace?: boolean; readonly level?: SyncLevelName },
  ): ImportReport;
  export(): SharedContext;
  snapshot(label?: string): SnapshotInfo;
  snapshots(): readonly SnapshotInfo[];
  restore(snapshotId: string): ImportReport | undefined;
  /** Values written, newest first. */
  history(options?: { readonly last?: number; readonly path?: string }): readonly HistoryItem[];
  diff(from: Cursor | number, to?: Cursor | number): readonly DiffItem[];
  /** Takes back the last `n` own operations, newest first, as new writes. */
  undo(n?: number): readonly Receipt[];
  queue(): readonly QueueItem[];
  receipt(id: string): Receipt | undefined;
  sync(request?: SyncRequest): Promise<SyncReport>;
  /** Newest first. */
  syncLog(last?: number): readonly SyncLogItem[];
  metrics(): SyncMetricsView;
  status(): MeshStatus;
  /** Re-reads and checks the store and the replica. */
  verify(): { readonly ok: boolean; readonly problems: readonly string[]; readonly digest: string };
  on<K extends keyof MeshEvents>(name: K, listener: (event: MeshEvents[K]) => void): Unsubscribe;
  /** Tries to send what waits for `flushMs` (default 2,000), then closes everything. Safe to call twice. */
  leave(options?: { readonly flushMs?: number }): Promise<LeaveReport>;
}

// ---------------------------------------------------------------- joining

export interface JoinOptions {
  readonly room?: string;
  readonly agent?:
    | string
    | { readonly id: string; readonly roles?: readonly string[]; readonly groups?: readonly string[] };
  readonly relays?: readonly string[];
  /** The project folder's `.context-mesh`, or any other folder. */
  readonly storage?: string;
  readonly mode?: SyncMode;
  readonly token?: string;
  readonly readOnly?: boolean;
  /** Where `.context-mesh` is looked for; default: the process's working directory. */
  readonly cwd?: string;
  /** False: open the store and stay offline. */
  readonly connect?: boolean;
}
