/** What a large room and many idle connections cost a server. */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { sleep, systemClock } from "@context-mesh/common";
import { encodeStateVector } from "@context-mesh/protocol";
import { appendUpdate, LoadClient, updateMessage } from "./client.ts";
import { delivered, dismiss, gather } from "./crowd.ts";
import type { JoinOrder } from "./join-process.ts";
import { type BenchServer, cpuSeconds, residentBytes, startPour } from "./servers.ts";
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

const joinFile = fileURLToPath(new URL("join-process.js", import.meta.url));
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

/** Has the other process join; resolves when everybody there has everything. */
const joinAtOnce = async (joiners: ChildProcess, order: JoinOrder): Promise<void> => {
  const joined = once(joiners, "message");
  joiners.send(order);
  await joined;
};

// A processor's time is counted in steps of 10 ms: several runs together.
const runs = 10;

/** Processor time of one order, in ms. */
const costOfJoins = async (server: BenchServer, joiners: ChildProcess, order: JoinOrder): Promise<number> => {
  await joinAtOnce(joiners, order);
  const startCpu = cpuSeconds(server.pid);
  for (let run = 0; run < runs; run += 1) await joinAtOnce(joiners, order);
  return ((cpuSeconds(server.pid) - startCpu) * 1_000) / runs;
};

/** What the kernel alone takes for handing so many bytes to ten sockets, in ms. */
export const joinFloor = async (roomBytes: number): Promise<number> => {
  const server = await startPour(roomBytes);
  const joiners = fork(joinFile, { execArgv: [] });
  try {
    const target = { port: server.port, dialect: server.dialect };
    return await costOfJoins(server, joiners, { server: target, room: "", count: 10, isRaw: true });
  } finally {
    joiners.kill();
    await server.stop();
  }
};

/** A server may be at work on what was just written, once, whoever joins. */
const restMs = 2_500;

export const joins = async (server: BenchServer, roomBytes: number): Promise<JoinCost> => {
  const vector = await fill(server, "big", roomBytes);
  const watch = new Stopwatch();
  const others = await gather(server, {
    name: "other",
    rooms: 1,
    perRoom: 2,
    onMessage: ({ bytes, from }) => watch.received(bytes, from),
  });
  const joiners = fork(joinFile, { execArgv: [] });
  const order = { server: { port: server.port, dialect: server.dialect }, room: "big", count: 10 };
  await sleep(systemClock, restMs);
  const tenJoinsMs = await costOfJoins(server, joiners, order);
  const steady = sendSteadily(others, { perSecond: 200, seconds: 2 }, (writer) => watch.sent(writer));
  for (let run = 0; run < runs / 2; run += 1) await joinAtOnce(joiners, order);
  await steady;
  joiners.kill();
  const known = new LoadClient({ server, room: "big" });
  await known.open();
  const before = cpuSeconds(server.pid);
  const resyncs = 300;
  for (let run = 0; run < resyncs; run += 1) await known.sync([...vector]);
  const resyncMs = ((cpuSeconds(server.pid) - before) * 1_000) / resyncs;
  known.close();
  const otherRoomMs = delivered(others) === 0 ? Number.NaN : Math.max(...watch.latencies);
  dismiss(others);
  return { tenJoinsMs, resyncMs, otherRoomMs };
};
