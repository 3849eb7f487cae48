/** A node with its public face: the engine, the typed fronts over it, and what is told about it. */

import {
  Emitter,
  type JsonValue,
  orThrow,
  type Startable,
  Starter,
  type Unsubscribe,
  untilAborted,
} from "@context-mesh/common";
import { defaultHealthThresholds } from "@context-mesh/coordination";
import { exportContext } from "@context-mesh/document";
import type { SharedContext } from "@context-mesh/schema";
import { agentsApi } from "../agents/agents-api.ts";
import type {
  AgentInfo,
  Briefing,
  ChangedItem,
  Cursor,
  DiffItem,
  HistoryItem,
  ImportReport,
  LeaveOptions,
  LeaveReport,
  LiveQuery,
  Mesh,
  MeshEvents,
  MeshStatus,
  OutgoingMessage,
  PullAnswer,
  PullRequest,
  PushAnswer,
  PushRequest,
  QueueItem,
  ReadAnswer,
  Receipt,
  RelayStatus,
  RollbackReport,
  RollbackRequest,
  RoomMessage,
  SendAnswer,
  SnapshotInfo,
  SyncLogItem,
  SyncMetricsView,
  SyncReport,
  SyncRequest,
  TrialReport,
  TrialRequest,
  Waiting,
  WriteOptions,
} from "../api/types.ts";
import { ArchiveRunner } from "../archive/archive-runner.ts";
import { Claims } from "../claims/claims.ts";
import { proposalsApi } from "../claims/proposals-api.ts";
import { Reservations } from "../claims/reservations.ts";
import { jobsApi } from "../jobs/jobs-api.ts";
import { Messages } from "../messages/messages.ts";
import { MeshMonitor } from "../monitor/mesh-monitor.ts";
import { conflictsApi } from "../operate/conflicts-api.ts";
import { Desk } from "../operate/desk.ts";
import { decisionsApi, handoversApi, notesApi, questionsApi } from "../operate/entries-api.ts";
import { type ImportRequest, importInto, listSnapshots, restoreSnapshot, takeSnapshot } from "../operate/exchange.ts";
import { patch, push } from "../operate/push.ts";
import { rollBack } from "../operate/rollback.ts";
import { statusesApi } from "../operate/statuses-api.ts";
import { taskActs } from "../operate/task-acts.ts";
import { tasksApi } from "../operate/tasks-api.ts";
import { architectureApi, codeApi, dependenciesApi, phaseApi } from "../operate/technical-api.ts";
import { tryOut } from "../operate/trial.ts";
import { undoLast } from "../operate/undo.ts";
import { BasisMemory } from "../read/basis-memory.ts";
import { latestChanges } from "../read/latest.ts";
import { Reader } from "../read/reader.ts";
import { saveBases } from "../read/save-bases.ts";
import { ConflictWatch } from "./conflict-watch.ts";
import type { NodeCore } from "./core.ts";
import { archiveOptionsOf, coreOf, pathOf } from "./core-of.ts";
import { Health } from "./health.ts";
import { flushForLeaving, Leaving } from "./leave.ts";
import { nodeSteps } from "./node-steps.ts";
import type { NodeOptions } from "./options.ts";
import { relayStatus } from "./relay-status.ts";
import { StatusReader } from "./status.ts";
import { StatusRow } from "./status-row.ts";
import { runSync } from "./sync-run.ts";
import { tellEvents } from "./tell-events.ts";

export class MeshNode implements Mesh, Startable {
  readonly room: string;
  readonly agent: AgentInfo;
  readonly core: NodeCore;
  readonly tasks: Mesh["tasks"];
  readonly decisions: Mesh["decisions"];
  readonly questions: Mesh["questions"];
  readonly handovers: Mesh["handovers"];
  readonly notes: Mesh["notes"];
  readonly dependencies: Mesh["dependencies"];
  readonly code: Mesh["code"];
  readonly architecture: Mesh["architecture"];
  readonly conflicts: Mesh["conflicts"];
  readonly proposals: Mesh["proposals"];
  readonly reservations: Reservations;
  readonly agents: Mesh["agents"];
  readonly statuses: Mesh["statuses"];
  readonly jobs: ReturnType<typeof jobsApi>;

  readonly phase: Mesh["phase"];
  readonly #desk: Desk;
  readonly #claims: Claims;
  readonly #messages: Messages;
  readonly #memory = new BasisMemory();
  readonly #reader: Reader;
  readonly #events: Emitter<MeshEvents>;
  readonly #conflictWatch: ConflictWatch;
  readonly #statusReader: StatusReader;
  readonly #statusRow: StatusRow;
  readonly #health: Health;
  readonly #monitor: MeshMonitor;
  readonly archive: ArchiveRunner;
  readonly #starter: Starter;
  readonly #afterStop: (() => void)[] = [];
  readonly #leaving = new Leaving((options) => this.#leave(options));

  constructor(options: NodeOptions) {
    this.room = options.room;
    this.core = coreOf(options, pathOf(options.room));
    this.agent = this.core.options.agent;
    this.#events = new Emitter<MeshEvents>(options.logger);
    this.#claims = new Claims(this.core, this.#events);
    const desk = new Desk(this.core, this.#claims);
    this.#desk = desk;
    const acts = taskActs(desk, this.#claims);
    this.tasks = tasksApi(desk, this.#claims, acts);
    this.proposals = proposalsApi(desk);
    this.reservations = new Reservations(this.#claims.room, this.#events);
    this.decisions = decisionsApi(desk);
    this.questions = questionsApi(desk);
    this.handovers = handoversApi(desk);
    this.notes = notesApi(desk);
    this.dependencies = dependenciesApi(desk);
    this.code = codeApi(desk);
    this.architecture = architectureApi(desk);
    this.conflicts = conflictsApi(desk);
    this.agents = agentsApi(desk);
    this.statuses = statusesApi(desk);
    this.#claims.equip({
      ...acts,
      tellHandover: (task, to, options) => {
        this.handovers.add({ to, task, ...options });
      },
    });
    this.jobs = jobsApi(desk);
    this.phase = phaseApi(desk);
    this.archive = new ArchiveRunner(desk, archiveOptionsOf(options, this.core.options));
    this.#reader = new Reader(desk, this.#memory);
    this.#conflictWatch = new ConflictWatch(options.clock);
    this.#statusReader = new StatusReader(this.core, options.room, options.compress);
    this.#statusRow = new StatusRow(
      this.core,
      () => this.status(),
      (status) => this.#events.emit("status", status),
    );
    this.#health = new Health({
      core: this.core,
      conflicts: this.#conflictWatch,
      thresholds: { ...defaultHealthThresholds, ...options.health },
      metrics: () => this.metrics(),
    });
    this.#messages = new Messages({
      core: this.core,
      agents: this.agents,
      onArrived: (waiting) => this.#events.emit("message", { waiting }),
      onDelivery: (notice) => this.#events.emit("delivery", notice),
    });
    this.#monitor = new MeshMonitor(this.core, this.#events, options.monitorWindowMs);
    this.core.presence.sayFigures(() => this.metrics());
    const { core, archive } = this;
    const steps = nodeSteps({
      core,
      archive,
      health: this.#health,
      statusRow: this.#statusRow,
      beginReading: () => this.#beginReading(),
      beginJobs: () => () => this.jobs.stop(),
      beginMonitor: () => this.#beginMonitor(),
      beginMessages: () => this.#messages.start(),
      beginClaims: () => this.#beginClaims(),
    });
    this.#starter = new Starter({ clock: options.clock, steps });
  }

  get monitor(): Mesh["monitor"] {
    return this.#monitor.stream;
  }

  get presence(): Mesh["presence"] {
    return this.core.presence;
  }

  /** Of everybody, newest first: for who looks on. */
  roomMessages(last: number): readonly RoomMessage[] {
    return this.#messages.everybodys(last);
  }

  /** The values written last, newest first, whoever wrote them and whenever they came. */
  latest(count: number): readonly ChangedItem[] {
    return latestChanges(this.core.replicas.view, count, this.agent.id);
  }

  get inbox(): Mesh["inbox"] {
    return this.#messages;
  }

  send(message: OutgoingMessage, { signal }: Waiting = {}): Promise<SendAnswer> {
    return untilAborted(signal, () => this.#messages.send(message));
  }

  sendAll(messages: readonly OutgoingMessage[], { signal }: Waiting = {}): Promise<readonly SendAnswer[]> {
    return untilAborted(signal, () => this.#messages.sendAll(messages));
  }

  async start(): Promise<void> {
    const report = orThrow(await this.#starter.start());
    this.core.options.logger.debug(
      { tookMs: report.tookMs, steps: report.steps.map(({ name, tookMs }) => [name, tookMs]) },
      "started",
    );
  }

  /** Runs once when everything is closed: for what belongs to the caller, such as the store. */
  onStopped(then: () => void): void {
    this.#afterStop.push(then);
  }

  /** Closes everything without trying to send. `leave` is the polite way. */
  async stop(): Promise<void> {
    try {
      await this.#starter.stop();
    } finally {
      this.#events.clear();
      for (const then of this.#afterStop.splice(0)) then();
    }
  }

  get(path: string): ReadAnswer {
    return this.#reader.get(path);
  }

  live(path: string): LiveQuery<JsonValue | undefined> {
    return this.#reader.live(path);
  }

  push(request: PushRequest): readonly PushAnswer[] {
    return push(this.#desk, this.#memory, request);
  }

  pull(request: PullRequest = {}): PullAnswer {
    return this.#reader.pull(request);
  }

  briefing(options: Parameters<Mesh["briefing"]>[0] = {}): Briefing {
    return this.#reader.briefing(options);
  }

  patch(operations: readonly JsonValue[], options?: WriteOptions): readonly PushAnswer[] {
    return patch(this.#desk, operations, options);
  }

  import(context: SharedContext, options: ImportRequest = {}): ImportReport {
    return importInto(this.#desk, context, options);
  }

  export(): SharedContext {
    return exportContext(this.#desk.view);
  }

  snapshot(label = ""): SnapshotInfo {
    return takeSnapshot(this.#desk, label);
  }

  snapshots(): readonly SnapshotInfo[] {
    return listSnapshots(this.#desk);
  }

  rollback(request: RollbackRequest): RollbackReport {
    return rollBack(this.#desk, request, (place) => this.#reader.contextAt(place));
  }

  trial(request: TrialRequest): Promise<TrialReport> {
    return tryOut(this.#desk, request);
  }

  restore(snapshotId: string): ImportReport | undefined {
    return restoreSnapshot(this.#desk, snapshotId);
  }

  history(options: { readonly last?: number; readonly path?: string } = {}): readonly HistoryItem[] {
    return this.#reader.history(options);
  }

  diff(from: Cursor | number, to?: Cursor | number): readonly DiffItem[] {
    return this.#reader.diff(from, to);
  }

  undo(n = 1): readonly Receipt[] {
    return undoLast(this.#desk, n);
  }

  queue(): readonly QueueItem[] {
    return this.#reader.queue();
  }

  receipt(id: string): Receipt | undefined {
    return this.core.receipts.byId(id);
  }

  sync(request: SyncRequest = {}): Promise<SyncReport> {
    return runSync(this.core, request, () => this.export());
  }

  syncLog(last = 10): readonly SyncLogItem[] {
    const { replicas, syncLog } = this.core;
    syncLog.save();
    return replicas.store.view((view) => view.syncLog(last));
  }

  metrics(): SyncMetricsView {
    return this.#statusReader.metrics();
  }

  relays(): readonly RelayStatus[] {
    return this.core.links.map((link) => relayStatus(this.core, link));
  }

  status(): MeshStatus {
    return this.#statusReader.status(this.#health.alerts);
  }

  verify(): { readonly ok: boolean; readonly problems: readonly string[]; readonly digest: string } {
    const problems = this.#health.checkIntegrity();
    return { ok: problems.length === 0, problems, digest: this.core.replicas.replica.digest() };
  }

  on<K extends keyof MeshEvents>(name: K, listener: (event: MeshEvents[K]) => void): Unsubscribe {
    return this.#events.on(name, listener);
  }

  leave(options: LeaveOptions = {}): Promise<LeaveReport> {
    return this.#leaving.begin(options);
  }

  async #leave(options: LeaveOptions): Promise<LeaveReport> {
    this.#messages.flush();
    const report = await flushForLeaving(this.core, options, () => !this.#claims.isGivingBack);
    await this.stop();
    return report;
  }

  #beginReading(): () => void {
    this.#conflictWatch.loaded(this.core.replicas.view);
    tellEvents({
      core: this.core,
      desk: this.#desk,
      events: this.#events,
      conflicts: this.#conflictWatch,
      health: this.#health,
      touch: () => this.#statusRow.touch(),
      archiveSoon: () => this.archive.runSoon(),
    });
    return () => saveBases(this.core, this.#memory);
  }

  /** Health is looked at when something happened, and alerts are events themselves. */
  #beginMonitor(): () => void {
    this.#monitor.start();
    this.#health.on("cleared", (alert) => this.#monitor.alert(alert, false));
    const isCause = { types: ["system_event", "error_alert"], severityMin: "warning" } as const;
    this.#monitor.stream.on({ name: "health", ...isCause, handle: () => this.#health.checkSoon() });
    return () => this.#monitor.stop();
  }

  #beginClaims(): () => Promise<void> {
    this.#claims.start();
    const endReservations = this.reservations.start();
    return async () => {
      endReservations();
      await this.#claims.stop();
    };
  }
}

export const createNode = (options: NodeOptions): MeshNode => new MeshNode(options);
