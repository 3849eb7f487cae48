/** When the outbox is emptied: on a write's trigger, when a period is over, and when a relay can be written to again. */

import type { Clock, Timer } from "@context-mesh/common";
import {
  afterFlush,
  type Gathered,
  gather,
  gatheredFrom,
  intervalEndsMs,
  type LevelThresholds,
  levelOfTrigger,
  periodicDue,
  rankOf,
  type Trigger,
} from "@context-mesh/coordination";
import { parseKey } from "@context-mesh/document";
import type { SyncLevel } from "@context-mesh/schema";
import type { SyncMode } from "../api/types.ts";
import type { EntryQueue } from "../replica/queue.ts";
import type { FlushReport } from "./publisher.ts";
import type { Written } from "./writer.ts";

export interface SchedulerOptions {
  readonly clock: Clock;
  readonly mode: SyncMode;
  readonly thresholds: LevelThresholds;
  readonly queue: EntryQueue;
  readonly canAppend: () => boolean;
  /** Publishes what waits at this level and above; everything without one. */
  readonly flush: (upTo?: SyncLevel) => FlushReport;
  readonly onFired: (trigger: Trigger, report: FlushReport) => void;
}

const lessUrgent = (a: SyncLevel, b: SyncLevel): SyncLevel => (rankOf(a) >= rankOf(b) ? a : b);

/** A store that took nothing is tried again after this pause. */
const storeRetryMs = 1_000;

/** Looking this often is often enough for periods of minutes. */
const checkMsMax = 60_000;

export class OutboxScheduler {
  readonly #options: SchedulerOptions;
  #gathered: Gathered;
  #timer: Timer | undefined;
  /** The widest level that came due while no relay could be written to. */
  #missed: SyncLevel | undefined;
  #retry: Timer | undefined;
  #isRunning = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#gathered = gatheredFrom(options.clock.monotonicMs());
  }

  start(): void {
    this.#isRunning = true;
    this.#gathered = { ...gatheredFrom(this.#options.clock.monotonicMs()), bytes: this.#options.queue.bytes };
    this.#arm();
    this.fire("session_start");
  }

  stop(): void {
    this.#isRunning = false;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#retry?.cancel();
    this.#retry = undefined;
  }

  written({ keys, trigger }: Written): void {
    const entities = keys.map((key) => parseKey(key).entity).filter((entity) => entity.startsWith("t/"));
    this.#gathered = gather(this.#gathered, { taskIds: entities, queuedBytes: this.#options.queue.bytes });
    if (trigger !== undefined) this.fire(trigger);
    this.#check();
  }

  /** A sync was set off, by a write or by hand. What cannot leave now leaves when a relay can be written to again. */
  fire(trigger: Trigger): FlushReport {
    return this.#flush(levelOfTrigger(trigger), trigger);
  }

  /** By hand: what waits at this level and above, everything by default. */
  flushNow(level: SyncLevel | undefined): FlushReport {
    return this.#flush(level ?? "session", "session_end");
  }

  /** A relay's vector was checked. */
  appendable(): void {
    if (this.#options.mode === "live") {
      this.#publish(undefined);
      return;
    }
    const missed = this.#missed ?? "critical";
    this.#missed = undefined;
    this.#publish(missed);
    this.#check();
  }

  #flush(level: SyncLevel, trigger: Trigger): FlushReport {
    const { clock, queue, canAppend, mode } = this.#options;
    if (!canAppend()) {
      this.#missed = lessUrgent(this.#missed ?? level, level);
      return { entries: 0, bytes: 0 };
    }
    const report = this.#publish(mode === "live" || level === "session" ? undefined : level);
    this.#gathered = afterFlush(this.#gathered, trigger, clock.monotonicMs(), queue.bytes);
    this.#options.onFired(trigger, report);
    return report;
  }

  /** What the store refuses waits, and nothing else may come to set it off: it is tried again soon. */
  #publish(upTo: SyncLevel | undefined): FlushReport {
    const { flush, clock, canAppend } = this.#options;
    const report = flush(upTo);
    if (report.isRefused !== true || !this.#isRunning) return report;
    this.#missed = lessUrgent(this.#missed ?? "critical", upTo ?? "session");
    this.#retry ??= clock.after(storeRetryMs, () => {
      this.#retry = undefined;
      if (canAppend()) this.appendable();
    });
    return report;
  }

  #check(): void {
    if (this.#options.mode === "live") return;
    const due = periodicDue(this.#gathered, this.#options.thresholds, this.#options.clock.monotonicMs());
    if (due !== undefined) this.fire(due);
  }

  #arm(): void {
    if (!this.#isRunning || this.#options.mode === "live") return;
    const leftMs = intervalEndsMs(this.#gathered, this.#options.thresholds) - this.#options.clock.monotonicMs();
    this.#timer = this.#options.clock.after(Math.min(checkMsMax, Math.max(1, leftMs)), () => {
      this.#check();
      this.#arm();
    });
  }
}
