/**
 * The relay beside a bare `ws` broadcast server, the stock y-websocket server and Hocuspocus with SQLite: each a process of
 * its own, the workloads interleaved over three rounds, medians. Cost is processor time from /proc, so a busy machine
 * disturbs it little; ratios are to the bare server. Neither neighbour is durable; our relay saves before it passes on.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { nodes } from "./relay/nodes.ts";
import { idleBytes, joinFloor, joins, roomsLoaded } from "./relay/rooms.ts";
import { type BenchServer, installHocuspocus, type ServerKind, startServer } from "./relay/servers.ts";
import { type Cost, flood, presence, steady, warmUp } from "./relay/workloads.ts";
import { chosenParts, type Figure } from "./result.ts";

type Say = (text: string) => void;

/** `BENCH_ROUNDS=1` for a first look. */
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const packageName = "packages/relay";

const medianOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

interface Bench {
  readonly kinds: readonly ServerKind[];
  readonly hocuspocus: string;
  readonly say: Say;
}

/** Runs a server in a fresh folder for as long as the work takes. */
const withServer = async <T>(bench: Bench, kind: ServerKind, work: (server: BenchServer) => Promise<T>): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), "context-mesh-bench-"));
  const server = await startServer(kind, folder, bench.hocuspocus);
  try {
    return await work(server);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

/** The same workload on every server, interleaved. */
const compare = async <T>(
  bench: Bench,
  name: string,
  work: (server: BenchServer) => Promise<T>,
  tell: (result: T) => string,
): Promise<ReadonlyMap<ServerKind, readonly T[]>> => {
  const results = new Map<ServerKind, T[]>(bench.kinds.map((kind) => [kind, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of bench.kinds) {
      const result = await withServer(bench, kind, work);
      results.get(kind)?.push(result);
      bench.say(`  ${name} ${kind}: ${tell(result)} (load ${(loadavg()[0] ?? 0).toFixed(1)})`);
    }
  }
  return results;
};

const perDelivery = ({ cpuSeconds, deliveries }: Cost): number => (cpuSeconds * 1e6) / deliveries;

const tellCost = (cost: Cost): string =>
  `${cost.cpuSeconds.toFixed(2)} CPU s for ${cost.deliveries} deliveries, ${perDelivery(cost).toFixed(2)} µs each` +
  `${cost.latencies.length > 0 ? `, p50 ${quantile(cost.latencies, 0.5).toFixed(2)} ms, p99 ${quantile(cost.latencies, 0.99).toFixed(2)} ms` : ""}` +
  `${cost.isComplete ? "" : ", NOT COMPLETE"}`;

const nameOf: Readonly<Record<ServerKind, string>> = {
  bare: "bare ws",
  "y-websocket": "y-websocket 2.1",
  hocuspocus: "Hocuspocus 4.7",
  ours: "our relay, durable",
};

interface Target {
  readonly value: number;
  readonly isMost: boolean;
}

/** One figure a server: `measure` of its median, as a ratio to the bare server's. */
const ratios = <T>(
  what: string,
  results: ReadonlyMap<ServerKind, readonly T[]>,
  measure: (result: T) => number,
  target: Target,
): Figure[] => {
  const median = (kind: ServerKind): number => medianOf((results.get(kind) ?? []).map(measure));
  const bare = median("bare");
  return [...results.keys()]
    .filter((kind) => kind !== "bare")
    .map((kind): Figure => {
      const figure = median(kind) / bare;
      const base = { what: `${what}: ${nameOf[kind]}`, figure, unit: "× bare ws", package: packageName };
      const beside = { ...base, baseline: { what: "bare ws", figure: bare } };
      if (kind !== "ours") return beside;
      return { ...beside, target: target.value, pass: target.isMost ? figure <= target.value : figure >= target.value };
    });
};

const latencyFigures = (what: string, results: ReadonlyMap<ServerKind, readonly Cost[]>): Figure[] => {
  const p50 = (kind: ServerKind): number =>
    medianOf((results.get(kind) ?? []).map(({ latencies }) => quantile(latencies, 0.5)));
  return [...results.keys()]
    .filter((kind) => kind !== "bare")
    .map((kind) => ({
      what: `${what}, latency p50: ${nameOf[kind]}`,
      figure: p50(kind),
      unit: "ms",
      baseline: { what: "bare ws", figure: p50("bare") },
      package: packageName,
    }));
};

/** What costs processor time is measured on servers that have run for a while. */
const compareCosts = (bench: Bench, name: string, work: (server: BenchServer) => Promise<Cost>) =>
  compare(
    bench,
    name,
    async (server) => {
      await warmUp(server);
      return work(server);
    },
    tellCost,
  );

const speed = (cost: Cost): number => 1 / perDelivery(cost);

const oneRoomFigures = async (bench: Bench): Promise<Figure[]> => {
  const what = "50 clients × 40/s in one room";
  const options = { name: "one", rooms: 1, perRoom: 50, perSecond: 2_000, seconds: 3 };
  const costs = await compareCosts(bench, "50 × 40/s", (server) => steady(server, options));
  return [...ratios(`${what}, CPU`, costs, perDelivery, { value: 0.9, isMost: true }), ...latencyFigures(what, costs)];
};

const floodFigures = async (bench: Bench): Promise<Figure[]> => {
  const options = { name: "flood", clients: 50, burst: 60, rounds: 4 };
  const costs = await compareCosts(bench, "flood", (server) => flood(server, options));
  return ratios("flood into one room, deliveries a CPU second", costs, speed, { value: 10, isMost: false });
};

const manyRoomsFigures = async (bench: Bench): Promise<Figure[]> => {
  const options = { name: "many", rooms: 1_000, perRoom: 2, perSecond: 4_000, seconds: 3 };
  const costs = await compareCosts(bench, "1,000 rooms", (server) => steady(server, options));
  return ratios("1,000 rooms × 2 clients, deliveries a CPU second", costs, speed, { value: 0.6, isMost: false });
};

const presenceFigures = async (bench: Bench): Promise<Figure[]> => {
  const costs = await compareCosts(bench, "presence", (server) => presence(server, { clients: 300, seconds: 2 }));
  return ratios("presence of 300 clients once a second, CPU", costs, ({ cpuSeconds }) => cpuSeconds, {
    value: 0.3,
    isMost: true,
  });
};

const idleFigures = async (bench: Bench): Promise<Figure[]> => {
  const two = { ...bench, kinds: bench.kinds.filter((kind) => kind !== "hocuspocus") };
  const idle = await compare(
    two,
    "5,000 idle",
    (server) => idleBytes(server, 5_000),
    (bytes) => `${(bytes / 1_024).toFixed(1)} KiB each`,
  );
  return ratios("5,000 idle connections, memory each", idle, (bytes) => bytes, { value: 1.15, isMost: true });
};

const joinFigures = async (bench: Bench): Promise<Figure[]> => {
  const neighbours = { ...bench, kinds: ["y-websocket", "ours"] as const };
  const results = await compare(
    neighbours,
    "joins of 5 MB",
    (server) => joins(server, 5_000_000),
    (cost) =>
      `ten at once ${cost.tenJoinsMs.toFixed(0)} ms CPU, resync ${cost.resyncMs.toFixed(2)} ms, other room ${cost.otherRoomMs.toFixed(0)} ms`,
  );
  const figure = (
    what: string,
    unit: string,
    target: number,
    of: (cost: Awaited<ReturnType<typeof joins>>) => number,
  ): Figure => {
    const [ours, theirs] = [
      medianOf((results.get("ours") ?? []).map(of)),
      medianOf((results.get("y-websocket") ?? []).map(of)),
    ];
    const baseline = { what: nameOf["y-websocket"], figure: theirs };
    return { what, figure: ours, unit, target, pass: ours <= target, baseline, package: packageName };
  };
  const floor = await joinFloor(5_000_000);
  bench.say(`  ten times 5 MB poured into raw sockets: ${floor.toFixed(0)} ms CPU`);
  return [
    figure("ten joins of a 5 MB room at once, CPU", "ms", 60, ({ tenJoinsMs }) => tenJoinsMs),
    { what: "ten times 5 MB poured into raw sockets, CPU", figure: floor, unit: "ms", package: packageName },
    figure("resync of a 5 MB room with nothing new, CPU", "ms", 1, ({ resyncMs }) => resyncMs),
    figure("longest wait in another room while they join", "ms", 50, ({ otherRoomMs }) => otherRoomMs),
  ];
};

const nodeFigures = async (bench: Bench): Promise<Figure[]> => {
  const only = { ...bench, kinds: ["ours"] as const };
  const run = (server: BenchServer) => nodes(server, { count: 100, perSecond: 1_000, seconds: 5 });
  const results = await compare(
    only,
    "100 nodes",
    run,
    ({ propagationMs, ackMs, firstSecondMs, fsyncMs, unacknowledged, ownDelayP99Ms, ownCpuShare }) =>
      `seen p50 ${quantile(sorted(propagationMs), 0.5).toFixed(2)} ms; acknowledged p50 ${quantile(sorted(ackMs), 0.5).toFixed(2)} ms, p99 ${quantile(sorted(ackMs), 0.99).toFixed(2)} ms ` +
      `(${quantile(sorted(firstSecondMs), 0.99).toFixed(0)} ms in the first second); ` +
      `fdatasync p99 ${quantile(sorted(fsyncMs), 0.99).toFixed(2)} ms; ${unacknowledged} unacknowledged; ` +
      `the generator's own loop p99 ${ownDelayP99Ms.toFixed(2)} ms late, ${(ownCpuShare * 100).toFixed(0)} % of a core`,
  );
  const all = results.get("ours") ?? [];
  const seen = medianOf(all.map(({ propagationMs }) => quantile(sorted(propagationMs), 0.5)));
  const acks = medianOf(all.map(({ ackMs }) => quantile(sorted(ackMs), 0.99)));
  const disk = medianOf(all.map(({ fsyncMs }) => quantile(sorted(fsyncMs), 0.99)));
  const late = medianOf(all.map(({ ownDelayP99Ms }) => ownDelayP99Ms));
  const [seenTarget, ackTarget] = [1.5, 8];
  return [
    {
      what: "100 nodes at 1,000 updates/s, seen after p50",
      figure: seen,
      unit: "ms",
      target: seenTarget,
      pass: seen <= seenTarget,
      package: packageName,
    },
    {
      what: "100 nodes at 1,000 updates/s, durable acknowledgement p99",
      figure: acks / disk,
      unit: "× the disk's own fdatasync p99",
      target: ackTarget,
      pass: acks / disk <= ackTarget,
      baseline: { what: "fdatasync p99, ms", figure: disk },
      package: packageName,
    },
    {
      what: "100 nodes at 1,000 updates/s, the load generator's own lateness p99",
      figure: late,
      unit: "ms",
      package: packageName,
    },
  ];
};

/** After everybody has left, rooms go from memory. */
const freedFigures = async (bench: Bench): Promise<Figure[]> => {
  const left = await withServer(bench, "ours", async (server) => {
    await idleBytes(server, 500);
    const endMs = performance.now() + 60_000;
    while ((await roomsLoaded(server)) > 0 && performance.now() < endMs)
      await new Promise((go) => setTimeout(go, 1_000));
    return roomsLoaded(server);
  });
  const what = "rooms in memory after the last client left";
  return [{ what, figure: left, unit: "", target: 0, pass: left === 0, package: packageName }];
};

const workloads: Readonly<Record<string, (bench: Bench) => Promise<Figure[]>>> = {
  one: oneRoomFigures,
  flood: floodFigures,
  rooms: manyRoomsFigures,
  presence: presenceFigures,
  idle: idleFigures,
  joins: joinFigures,
  nodes: nodeFigures,
  freed: freedFigures,
};

export const run = async (say: Say): Promise<readonly Figure[]> => {
  const hocuspocus = installHocuspocus(say);
  const neighbours: ServerKind[] = hocuspocus === undefined ? ["y-websocket"] : ["y-websocket", "hocuspocus"];
  const only = process.env.BENCH_SERVERS?.split(",");
  const kinds = (["bare", ...neighbours, "ours"] as const).filter((kind) => only?.includes(kind) ?? true);
  const bench: Bench = { kinds, hocuspocus: hocuspocus ?? "", say };
  const figures: Figure[] = [];
  for (const name of chosenParts() ?? Object.keys(workloads)) figures.push(...((await workloads[name]?.(bench)) ?? []));
  return figures;
};
