/** How well the tab and its relay are in sync: figures now, figures over time, the last operations. */

import { useEffect, useState } from "preact/hooks";
import { agoText, bytesText, numberText } from "../../model/ages.ts";
import { metricLike, metricSums, percentile, type Series, seriesOf } from "../../model/sync-figures.ts";
import { askMetrics } from "../data/relay-api.ts";
import { mesh, status } from "../state/node.ts";
import { nowMs } from "../state/picture.ts";
import { samples } from "../state/samples.ts";
import { Chart } from "./chart.tsx";

const Figure = ({ name, value }: { name: string; value: string }) => (
  <div class="figure">
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);

const ms = (value: number | undefined): string => (value === undefined ? "–" : `${Math.round(value)} ms`);
const count = (value: number | undefined): string => (value === undefined ? "–" : numberText(value));
const last = (values: readonly number[]): number => values.at(-1) ?? 0;
const relayEveryMs = 5_000;

/** The relay's own figures, asked for while somebody looks. */
const useRelayFigures = (): ReadonlyMap<string, number> => {
  const [sums, setSums] = useState<ReadonlyMap<string, number>>(new Map());
  const round = Math.floor(nowMs.value / relayEveryMs);
  useEffect(() => {
    askMetrics().then((text) => text !== undefined && setSums(metricSums(text)));
  }, [round]);
  return sums;
};

const RelayFigures = () => {
  const sums = useRelayFigures();
  return (
    <dl class="figures">
      <Figure name="Relay: sessions" value={count(metricLike(sums, "relay", "sessions"))} />
      <Figure name="Relay: backlog" value={bytesText(metricLike(sums, "backlog") ?? 0)} />
      <Figure
        name="Relay: updates taken in"
        value={count(metricLike(sums, "updates_committed") ?? metricLike(sums, "updates_in"))}
      />
      <Figure name="Relay: refused" value={count(metricLike(sums, "updates_refused"))} />
      <Figure name="Relay: store" value={bytesText(metricLike(sums, "store", "bytes") ?? 0)} />
    </dl>
  );
};

const Log = () => {
  const items = mesh.value?.syncLog(30) ?? [];
  return (
    <section class="panel" aria-labelledby="log-title">
      <h2 id="log-title">Last syncs of this tab</h2>
      <div class="table-wrap">
        <table>
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">What</th>
              <th scope="col">Level</th>
              <th scope="col" class="number">
                Bytes
              </th>
              <th scope="col" class="number">
                Took
              </th>
              <th scope="col">Result</th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <tr key={`${item.at} ${item.operation} ${item.detail}`}>
                <td>{agoText(item.at, nowMs.value)}</td>
                <td>{item.operation}</td>
                <td>{item.level}</td>
                <td class="number">{bytesText(item.bytes)}</td>
                <td class="number">{ms(item.durationMs)}</td>
                <td>{item.result}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {items.length === 0 && <p class="empty">None yet: this tab has written nothing.</p>}
    </section>
  );
};

const Charts = ({ series }: { series: Series }) => (
  <div class="charts">
    <section class="panel" aria-labelledby="chart-updates">
      <h2 id="chart-updates">Updates a second</h2>
      <Chart label="Updates a second" at={series.at} values={series.updatesPerSecond} />
    </section>
    <section class="panel" aria-labelledby="chart-bytes">
      <h2 id="chart-bytes">Bytes a second</h2>
      <Chart label="Bytes a second" at={series.at} values={series.bytesPerSecond} />
    </section>
    <section class="panel" aria-labelledby="chart-lag">
      <h2 id="chart-lag">Lag, ms</h2>
      <Chart label="Lag in milliseconds" at={series.at} values={series.lagMs} />
    </section>
  </div>
);

export const SyncView = () => {
  const series = seriesOf(samples.value);
  const metrics = status.value?.metrics;
  const durations = (mesh.value?.syncLog(500) ?? []).map((item) => item.durationMs);
  return (
    <div class="stack">
      <h2 class="page-title">Sync</h2>
      <dl class="figures panel">
        <Figure name="Latency p50" value={ms(percentile(durations, 0.5))} />
        <Figure name="Latency p95" value={ms(percentile(durations, 0.95))} />
        <Figure name="Updates a second" value={last(series.updatesPerSecond).toFixed(1)} />
        <Figure name="Bytes a second" value={bytesText(Math.round(last(series.bytesPerSecond)))} />
        <Figure name="Syncs today" value={count(metrics?.totalToday)} />
        <Figure name="Failures today" value={count(metrics?.failuresToday)} />
        {Object.entries(metrics?.byLevel ?? {}).map(([level, value]) => (
          <Figure key={level} name={`Level ${level}`} value={count(value)} />
        ))}
      </dl>
      <Charts series={series} />
      <section class="panel" aria-label="Relay">
        <RelayFigures />
      </section>
      <section class="panel table-wrap" aria-labelledby="relays-title">
        <h2 id="relays-title">Relays</h2>
        <table>
          <thead>
            <tr>
              <th scope="col">Address</th>
              <th scope="col">State</th>
              <th scope="col">Kind</th>
              <th scope="col" class="number">
                Lag
              </th>
              <th scope="col">Last trouble</th>
            </tr>
          </thead>
          <tbody>
            {(status.value?.relays ?? []).map((relay) => (
              <tr key={relay.url}>
                <td>{relay.url}</td>
                <td>{relay.state}</td>
                <td>{relay.kind}</td>
                <td class="number">{ms(relay.lagMs)}</td>
                <td>
                  {relay.lastError === undefined
                    ? "–"
                    : `${relay.lastError.message}, ${agoText(relay.lastError.at, nowMs.value)}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Log />
    </div>
  );
};
