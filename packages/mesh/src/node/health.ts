/** The node's health, looked at every minute and when something goes wrong; alerts are raised and cleared once. */

import { Emitter, type Timer } from "@context-mesh/common";
import {
  type Alert,
  evaluateHealth,
  type HealthSample,
  type HealthThresholds,
  type SyncMetrics,
  updateAlerts,
} from "@context-mesh/coordination";
import type { ConflictWatch } from "./conflict-watch.ts";
import type { NodeCore } from "./core.ts";

export interface HealthEvents {
  raised: Alert;
  cleared: Alert;
}

export interface HealthOptions {
  readonly core: NodeCore;
  readonly conflicts: ConflictWatch;
  readonly thresholds: HealthThresholds;
  readonly metrics: () => SyncMetrics;
}

const checkEveryMs = 60_000;
/** Events that come together are one reason to look. */
const soonMs = 250;
const integrityEveryMs = 60 * 60_000;

/** Told, and not counted: the node has dealt with them already. */
const harmless: ReadonlySet<string> = new Set([
  "incarnation_renewed",
  "relay_behind",
  "digest_mended",
  "digest_ours_is_right",
  "digest_undecided",
]);

export class Health extends Emitter<HealthEvents> {
  readonly #options: HealthOptions;
  readonly #timers: Timer[] = [];
  #alerts: readonly Alert[] = [];
  #reachedMs: number;
  #soon: Timer | undefined;
  #integrityEvents = 0;

  constructor(options: HealthOptions) {
    super(options.core.options.logger);
    this.#options = options;
    this.#reachedMs = options.core.options.clock.monotonicMs();
  }

  get alerts(): readonly Alert[] {
    return this.#alerts;
  }

  start(): void {
    const { core } = this.#options;
    const { clock } = core.options;
    this.#reachedMs = clock.monotonicMs();
    core.on("integrity", ({ code }) => {
      if (harmless.has(code)) return;
      this.#integrityEvents += 1;
      this.check();
    });
    this.#timers.push(clock.every(checkEveryMs, () => this.check()));
    this.#timers.push(clock.every(integrityEveryMs, () => this.checkIntegrity()));
  }

  stop(): void {
    for (const timer of this.#timers.splice(0)) timer.cancel();
    this.#soon?.cancel();
  }

  /** Something happened that may matter. The minute's timer is for what only grows old. */
  checkSoon(): void {
    this.#soon ??= this.#options.core.options.clock.after(soonMs, () => {
      this.#soon = undefined;
      this.check();
    });
  }

  check(): void {
    const { core, thresholds } = this.#options;
    if (!core.replicas.isLoaded) return;
    const change = updateAlerts(this.#alerts, evaluateHealth(this.#sample(), thresholds), core.options.clock.wallMs());
    this.#alerts = change.alerts;
    for (const alert of change.raised) this.emit("raised", alert);
    for (const alert of change.cleared) this.emit("cleared", alert);
  }

  /** Store and replica checked against each other; a good check clears what was counted before. */
  checkIntegrity(): readonly string[] {
    const problems = this.#options.core.verify();
    this.#integrityEvents = problems.length;
    this.check();
    return problems;
  }

  #sample(): HealthSample {
    const { core, conflicts, metrics } = this.#options;
    const { clock, store } = core.options;
    const { queue, view } = core.replicas;
    const health = store.health();
    const nowMs = clock.monotonicMs();
    if (core.links.length === 0 || core.links.some((link) => link.isChecked)) this.#reachedMs = nowMs;
    const { totalToday, failuresToday, p95Ms, contextBytes } = metrics();
    const atMs = clock.wallMs();
    return {
      oldestQueuedMs: Math.max(0, atMs - (queue.oldestAt ?? atMs)),
      queuedBytes: queue.bytes,
      unreachableMs: nowMs - this.#reachedMs,
      storeBytes: health.bytes,
      storeProblems: health.problems,
      contextBytes,
      conflictsLastHour: conflicts.lastHour,
      conflictsOpen: view.conflictCount(),
      p95SyncMs: p95Ms,
      failureShare: totalToday < 5 ? 0 : failuresToday / totalToday,
      integrityEvents: this.#integrityEvents,
    };
  }
}
