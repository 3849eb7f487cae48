/** The node's status as one object: what `mesh.status()` returns and what the store keeps for commands that load nothing. */

import { type JsonValue, utf8 } from "@context-mesh/common";
import { syncMetrics } from "@context-mesh/coordination";
import type { ContextView } from "@context-mesh/document";
import type { Alert, MeshStatus, SyncMetricsView } from "../api/types.ts";
import { unconfirmedOf } from "./confirmation.ts";
import type { NodeCore } from "./core.ts";
import { relayStatus } from "./relay-status.ts";

/** Today's syncs are counted over this many records of the log. */
const metricsRecordsMax = 2_000;
/** Days begin at a multiple of this, in every time zone. */
const dayPartMs = 15 * 60_000;

export class StatusReader {
  readonly #core: NodeCore;
  readonly #room: string;
  readonly #compress: ((bytes: Uint8Array) => Uint8Array) | undefined;
  #measured: { readonly context: unknown; readonly bytes: number } | undefined;
  #metrics: { readonly key: string; readonly metrics: SyncMetricsView } | undefined;
  #ratio: { readonly ofBytes: number; readonly ratio: number } | undefined;

  constructor(core: NodeCore, room: string, compress: ((bytes: Uint8Array) => Uint8Array) | undefined) {
    this.#core = core;
    this.#room = room;
    this.#compress = compress;
  }

  /** Size of the context as JSON; measured once for each state of it. */
  contextBytes(): number {
    const context = this.#core.replicas.view.context();
    if (this.#measured?.context !== context) {
      this.#measured = { context, bytes: utf8(JSON.stringify(context)).length };
    }
    return this.#measured.bytes;
  }

  /** Worked out again only when something was synced, or a day may have ended: idle nodes are asked for this too. */
  metrics(): SyncMetricsView {
    const { replicas, syncLog, options } = this.#core;
    const nowMs = options.clock.wallMs();
    const newest = replicas.store.view((view) => view.syncLog(1));
    const key = JSON.stringify([newest, syncLog.unsaved.length, syncLog.unsaved.at(-1), Math.floor(nowMs / dayPartMs)]);
    const contextBytes = this.contextBytes();
    const compressionRatio = this.#compressionRatio();
    if (this.#metrics?.key !== key) {
      const saved = replicas.store.view((view) => view.syncLog(metricsRecordsMax));
      const records = [...saved, ...syncLog.unsaved];
      this.#metrics = { key, metrics: syncMetrics({ records, nowMs, contextBytes, compressionRatio }) };
    }
    return { ...this.#metrics.metrics, contextBytes, compressionRatio };
  }

  status(alerts: readonly Alert[]): MeshStatus {
    const { options, replicas, links, isConnected, isStarted } = this.#core;
    const { replica, view, identity, queue } = replicas;
    const { agent, mode, readOnly, clock, store } = options;
    const health = store.health();
    const at = clock.wallMs();
    const { durability, condition, location, bytes, problems } = health;
    return {
      v: 1,
      at,
      room: this.#room,
      agent,
      mode,
      readOnly,
      loaded: replicas.isLoaded,
      running: isStarted,
      connected: isConnected,
      writer: identity.writer,
      incarnation: identity.incarnation,
      store: { id: store.storeId, location, durability, condition, bytes, problems },
      relays: links.map((link) => relayStatus(this.#core, link)),
      queued: { count: queue.size, bytes: queue.bytes, oldestMs: Math.max(0, at - (queue.oldestAt ?? at)) },
      unconfirmed: unconfirmedOf(this.#core),
      context: this.#counts(view),
      conflicts: view.conflictCount(),
      digest: replica.digest(),
      fingerprint: replica.fingerprint(),
      vector: Object.fromEntries([...replica.vector()].map(([client, clock]) => [client.toString(36), clock])),
      agents: this.#core.presence
        .list()
        .map((peer) => ({ id: peer.agent, roles: peer.roles, seenMsAgo: peer.seenMsAgo })),
      alerts,
      incidents: this.#core.incidents.list(),
      metrics: this.metrics(),
    };
  }

  #counts(view: ContextView): MeshStatus["context"] {
    const phase = view.section("project_state.current_phase");
    const archived = view.archivedCounts();
    return {
      phase: typeof phase === "string" ? phase : undefined,
      active: view.table.count("t", "active"),
      completed: view.table.count("t", "completed"),
      blocked: view.table.count("t", "blocked"),
      decisions: view.decisions().length,
      questions: view.questions("pending").length,
      notes: view.notes().length,
      archived: archived.tasks + archived.decisions,
      bytes: this.contextBytes(),
    };
  }

  /** Measured again when the context has grown or shrunk by a tenth. */
  #compressionRatio(): number | undefined {
    if (this.#compress === undefined) return undefined;
    const ofBytes = this.contextBytes();
    if (this.#ratio !== undefined && Math.abs(this.#ratio.ofBytes - ofBytes) < ofBytes / 10) return this.#ratio.ratio;
    const state = this.#core.replicas.replica.encode();
    this.#ratio = { ofBytes, ratio: state.length === 0 ? 1 : this.#compress(state).length / state.length };
    return this.#ratio.ratio;
  }
}

/** The status as a value of the store: without what is undefined. */
export const statusAsJson = (status: MeshStatus): JsonValue => JSON.parse(JSON.stringify(status)) as JsonValue;
