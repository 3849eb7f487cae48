/**
 * The public face of a node, as types: what `join()` gives and everything its methods take and return.
 *
 * Times are milliseconds since 1970 unless a name says otherwise. A path is the form of the schema
 * (`project_state.active_tasks[task-123].status`). Expected failures are values; what waits takes an AbortSignal.
 */

import type { JsonValue, Unsubscribe } from "@context-mesh/common";
import type { EventStream } from "@context-mesh/coordination";
import type { SharedContext } from "@context-mesh/schema";
import type { AgentsApi } from "./agent-types.ts";
import type { AgentInfo, SyncLevelName, SyncMode, Waiting } from "./basic-types.ts";
import type { ClaimsApi, LeaseLoss, ProposalsApi, ReservationsApi } from "./claim-types.ts";
import type {
  ArchitectureApi,
  CodeApi,
  ConflictsApi,
  DecisionsApi,
  DependenciesApi,
  HandoversApi,
  NotesApi,
  QuestionsApi,
  TasksApi,
  WriteOptions,
} from "./entity-types.ts";
import type { JobsApi } from "./job-types.ts";
import type { DeliveryNotice, InboxApi, OutgoingMessage, SendAnswer } from "./message-types.ts";
import type { PresenceView } from "./presence-types.ts";
import type {
  Briefing,
  ConflictView,
  Cursor,
  LiveQuery,
  PullAnswer,
  PullRequest,
  ReadAnswer,
} from "./reading-types.ts";
import type { PushAnswer, PushRequest, Receipt } from "./receipt-types.ts";
import type { RollbackReport, RollbackRequest, TrialReport, TrialRequest } from "./rollback-types.ts";
import type { StatusesApi } from "./shown-status-types.ts";
import type {
  Alert,
  DiffItem,
  HistoryItem,
  MeshStatus,
  QueueItem,
  RelayStatus,
  SyncLogItem,
  SyncMetricsView,
  SyncReport,
  SyncRequest,
} from "./status-types.ts";
import type { ArchiveApi, ImportReport, LeaveOptions, LeaveReport, SnapshotInfo } from "./upkeep-types.ts";

export type * from "./agent-types.ts";
export type * from "./basic-types.ts";
export type * from "./claim-types.ts";
export type * from "./entity-types.ts";
export type * from "./holder-types.ts";
export type * from "./job-types.ts";
export type * from "./message-types.ts";
export type * from "./presence-types.ts";
export type * from "./reading-types.ts";
export type * from "./receipt-types.ts";
export type * from "./rollback-types.ts";
export type * from "./shown-status-types.ts";
export type * from "./status-types.ts";
export type * from "./upkeep-types.ts";

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
  /** A lease of this node is over although its holder did not give it back. */
  claim_lost: LeaseLoss;
  /** Two reservations that exclude each other were made at once, and the own one yielded. */
  reservation_lost: { readonly resource: string; readonly winner: string; readonly by: string };
  /** Messages have come to the open inbox. */
  message: { readonly waiting: number };
  /** A recipient has come further with what this agent sent. */
  delivery: DeliveryNotice;
}

export interface Mesh {
  readonly room: string;
  readonly agent: AgentInfo;
  readonly tasks: TasksApi & ClaimsApi;
  readonly decisions: DecisionsApi;
  readonly questions: QuestionsApi;
  readonly handovers: HandoversApi;
  readonly notes: NotesApi;
  readonly dependencies: DependenciesApi;
  readonly code: CodeApi;
  readonly architecture: ArchitectureApi;
  readonly conflicts: ConflictsApi;
  readonly proposals: ProposalsApi;
  readonly reservations: ReservationsApi;
  readonly archive: ArchiveApi;
  readonly presence: PresenceView;
  readonly inbox: InboxApi;

  /** Resolves when this agent's disk has it (or, if it is not to be kept, when the recipient or a relay has taken it). */
  send(message: OutgoingMessage, options?: Waiting): Promise<SendAnswer>;
  /** Each as `send` would, and their answers in the same order: for many at once. */
  sendAll(messages: readonly OutgoingMessage[], options?: Waiting): Promise<readonly SendAnswer[]>;
  readonly agents: AgentsApi;
  /** Jobs whose state lives in the room. */
  readonly jobs: JobsApi;
  /** What happens, as typed events: handlers with filters, the latest events, metrics of your own. */
  readonly monitor: EventStream;
  readonly statuses: StatusesApi;

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
    options?: {
      readonly replace?: boolean;
      /** Only what has no value now: what was lost comes back, what was changed since stays. */
      readonly missingOnly?: boolean;
      readonly level?: SyncLevelName;
    },
  ): ImportReport;
  export(): SharedContext;
  snapshot(label?: string): SnapshotInfo;
  snapshots(): readonly SnapshotInfo[];
  restore(snapshotId: string): ImportReport | undefined;
  /** Everything, or some sections, as at an earlier point: new writes, a snapshot before, verified after. */
  rollback(request: RollbackRequest): RollbackReport;
  /** Work that is rolled back when its gate fails. */
  trial(request: TrialRequest): Promise<TrialReport>;
  /** Values written, newest first. */
  history(options?: { readonly last?: number; readonly path?: string }): readonly HistoryItem[];
  diff(from: Cursor | number, to?: Cursor | number): readonly DiffItem[];
  /** Takes back the last `n` own operations, newest first, as new writes. */
  undo(n?: number): readonly Receipt[];
  queue(): readonly QueueItem[];
  /** A receipt of this process, by its id; the last thousand are remembered. */
  receipt(id: string): Receipt | undefined;
  sync(request?: SyncRequest): Promise<SyncReport>;
  /** Newest first. */
  syncLog(last?: number): readonly SyncLogItem[];
  metrics(): SyncMetricsView;
  /** How the relays stand: the part of `status` that costs nothing to ask. */
  relays(): readonly RelayStatus[];
  status(): MeshStatus;
  /** Re-reads and checks the store and the replica. */
  verify(): { readonly ok: boolean; readonly problems: readonly string[]; readonly digest: string };
  on<K extends keyof MeshEvents>(name: K, listener: (event: MeshEvents[K]) => void): Unsubscribe;
  /** Tries to send what waits, then closes everything. Safe to call twice. */
  leave(options?: LeaveOptions): Promise<LeaveReport>;
}

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
