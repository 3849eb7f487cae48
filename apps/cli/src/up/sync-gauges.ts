/** The protocol's sync figures of each agent as Prometheus gauges, labelled by room and agent. */

import type { SyncMetricsView } from "context-mesh";
import { Gauge, type Registry } from "prom-client";
import type { AgentFigure } from "./agent-figures.ts";

const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1_000);

const readings: readonly (readonly [
  name: string,
  help: string,
  read: (metrics: SyncMetricsView) => number | undefined,
])[] = [
  ["syncs_today", "synchronizations of the agent today", (metrics) => metrics.totalToday],
  ["sync_failures_today", "failed synchronizations of the agent today", (metrics) => metrics.failuresToday],
  ["sync_seconds_average", "average time of a synchronization", (metrics) => seconds(metrics.averageMs)],
  ["sync_seconds_fastest", "fastest synchronization", (metrics) => seconds(metrics.fastestMs)],
  ["sync_seconds_slowest", "slowest synchronization", (metrics) => seconds(metrics.slowestMs)],
  ["sync_seconds_p95", "95 % of the synchronizations took at most this", (metrics) => seconds(metrics.p95Ms)],
  ["context_bytes", "size of the context as JSON", (metrics) => metrics.contextBytes],
  ["compression_ratio", "compressed size by size of the whole state", (metrics) => metrics.compressionRatio],
];

const levels = ["critical", "checkpoint", "periodic", "session"] as const;

/** Set anew at every reading, so that agents that are gone leave no figures behind. */
export const syncGauges = (registry: Registry): ((figures: readonly AgentFigure[]) => void) => {
  const registers = [registry];
  const prefix = "context_mesh_agent_";
  const labelNames = ["room", "agent"] as const;
  const gauges = readings.map(([name, help, read]) => {
    return { gauge: new Gauge({ name: prefix + name, help, labelNames, registers }), read };
  });
  const name = `${prefix}syncs_today_by_level`;
  const help = "synchronizations of the agent today, by level";
  const byLevel = new Gauge({ name, help, labelNames: [...labelNames, "level"] as const, registers });
  return (figures) => {
    for (const { gauge } of gauges) gauge.reset();
    byLevel.reset();
    for (const { room, agent, metrics } of figures) {
      for (const { gauge, read } of gauges) {
        const value = read(metrics);
        if (value !== undefined) gauge.set({ room, agent }, value);
      }
      for (const level of levels) byLevel.set({ room, agent, level }, metrics.byLevel[level]);
    }
  };
};
