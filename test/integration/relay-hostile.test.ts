/** Broken and hostile bytes at a relay: each is refused or ignored and counted, and honest work goes on. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { seededRandom } from "@context-mesh/common";
import type { Connection } from "@context-mesh/ports";
import { encodeStep1, encodeUpdate } from "@context-mesh/protocol";
import { createDialer } from "@context-mesh/provider-websocket";
import { until } from "@context-mesh/testkit";
import { afterEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { type RealRelay, startRelay } from "./support/real-relay.ts";
import { StockClient } from "./support/stock.ts";

const relays: RealRelay[] = [];
const clients: StockClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.stop()));
  await Promise.all(relays.splice(0).map((relay) => relay.stop()));
});

const setUp = async (): Promise<{ readonly at: RealRelay; readonly honest: StockClient }> => {
  const at = await startRelay({ limits: { roomsPerMinuteMax: 1_000_000 } });
  relays.push(at);
  const honest = new StockClient("v3", at.url, "room");
  clients.push(honest);
  await honest.until(({ synced }) => synced, "it is synced");
  return { at, honest };
};

/** A WebSocket client that frames by hand. */
const handMade = async (port: number): Promise<Socket> => {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  const lines = ["GET /room HTTP/1.1", "Host: 127.0.0.1", "Connection: Upgrade", "Upgrade: websocket"];
  socket.write([...lines, "Sec-WebSocket-Version: 13", `Sec-WebSocket-Key: ${"A".repeat(22)}==`, "", ""].join("\r\n"));
  await once(socket, "data");
  socket.resume();
  return socket;
};

const stillWorks = async (at: RealRelay, honest: StockClient, mark: string): Promise<void> => {
  const before = at.relay.metrics().updates_committed as number;
  honest.do("add", [mark]);
  await until(() => (at.relay.metrics().updates_committed as number) > before, "honest work is saved");
};

describe("a relay under fire", () => {
  it("[REL-4b] survives WebSocket frames that break the rules, at once and one after the other", async () => {
    const { at, honest } = await setUp();
    const frames = [
      [0x83, 0x80, 0, 0, 0, 0],
      [0xf2, 0x80, 0, 0, 0, 0],
      [0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0],
      [0x88, 0x82, 0, 0, 0, 0, 0, 1],
      [0x89, 0xfe, 1, 0, 0, 0, 0, 0],
      [0x82, 1, 7],
      [0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe],
      [0x80, 0x81, 0, 0, 0, 0, 1],
      [0x02, 0x81, 0, 0, 0, 0, 1, 0x02, 0x81, 0, 0, 0, 0, 1],
    ];
    for (let round = 0; round < 3; round++) {
      const sockets = await Promise.all(frames.map(() => handMade(at.port)));
      const ended = Promise.all(sockets.map((socket) => once(socket, "close")));
      for (const [n, socket] of sockets.entries()) socket.write(Uint8Array.from(frames[n] as number[]));
      await ended;
      await stillWorks(at, honest, `round ${round}`);
    }
    expect(at.refusals.filter((reason) => reason === "bad_frame").length).toBe(3 * 9);
    await until(() => at.listening.connectionCount === 1, "only the honest one is left");
  });

  it("[REL-4b] survives 5,000 mutated messages of a seeded fuzzer without a long stall, and serves everybody after each five hundred", async () => {
    const { at, honest } = await setUp();
    const random = seededRandom(20_260_101);
    const doc = new Y.Doc();
    doc.clientID = 99;
    const vector = Y.encodeStateVector(doc);
    const updates: Uint8Array[] = [];
    doc.on("update", (update: Uint8Array) => updates.push(update));
    for (let n = 0; n < 20; n++) doc.getMap("m").set(`k${n % 5}`, { n, text: "äöü", list: [1, [2]] });
    doc.getArray("items").push([1, 2, 3]);
    doc.getArray("items").delete(0, 2);
    updates.push(Y.encodeStateAsUpdate(doc));
    const messages = [
      encodeStep1(vector),
      Uint8Array.of(3),
      Uint8Array.of(1, 5, 1, 7, 1, 2, 123, 125),
      ...updates.map(encodeUpdate),
    ];
    const mutated = (list: readonly Uint8Array[]): Uint8Array => {
      const bytes = (list[random.int(list.length)] as Uint8Array).slice();
      const keep = random.int(8) === 0 ? random.int(bytes.length + 1) : bytes.length;
      for (let n = random.int(4); n > 0; n--) bytes[random.int(bytes.length)] = random.int(256);
      return bytes.subarray(0, keep);
    };
    const dial = (): Promise<Connection> =>
      createDialer().dial(`${at.url}/room`, { subprotocols: [], timeoutMs: 5_000 });
    const steady = await dial();
    const closes: number[] = [];
    steady.handle({ onMessage: () => {}, onClose: (code) => closes.push(code) });
    let longestMs = 0;
    for (let n = 1; n <= 5_000; n++) {
      steady.send(encodeUpdate(mutated(updates)));
      if (n % 10 === 0) {
        const startedMs = performance.now();
        await new Promise((resolve) => setImmediate(resolve));
        longestMs = Math.max(longestMs, performance.now() - startedMs);
      }
      if (n % 25 === 0) {
        const brief = await dial();
        brief.handle({ onMessage: () => {}, onClose: () => {} });
        for (let k = 0; k < 5; k++) brief.send(mutated(messages));
        brief.close(1000, "");
      }
      if (n % 500 === 0) await stillWorks(at, honest, `after ${n}`);
    }
    await until(() => (at.relay.metrics().updates_in as number) > 5_000, "all has arrived");
    const { messages_refused, updates_refused, updates_held, updates_in } = at.relay.metrics();
    expect(Math.min(messages_refused as number, updates_refused as number, updates_held as number)).toBeGreaterThan(10);
    expect((updates_in as number) - (updates_refused as number)).toBeGreaterThan(1_000);
    expect(closes).toEqual([]);
    expect(longestMs).toBeLessThan(250);
    const late = new StockClient("v3", at.url, "room");
    clients.push(late);
    await late.until(({ synced, items }) => synced && items.length >= 10, "a newcomer is served");
  });

  it("[REL-8a] comes back to where it was after 300 connections to 60 rooms", async () => {
    const { at, honest } = await setUp();
    for (let round = 0; round < 5; round++) {
      const connections = await Promise.all(
        Array.from({ length: 60 }, (_, n) =>
          createDialer().dial(`${at.url}/soak-${n}`, { subprotocols: [], timeoutMs: 5_000 }),
        ),
      );
      const answered = connections.map(
        (connection) =>
          new Promise<void>((resolve) => connection.handle({ onMessage: () => resolve(), onClose: () => {} })),
      );
      await Promise.all(answered);
      for (const [n, connection] of connections.entries()) {
        if (n % 2 === 0) connection.close(1000, "");
        else connection.terminate();
      }
    }
    await until(() => at.listening.connectionCount === 1, "the sockets are gone");
    await until(() => at.relay.metrics().rooms_loaded === 1 && at.relay.metrics().sessions === 1, "the rooms are gone");
    await stillWorks(at, honest, "still here");
  });
});
