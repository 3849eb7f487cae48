/** What happens, as events: typed, with a severity, from one of the four parts. */

import type { JsonObject } from "@context-mesh/common";

export type EventSource = "document" | "node" | "relay" | "coordination" | "user";

export type EventType =
  | "health_check"
  | "performance_metric"
  | "error_alert"
  | "resource_usage"
  | "throughput_metric"
  | "latency_metric"
  | "system_event"
  | "coordination_event"
  | "custom_metric";

export type EventSeverity = "debug" | "info" | "warning" | "error" | "critical";

const severities: readonly EventSeverity[] = ["debug", "info", "warning", "error", "critical"];

export const severityRank = (severity: EventSeverity): number => severities.indexOf(severity);

export interface NewEvent {
  readonly type: EventType;
  readonly source: EventSource;
  /** What happened, as a code: `agent_gone`, `relay_live`, … */
  readonly name: string;
  readonly severity?: EventSeverity;
  /** Whom or what it is about: an agent, a path, an address. */
  readonly subject?: string;
  /** Of a metric. */
  readonly value?: number;
  readonly fields?: JsonObject;
}

export interface MonitoringEvent {
  readonly type: EventType;
  readonly source: EventSource;
  readonly name: string;
  readonly severity: EventSeverity;
  readonly subject: string | undefined;
  readonly value: number | undefined;
  readonly fields: JsonObject;
  /** Rises by one with every event of a stream. */
  readonly n: number;
  /** Wall clock, ms since 1970. */
  readonly at: number;
}

export interface EventFilter {
  readonly types?: readonly EventType[];
  readonly sources?: readonly EventSource[];
  readonly names?: readonly string[];
  readonly severityMin?: EventSeverity;
  readonly subject?: string;
  readonly where?: (event: MonitoringEvent) => boolean;
}

export const fitsEvent = (event: MonitoringEvent, filter: EventFilter): boolean =>
  (filter.types === undefined || filter.types.includes(event.type)) &&
  (filter.sources === undefined || filter.sources.includes(event.source)) &&
  (filter.names === undefined || filter.names.includes(event.name)) &&
  (filter.severityMin === undefined || severityRank(event.severity) >= severityRank(filter.severityMin)) &&
  (filter.subject === undefined || filter.subject === event.subject) &&
  (filter.where === undefined || filter.where(event));
