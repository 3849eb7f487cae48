/**
 * A 20 MB context imported by one agent and read by two others whose links to the relay carry 1 Mbit/s each, on real sockets:
 * an agent of ours, and a stock y-websocket client.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket, connect as tcpConnect } from "node:net";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { Readable } from "node:stream";
import { sleep, systemClock } from "@context-mesh/common";
import { join } from "context-mesh";
import { WebSocket } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { startRelay } from "./relay-process.ts";
import type { Figure } from "./result.ts";

const bytesPerSecond = 125_000;
const tickMs = 50;

/** Passes bytes on at the given rate, one direction, with back-pressure to the sender. */
const trickle = async (from: Socket, to: Socket): Promise<void> => {
  for await (const chunk of Readable.from(from)) {
    const bytes = chunk as Buffer;
    const share = Math.ceil((bytesPerSecond * tickMs) / 1_000);
    for (let at = 0; at < bytes.length; at += share) {
      if (!to.writable) return;
      to.write(bytes.subarray(at, at + share));
      await sleep(systemClock, (Math.min(share, bytes.length - at) / bytesPerSecond) * 1_000);
    }
  }
  to.end();
};

/** A proxy before the relay, as slow as the link it stands for. Returns its port. */
const slowProxy = async (port: number): Promise<{ readonly port: number; close(): void }> => {
  const server = createServer((client) => {
    const relay = tcpConnect(port, "127.0.0.1");
    for (const socket of [client, relay]) socket.on("error", () => socket.destroy());
    trickle(relay, client).catch(() => client.destroy());
    client.pipe(relay);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return { port: typeof address === "object" && address !== null ? address.port : 0, close: () => server.close() };
};

const bigContext = (): { version: string; project_state: { active_tasks: object[] } } => ({
  version: "2.0",
  project_state: {
    active_tasks: Array.from({ length: 20_000 }, (_, n) => ({
      id: `task-${n}`,
      status: "pending",
      title: `Task number ${n}`,
      description: Array.from({ length: 100 }, (_, word) => `word${(n * 31 + word * 17) % 9_973}`).join(" "),
    })),
  },
});

const patienceMs = 900_000;

/** A stock client of the room, and when it had everything that it was promised. */
const stockReader = (
  url: string,
): { readonly doc: Y.Doc; readonly synced: Promise<number>; closes(): number; end(): void } => {
  const doc = new Y.Doc();
  const startMs = systemClock.monotonicMs();
  const provider = new WebsocketProvider(url, "slow", doc, { WebSocketPolyfill: WebSocket as never, disableBc: true });
  let closes = 0;
  provider.on("connection-close", () => {
    closes += 1;
  });
  const synced = new Promise<number>((resolve) => {
    provider.on("sync", (isSynced: boolean) => isSynced && resolve(systemClock.monotonicMs() - startMs));
    systemClock.after(patienceMs, () => resolve(Number.POSITIVE_INFINITY));
  });
  const end = (): void => {
    provider.destroy();
    // Its presence looks for the silent every few seconds, until the document has gone.
    doc.destroy();
  };
  return { doc, synced, closes: () => closes, end };
};

const sameState = (a: Y.Doc, b: Y.Doc): boolean => Buffer.compare(Y.encodeStateVector(a), Y.encodeStateVector(b)) === 0;

export const run = async (say: (text: string) => void): Promise<readonly Figure[]> => {
  const folder = mkdtempSync(joinPath(tmpdir(), "context-mesh-slow-"));
  const relay = await startRelay(joinPath(folder, "relay"));
  const writer = await join({
    room: "slow",
    agent: "writer",
    relays: [relay.url],
    storage: joinPath(folder, "writer"),
  });
  const context = bigContext();
  const bytes = JSON.stringify(context).length;
  writer.import(context as Parameters<typeof writer.import>[0]);
  const sent = await writer.sync({ full: true, timeoutMs: 120_000, durable: 1 });
  say(`imported ${(bytes / 1e6).toFixed(1)} MB, ${sent.reached}`);

  const proxy = await slowProxy(relay.port);
  const stock = stockReader(`ws://127.0.0.1:${proxy.port}`);
  const startMs = systemClock.monotonicMs();
  const reader = await join({
    room: "slow",
    agent: "reader",
    relays: [`ws://127.0.0.1:${proxy.port}`],
    storage: joinPath(folder, "reader"),
  });
  const expected = writer.status().digest;
  const deadlineMs = startMs + patienceMs;
  while (reader.status().digest !== expected && systemClock.monotonicMs() < deadlineMs) await sleep(systemClock, 1_000);
  const tookMs = systemClock.monotonicMs() - startMs;
  const isEqual = reader.status().digest === expected;
  const attempts = reader.status().relays[0]?.attempts ?? 0;
  const stockMs = await stock.synced;
  const near = stockReader(relay.url);
  await near.synced;
  const isStockEqual = sameState(stock.doc, near.doc);
  const stockCloses = stock.closes();
  for (const client of [stock, near]) client.end();
  await reader.leave({ flushMs: 0 });
  await writer.leave({ flushMs: 0 });
  proxy.close();
  await relay.stop();
  rmSync(folder, { recursive: true, force: true });
  const wireSeconds = bytes / bytesPerSecond;
  return [
    {
      clause: "SYNC-11a",
      what: `a context of ${(bytes / 1e6).toFixed(1)} MB over 1 Mbit/s, digests equal`,
      figure: isEqual ? tookMs / 1_000 : Number.POSITIVE_INFINITY,
      unit: "s",
      target: 600,
      pass: isEqual && tookMs < 600_000,
      baseline: { what: "its JSON alone at line rate, s", figure: wireSeconds },
      package: "packages/relay",
    },
    { what: "connections the reader needed", figure: attempts, unit: "", package: "packages/mesh" },
    {
      what: "the same for a stock y-websocket client, until it says that it is in sync and has what one on a fast link has",
      figure: isStockEqual ? stockMs / 1_000 : Number.POSITIVE_INFINITY,
      unit: "s",
      target: 600,
      pass: isStockEqual && stockMs < 600_000,
      package: "packages/relay",
    },
    { what: "connections that it lost meanwhile", figure: stockCloses, unit: "", package: "packages/relay" },
  ];
};
