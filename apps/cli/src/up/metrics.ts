/** `/metrics`: the relay's counters and the protocol's sync figures as Prometheus text. */

import { Counter, Gauge, Registry } from "prom-client";
import type { AgentFigure } from "./agent-figures.ts";
import { syncGauges } from "./sync-gauges.ts";

/** Numbers that also go down. All others only grow and are counters. */
const gauges = new Set([
  "connections_waiting",
  "sessions",
  "rooms_loaded",
  "commit_backlog_bytes",
  "presence_clients",
  "peer_links",
  "store_bytes",
]);

const prefix = "context_mesh_relay_";

export interface MetricsSource {
  relay(): Readonly<Record<string, number>>;
  storeBytes(): Promise<number>;
  refusals(): readonly { readonly place: string; readonly reason: string; readonly count: number }[];
  agents(): readonly AgentFigure[];
}

const helpOf = (name: string): string => name.replaceAll("_", " ");

/** The values live in the relay; they are copied when somebody asks. */
export class PrometheusText {
  readonly #registry = new Registry();
  readonly #source: MetricsSource;
  readonly #setAgents: (figures: readonly AgentFigure[]) => void;
  readonly #known = new Map<string, Gauge | Counter>();

  readonly #refusals: Counter;

  constructor(source: MetricsSource) {
    this.#source = source;
    this.#setAgents = syncGauges(this.#registry);
    this.#refusals = new Counter({
      name: `${prefix}refusals_total`,
      help: "what was refused, by the names of the protocol's table",
      labelNames: ["place", "reason"],
      registers: [this.#registry],
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    for (const [name, value] of Object.entries(this.#source.relay())) this.#set(name, value);
    this.#refusals.reset();
    for (const { place, reason, count } of this.#source.refusals()) this.#refusals.inc({ place, reason }, count);
    this.#set("store_bytes", await this.#source.storeBytes());
    this.#setAgents(this.#source.agents());
    return this.#registry.metrics();
  }

  #set(name: string, value: number): void {
    const metric = this.#known.get(name) ?? this.#create(name);
    if (metric instanceof Gauge) {
      metric.set(value);
      return;
    }
    metric.reset();
    metric.inc(value);
  }

  #create(name: string): Gauge | Counter {
    const isGauge = gauges.has(name);
    const registers = [this.#registry];
    const metric = isGauge
      ? new Gauge({ name: prefix + name, help: helpOf(name), registers })
      : new Counter({ name: `${prefix}${name}_total`, help: helpOf(name), registers });
    this.#known.set(name, metric);
    return metric;
  }
}
