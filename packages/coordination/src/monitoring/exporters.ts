/** The stream for other people's tools: OpenTelemetry by the shape of its API, Prometheus as text. Nothing is needed for either. */

import { type EventSeverity, severityRank } from "./event.ts";
import type { EventStream, HandlerControl, StreamFigures } from "./event-stream.ts";

type Attributes = Readonly<Record<string, string>>;

/** What is used of a Meter of `@opentelemetry/api`: `metrics.getMeter("context-mesh")` fits. */
export interface OtelMeter {
  createCounter(
    name: string,
    options?: { description?: string },
  ): { add(value: number, attributes?: Attributes): void };
  createHistogram(
    name: string,
    options?: { description?: string },
  ): { record(value: number, attributes?: Attributes): void };
}

/** Counts every event and records every metric, until it is removed. */
export const exportToOtel = (stream: EventStream, meter: OtelMeter): HandlerControl => {
  const events = meter.createCounter("context_mesh.events", { description: "events of a node" });
  const values = meter.createHistogram("context_mesh.metric", { description: "values of metrics" });
  return stream.on({
    name: "opentelemetry",
    handle: ({ type, source, severity, name, value }) => {
      events.add(1, { type, source, severity });
      if (value !== undefined) values.record(value, { name });
    },
  });
};

const label = (text: string): string => text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");

/** The exposition format of Prometheus, for whoever serves it. */
export const eventMetricsText = (figures: StreamFigures): string => {
  const severities = (Object.keys(figures.bySeverity) as EventSeverity[]).sort(
    (a, b) => severityRank(a) - severityRank(b),
  );
  const lines = [
    "# TYPE context_mesh_events_total counter",
    ...severities.map(
      (severity) => `context_mesh_events_total{severity="${severity}"} ${figures.bySeverity[severity]}`,
    ),
    "# TYPE context_mesh_events_dropped_total counter",
    `context_mesh_events_dropped_total ${figures.dropped}`,
    "# TYPE context_mesh_metric summary",
    ...Object.entries(figures.metrics).flatMap(([name, { count, sum }]) => [
      `context_mesh_metric_count{name="${label(name)}"} ${count}`,
      `context_mesh_metric_sum{name="${label(name)}"} ${sum}`,
    ]),
  ];
  return `${lines.join("\n")}\n`;
};
