/** Agents among stock y-websocket ends: a real stock server, and real stock clients in a room of ours. */

import { until } from "@context-mesh/testkit";
import type { Mesh } from "context-mesh";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NodeBench } from "./node-bench.ts";
import { StockClient, type StockServer, startStockServer } from "./support/stock.ts";

let bench: NodeBench;
let server: StockServer | undefined;
const clients: StockClient[] = [];
beforeEach(() => {
  bench = new NodeBench();
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.stop();
  await bench.close();
  await server?.stop();
  server = undefined;
});

const live = (mesh: Mesh): Promise<void> =>
  until(() => mesh.status().relays.every((relay) => relay.state === "live"), `${mesh.agent.id} is live`);

describe("a stock server", () => {
  it("[NODE-3b] is joined by agents that sync both ways, also after it lost everything", async () => {
    server = await startStockServer();
    const { url, port } = server;
    const [a, b] = [await bench.join("a", [url]), await bench.join("b", [url])];
    await live(a);
    await live(b);
    const receipt = a.tasks.add({ id: "t1", title: "over a stock server" });
    expect((await receipt.reached("relayed", { signal: AbortSignal.timeout(10_000) })).state).toBe("relayed");
    await until(() => b.tasks.get("t1") !== undefined, "b sees the task");
    b.tasks.done("t1", { summary: "seen" });
    await until(() => a.tasks.get("t1")?.list === "completed", "a sees it done");
    expect(a.status().relays).toMatchObject([{ kind: "stock", synced: true, durableUpTo: 0 }]);
    await server.stop();
    b.notes.add("written while it was away");
    server = await startStockServer(port);
    await until(() => a.notes.list().length === 1, "a gets the note from the new server");
    const late = await bench.join("late", [url]);
    await until(() => late.tasks.get("t1")?.fields.summary === "seen", "a late joiner gets everything");
    expect(new Set([a, b, late].map((mesh) => mesh.status().digest)).size).toBe(1);
  });
});

describe("stock clients in a room of ours", () => {
  it("[SYNC-3b] [CTX-4b] take nothing away: critical overtakes, and merging writes nothing", async () => {
    const relay = await bench.relay();
    for (const version of ["v1", "v2", "v3"] as const) clients.push(new StockClient(version, relay.url, "bench"));
    for (const client of clients) await client.until((state) => state.synced, "a stock client is in sync");
    const a = await bench.join("a", [relay.url], { mode: "levels" });
    const b = await bench.join("b", [relay.url]);
    await live(a);
    await live(b);
    clients[0]?.do("add", ["from a stock client"]);
    a.tasks.add({ id: "t1", title: "waits" });
    a.notes.add("waits, too");
    a.tasks.block("t1", { reason: "no API" });
    await until(() => b.tasks.get("t1")?.list === "blocked", "b sees the blocked task");
    expect(b.tasks.get("t1")?.title).toBe("waits");
    expect(b.notes.list()).toEqual([]);
    for (const client of clients)
      await client.until((state) => state.items.length === 1, "stock clients see each other");
    const clocks = (): readonly unknown[] => [a, b].map((mesh) => mesh.status().vector[mesh.status().writer]);
    const before = clocks();
    clients[2]?.do("add", ["another"]);
    await clients[1]?.until((state) => state.items.length === 2, "the second item");
    expect(clocks()).toEqual(before);
    await a.sync();
    await until(() => b.notes.list().length === 1, "the note after the sync");
    await until(() => a.status().digest === b.status().digest, "equal digests");
    expect(clients.every((client) => client.state.closes === 0)).toBe(true);
  });
});
