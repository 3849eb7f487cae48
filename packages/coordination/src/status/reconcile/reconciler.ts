/**
 * Keeps what is shown in step with what agents say: looks when a source changes, mends through the mesh what its turn is to
 * mend, looks again whether it helped, and raises an alert for what lasts. Several may run at once.
 */

import {
  type Clock,
  Emitter,
  type JsonObject,
  type Startable,
  type Timer,
  type Unsubscribe,
} from "@context-mesh/common";
import type { StatusSource } from "@context-mesh/ports";
import { type Alert, updateAlerts } from "../../monitoring/alerts.ts";
import type { ShownStatuses } from "../sources/document-source.ts";
import { type CaseByAgent, type MendingNews, nextDueMs, refuseCase, stepCases } from "./cases.ts";
import { ghostsIn, type HealthOptions } from "./health.ts";
import { type LastingDiscrepancy, lastingFindings, nextAlertMs, trackDiscrepancies } from "./lasting.ts";
import type { Mending } from "./mending.ts";
import { type StatusReport, statusReport } from "./report.ts";
import { type Validation, validateStatuses } from "./validate.ts";

interface WriteAnswer {
  readonly ok: boolean;
  readonly reason: string | undefined;
  readonly detail: string | undefined;
}

/** What everybody is shown, and how it is written. */
export interface StatusDisplay {
  list: ShownStatuses["list"];
  show(
    status: { readonly agent: string; readonly status: string; readonly evidence: JsonObject },
    options: { readonly reason: string },
  ): WriteAnswer;
  forget(agent: string, options: { readonly reason: string }): WriteAnswer;
}

export interface ReconcilerOptions extends Partial<Omit<HealthOptions, "nowMs">> {
  /** False: look and tell, write nothing. Default true. */
  readonly mends?: boolean;
  /** A discrepancy that stands this long raises an alert. Default 60 s. */
  readonly alertMs?: number;
  /** How long each reconciler leaves to the one before it. Default 3 s. */
  readonly turnMs?: number;
  /** Nothing is written before this has passed since the start: who else is here must be known. Default 2 s. */
  readonly startMs?: number;
  /** Ages change although nothing happens: everything is looked at this often. Default 30 s. */
  readonly lookMs?: number;
}

export interface ReconcilerParts {
  /** Name of this reconciler. */
  readonly self: string;
  readonly sources: readonly StatusSource[];
  readonly display: StatusDisplay;
  /** Names of the reconcilers that are here now. */
  readonly reconcilers: () => readonly string[];
  readonly clock: Clock;
  readonly options?: ReconcilerOptions;
}

export interface ReconcilerEvents {
  looked: Validation;
  news: MendingNews;
  raised: Alert;
  cleared: Alert;
}

const defaults = { mends: true, alertMs: 60_000, turnMs: 3_000, startMs: 2_000, lookMs: 30_000 } as const;

export class StatusReconciler implements Startable {
  readonly #parts: ReconcilerParts;
  readonly #options: typeof defaults & ReconcilerOptions;
  readonly #events = new Emitter<ReconcilerEvents>();
  readonly #ends: Unsubscribe[] = [];
  #timer: Timer | undefined;
  #looking: Promise<void> | undefined;
  #looksAgain = false;
  #isRunning = false;
  #startedMs = 0;
  #cases: CaseByAgent = new Map();
  #lasting: readonly LastingDiscrepancy[] = [];
  #alerts: readonly Alert[] = [];
  #validation: Validation = { ok: true, verdicts: [], agents: 0, differing: 0, failures: [] };

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
    this.#options = { ...defaults, ...parts.options } as typeof defaults & ReconcilerOptions;
  }

  on<K extends keyof ReconcilerEvents>(name: K, listener: (event: ReconcilerEvents[K]) => void): Unsubscribe {
    return this.#events.on(name, listener);
  }

  get alerts(): readonly Alert[] {
    return this.#alerts;
  }

  async start(): Promise<void> {
    this.#isRunning = true;
    this.#startedMs = this.#parts.clock.monotonicMs();
    for (const source of this.#parts.sources) this.#ends.push(source.watch(() => void this.look()));
    await this.look();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    for (const end of this.#ends.splice(0)) end();
    this.#timer?.cancel();
    await this.#looking;
    this.#events.clear();
  }

  /** Looks now, or once more after the look that is under way. */
  look(): Promise<void> {
    if (this.#looking !== undefined) {
      this.#looksAgain = true;
      return this.#looking;
    }
    this.#looking = this.#lookUntilCalm().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  report(): StatusReport {
    return statusReport(this.#validation, this.#alerts, this.#health());
  }

  /** Takes agents out of the display that gave no sign for very long and that no other source knows. */
  prune(): readonly string[] {
    const ghosts = ghostsIn(this.#validation.verdicts, this.#health());
    const reason = "no source has known this agent for long";
    return ghosts.filter((agent) => this.#parts.display.forget(agent, { reason }).ok);
  }

  #health(): HealthOptions {
    return { ...this.#parts.options, nowMs: this.#parts.clock.wallMs() };
  }

  async #lookUntilCalm(): Promise<void> {
    do {
      this.#looksAgain = false;
      await this.#lookOnce();
    } while (this.#looksAgain && this.#isRunning);
    this.#plan();
  }

  async #lookOnce(): Promise<void> {
    const { sources, clock } = this.#parts;
    this.#validation = await validateStatuses(sources, { nowMs: clock.wallMs() });
    this.#step();
    this.#watchOver();
    this.#events.emit("looked", this.#validation);
  }

  /** Durations are measured on the monotonic clock: nobody mends twice because a clock was set. */
  #step(): void {
    const { self, display, reconcilers, clock } = this.#parts;
    if (!this.#isRunning || !this.#options.mends) return;
    const step = stepCases(this.#cases, {
      nowMs: clock.monotonicMs(),
      verdicts: this.#validation.verdicts,
      shown: display.list(),
      self,
      reconcilers: reconcilers(),
      notBeforeMs: this.#startedMs + this.#options.startMs,
      turnMs: this.#options.turnMs,
    });
    this.#cases = step.cases;
    for (const news of step.news) this.#events.emit("news", news);
    for (const mending of step.writes) this.#mend(mending);
  }

  #mend(mending: Mending): void {
    const { agent, status, evidence, discrepancy } = mending;
    const answer = this.#parts.display.show({ agent, status, evidence }, { reason: evidence.why });
    if (answer.ok) {
      this.#looksAgain = true;
      return;
    }
    const reason = answer.reason ?? "refused";
    this.#cases = refuseCase(this.#cases, mending, reason);
    const detail = answer.detail ?? "The write was refused.";
    this.#events.emit("news", { kind: "refused", agent, id: discrepancy.id, detail: `${reason}: ${detail}` });
  }

  #watchOver(): void {
    const nowMs = this.#parts.clock.monotonicMs();
    this.#lasting = trackDiscrepancies(this.#lasting, this.#validation.verdicts, nowMs);
    const findings = lastingFindings(this.#lasting, nowMs, this.#options.alertMs);
    const { alerts, raised, cleared } = updateAlerts(this.#alerts, findings, this.#parts.clock.wallMs());
    this.#alerts = alerts;
    for (const alert of raised) this.#events.emit("raised", alert);
    for (const alert of cleared) this.#events.emit("cleared", alert);
  }

  /** Wakes when a turn comes, when something becomes an alert, and now and then. */
  #plan(): void {
    this.#timer?.cancel();
    if (!this.#isRunning) return;
    const { clock } = this.#parts;
    const nowMs = clock.monotonicMs();
    const due = [nextDueMs(this.#cases), nextAlertMs(this.#lasting, nowMs, this.#options.alertMs)];
    const soonest = Math.min(...due.map((ms) => ms ?? Number.POSITIVE_INFINITY), nowMs + this.#options.lookMs);
    this.#timer = clock.after(Math.max(1, soonest - nowMs), () => void this.look());
  }
}
