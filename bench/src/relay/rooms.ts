/** What a large room and many idle connections cost a server. */

import { sleep, systemClock } from "@context-mesh/common";
import { encodeStateVector } from "@context-mesh/protocol";
import { appendUpdate, LoadClient, updateMessage } from "./client.ts";
import { delivered, dismiss, gather } from "./crowd.ts";
import { type BenchServer, cpuSeconds, residentBytes } from "./servers.ts";
import { Stopwatch, sendSteadily } from "./workloads.ts";

/** Bytes of resident memory that one idle connection costs. */
export const idleBytes = async (server: BenchServer, connections: number): Promise<number> => {
  const warm = await gather(server, { name: "warm", rooms: 10, perRoom: 10 });
  const before = residentBytes(server.pid);
  const idle = await gather(server, { name: "idle", rooms: 50, perRoom: connections / 50 });
  await sleep(systemClock, 1_000);
  const after = residentBytes(server.pid);
  dismiss([...warm, ...idle]);
  return (after - before) / connections;
};

/** Rooms that the relay holds in memory, by its own metrics. */
export const roomsLoaded = async (server: BenchServer): Promise<number> => {
  const text = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
  return Number(/^context_mesh_relay_rooms_loaded (\d+)/m.exec(text)?.[1] ?? Number.NaN);
};

const fillers = 50;
const entryBytes = 1_000;

/** Fills a room and returns the state vector of what is in it. */
const fill = async (server: BenchServer, room: string, bytes: number): Promise<Uint8Array> => {
  const client = new LoadClient({ server, room });
  await client.open();
  await client.sync();
  const each = Math.ceil(bytes / entryBytes / fillers);
  const content = "x".repeat(entryBytes - 20);
  for (let id = 1; id <= fillers; id += 1) {
    for (let clock = 0; clock < each; clock += 1)
      client.send(client.frame(updateMessage(appendUpdate(id, clock, content))));
    await client.sync();
  }
  client.close();
  return encodeStateVector(new Map(Array.from({ length: fillers }, (_, at) => [at + 1, each])));
};

export interface JoinCost {
  /** Processor time of ten joins at once, in ms. */
  readonly tenJoinsMs: number;
  /** Of one resync that brings nothing, in ms. */
  readonly resyncMs: number;
  /** The longest that a write in another room took to reach its reader meanwhile, in ms. */
  readonly otherRoomMs: number;
}

const joinAtOnce = async (server: BenchServer, room: string, count: number, vector: Uint8Array): Promise<void> => {
  const clients = Array.from({ length: count }, () => new LoadClient({ server, room }));
  for (const client of clients) await client.open();
  await Promise.all(clients.map((client) => client.sync([...vector])));
  for (const client of clients) client.close();
};

const medianOf = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

export const joins = async (server: BenchServer, roomBytes: number): Promise<JoinCost> => {
  const vector = await fill(server, "big", roomBytes);
  const watch = new Stopwatch();
  const others = await gather(server, {
    name: "other",
    rooms: 1,
    perRoom: 2,
    onMessage: ({ bytes, from }) => watch.received(bytes, from),
  });
  await joinAtOnce(server, "big", 10, Uint8Array.of(0));
  const tens: number[] = [];
  const steady = sendSteadily(others, { perSecond: 200, seconds: 4 }, (writer) => watch.sent(writer));
  for (let run = 0; run < 10; run += 1) {
    const before = cpuSeconds(server.pid);
    await joinAtOnce(server, "big", 10, Uint8Array.of(0));
    tens.push((cpuSeconds(server.pid) - before) * 1_000);
  }
  await steady;
  const known = new LoadClient({ server, room: "big" });
  await known.open();
  const before = cpuSeconds(server.pid);
  const resyncs = 300;
  for (let run = 0; run < resyncs; run += 1) await known.sync([...vector]);
  const resyncMs = ((cpuSeconds(server.pid) - before) * 1_000) / resyncs;
  known.close();
  const otherRoomMs = delivered(others) === 0 ? Number.NaN : Math.max(...watch.latencies);
  dismiss(others);
  return { tenJoinsMs: medianOf(tens), resyncMs, otherRoomMs };
};
