/** `/metrics`: the relay's counters and the protocol's sync figures as Prometheus text. */

import { Counter, Gauge, Registry } from "prom-client";

/** Numbers that also go down. All others only grow and are counters. */
const gauges = new Set(["sessions", "rooms_loaded", "commit_backlog_bytes", "presence_clients", "peer_links"]);

const prefix = "context_mesh_relay_";

export interface MetricsSource {
  metrics(): Readonly<Record<string, number>>;
}

const helpOf = (name: string): string => name.replaceAll("_", " ");

/** The values live in the relay; they are copied when somebody asks. */
export class PrometheusText {
  readonly #registry = new Registry();
  readonly #source: MetricsSource;
  readonly #extra: () => Promise<Readonly<Record<string, number>>>;
  readonly #known = new Map<string, Gauge | Counter>();

  constructor(source: MetricsSource, extra: () => Promise<Readonly<Record<string, number>>>) {
    this.#source = source;
    this.#extra = extra;
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    for (const [name, value] of Object.entries(this.#source.metrics())) this.#set(name, value);
    for (const [name, value] of Object.entries(await this.#extra())) this.#set(name, value);
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
    const isGauge = gauges.has(name) || !/^[a-z_]+$/.test(name) || name.endsWith("_now");
    const registers = [this.#registry];
    const metric = isGauge
      ? new Gauge({ name: prefix + name, help: helpOf(name), registers })
      : new Counter({ name: `${prefix}${name}_total`, help: helpOf(name), registers });
    this.#known.set(name, metric);
    return metric;
  }
}
