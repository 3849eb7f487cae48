/**
 * The one stream of events of a node: handlers with filters and priorities, pause and maintenance, the latest events, metrics.
 * Nothing here asks around; it is told. A handler that throws or never returns disturbs no other.
 */

import { type Clock, limits, messageOf } from "@context-mesh/common";
import {
  type EventFilter,
  type EventSeverity,
  fitsEvent,
  type MonitoringEvent,
  type NewEvent,
  severityRank,
} from "./event.ts";
import { EventRing } from "./event-ring.ts";
import { type MetricFigures, MetricTable } from "./metric-table.ts";

/** `paused`: events wait until `resume`. `maintenance`: only critical ones are told, the others wait as well. */
export type StreamState = "active" | "paused" | "maintenance" | "closed";

export interface EventHandler extends EventFilter {
  readonly name: string;
  /** Higher ones are told first; default 0. */
  readonly priority?: number;
  readonly handle: (event: MonitoringEvent) => void | Promise<void>;
}

export interface HandlerFigures {
  readonly handled: number;
  readonly failed: number;
  /** Not told because too many of its calls had not returned. */
  readonly skipped: number;
  readonly isEnabled: boolean;
}

export interface HandlerControl {
  readonly figures: HandlerFigures;
  enable(): void;
  disable(): void;
  remove(): void;
}

export interface StreamFigures {
  readonly state: StreamState;
  readonly events: number;
  /** Waiting for `resume`, and lost because too many waited. */
  readonly held: number;
  readonly dropped: number;
  readonly bySeverity: Readonly<Record<EventSeverity, number>>;
  readonly metrics: Readonly<Record<string, MetricFigures>>;
}

interface Told {
  readonly handler: EventHandler;
  handled: number;
  failed: number;
  skipped: number;
  failuresInRow: number;
  inFlight: number;
  isEnabled: boolean;
}

export class EventStream {
  readonly #clock: Clock;
  readonly #recent = new EventRing(limits.recentEventsMax);
  readonly #metrics = new MetricTable();
  readonly #counts: Record<EventSeverity, number> = { debug: 0, info: 0, warning: 0, error: 0, critical: 0 };
  #handlers: readonly Told[] = [];
  #queue: MonitoringEvent[] = [];
  #held: MonitoringEvent[] = [];
  #state: StreamState = "active";
  #n = 0;
  #dropped = 0;
  #isTelling = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get state(): StreamState {
    return this.#state;
  }

  publish(event: NewEvent): void {
    if (this.#state === "closed") return;
    this.#n += 1;
    const { severity = "info", subject, value, fields = {}, type, source, name } = event;
    const at = this.#clock.wallMs();
    const whole: MonitoringEvent = { type, source, name, severity, subject, value, fields, n: this.#n, at };
    this.#counts[severity] += 1;
    this.#recent.add(whole);
    if (value !== undefined) this.#metrics.add(event.name, value);
    if (this.#isHeld(whole)) this.#hold(whole);
    else this.#tell(whole);
  }

  /** A measure of the user's own. */
  metric(name: string, value: number, subject?: string): void {
    this.publish({
      type: "custom_metric",
      source: "user",
      severity: "debug",
      name,
      value,
      ...(subject === undefined ? {} : { subject }),
    });
  }

  on(handler: EventHandler): HandlerControl {
    const told: Told = { handler, handled: 0, failed: 0, skipped: 0, failuresInRow: 0, inFlight: 0, isEnabled: true };
    // A stable sort: of equal priority, who came first is told first.
    this.#handlers = [...this.#handlers, told].sort((a, b) => (b.handler.priority ?? 0) - (a.handler.priority ?? 0));
    return {
      get figures() {
        const { handled, failed, skipped, isEnabled } = told;
        return { handled, failed, skipped, isEnabled };
      },
      enable: () => {
        told.isEnabled = true;
        told.failuresInRow = 0;
      },
      disable: () => {
        told.isEnabled = false;
      },
      remove: () => {
        this.#handlers = this.#handlers.filter((other) => other !== told);
      },
    };
  }

  /** The latest events that fit, newest first. */
  recent(last = 50, filter: EventFilter = {}): readonly MonitoringEvent[] {
    return this.#recent.newest(last, (event) => fitsEvent(event, filter));
  }

  figures(): StreamFigures {
    return {
      state: this.#state,
      events: this.#n,
      held: this.#held.length,
      dropped: this.#dropped,
      bySeverity: { ...this.#counts },
      metrics: this.#metrics.figures(),
    };
  }

  pause(): void {
    if (this.#state !== "closed") this.#state = "paused";
  }

  maintenance(): void {
    if (this.#state !== "closed") this.#state = "maintenance";
  }

  /** Tells what waited, in order. */
  resume(): void {
    if (this.#state === "closed") return;
    this.#state = "active";
    for (const event of this.#held.splice(0)) this.#tell(event);
  }

  close(): void {
    this.#state = "closed";
    this.#handlers = [];
    this.#held = [];
    this.#queue = [];
  }

  #isHeld({ severity }: MonitoringEvent): boolean {
    return this.#state === "paused" || (this.#state === "maintenance" && severity !== "critical");
  }

  #hold(event: MonitoringEvent): void {
    this.#held.push(event);
    if (this.#held.length <= limits.heldEventsMax) return;
    // The least severe of the oldest goes first.
    const ranks = this.#held.map((held) => severityRank(held.severity));
    this.#held.splice(ranks.indexOf(Math.min(...ranks)), 1);
    this.#dropped += 1;
  }

  /** Events that a handler publishes are told after the one it was told of. */
  #tell(event: MonitoringEvent): void {
    if (this.#queue.length >= limits.heldEventsMax) {
      this.#dropped += 1;
      return;
    }
    this.#queue.push(event);
    if (this.#isTelling) return;
    this.#isTelling = true;
    let told = 0;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      told += 1;
      if (told > limits.heldEventsMax) {
        // A handler answers every event with another: it is not fed for ever.
        this.#dropped += this.#queue.length + 1;
        this.#queue = [];
        break;
      }
      for (const handler of this.#handlers) {
        if (handler.isEnabled && fits(next, handler.handler)) this.#call(handler, next);
      }
    }
    this.#isTelling = false;
  }

  #call(told: Told, event: MonitoringEvent): void {
    if (told.inFlight >= limits.handlerCallsMax) {
      told.skipped += 1;
      return;
    }
    try {
      const answer = told.handler.handle(event);
      if (!(answer instanceof Promise)) {
        told.handled += 1;
        told.failuresInRow = 0;
        return;
      }
      told.inFlight += 1;
      answer
        .then(
          () => {
            told.handled += 1;
            told.failuresInRow = 0;
          },
          (error) => this.#failed(told, error),
        )
        .finally(() => {
          told.inFlight -= 1;
        });
    } catch (error) {
      this.#failed(told, error);
    }
  }

  #failed(told: Told, error: unknown): void {
    told.failed += 1;
    told.failuresInRow += 1;
    if (told.failuresInRow < limits.handlerFailuresMax || !told.isEnabled) return;
    told.isEnabled = false;
    this.publish({
      type: "error_alert",
      source: "node",
      name: "handler_disabled",
      severity: "error",
      subject: told.handler.name,
      fields: { detail: messageOf(error), failures: told.failuresInRow },
    });
  }
}

/** A filter of the user's own that throws lets nothing through. */
const fits = (event: MonitoringEvent, filter: EventFilter): boolean => {
  try {
    return fitsEvent(event, filter);
  } catch {
    return false;
  }
};
