/** Relays among themselves over real sockets: ours with ours, and ours with the server that comes with y-websocket 2.1. */

import { until } from "@context-mesh/testkit";
import { afterEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { type RealRelay, type RealRelayOptions, startRelay } from "./support/real-relay.ts";
import { StockClient, type StockServer, startStockServer } from "./support/stock.ts";

const clients: StockClient[] = [];
const relays: RealRelay[] = [];
const servers: StockServer[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.stop()));
  await Promise.all(relays.splice(0).map((relay) => relay.stop()));
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

const relay = async (options: RealRelayOptions = {}): Promise<RealRelay> => {
  const started = await startRelay(options);
  relays.push(started);
  return started;
};

const stockServer = async (port?: number): Promise<StockServer> => {
  const server = await startStockServer(port);
  servers.push(server);
  return server;
};

const client = (url: string, room: string): StockClient => {
  const started = new StockClient("v3", url, room);
  clients.push(started);
  return started;
};

const itemsAt = async (at: RealRelay, room: string): Promise<readonly unknown[]> => {
  const doc = new Y.Doc();
  const state = await at.relay.roomState(room);
  if (state !== undefined) Y.applyUpdate(doc, state);
  return doc.getArray("items").toArray();
};

describe("a relay and a stock server", () => {
  it("[NODE-2b] exchange what they have, both ways, presence included", async () => {
    const stock = await stockServer();
    const there = client(stock.url, "shared");
    await there.until(({ synced }) => synced, "it is synced");
    there.do("add", ["was there before"]);
    there.do("name", "over there");
    const ours = await relay({ peers: [`${stock.url}/shared`] });
    const here = client(ours.url, "shared");
    await here.until(({ items, present }) => items.length === 1 && present.length === 1, "it arrives here");
    here.do("add", ["from here"]);
    here.do("name", "over here");
    await there.until(({ items, present }) => items.length === 2 && present.length === 2, "it arrives there");
    there.do("remove", 0);
    await here.until(({ items }) => items.length === 1, "the deletion arrives");
    expect([stock.isUp(), await itemsAt(ours, "shared")]).toEqual([true, ["from here"]]);
  });

  it("fill a stock server that came back empty, without its being configured room by room", async () => {
    const first = await stockServer();
    const ours = await relay({
      peers: [first.url],
      limits: { peerDialMs: 1_000, reconnectBaseMs: 50, reconnectCapMs: 200 },
    });
    const here = client(ours.url, "kept");
    here.do("add", ["kept by us"]);
    const there = client(first.url, "kept");
    await there.until(({ items }) => items.length === 1, "it arrives there");
    await first.stop();
    await there.stop();
    const again = await stockServer(first.port);
    const newcomer = client(again.url, "kept");
    await newcomer.until(({ items }) => items.length === 1, "it is there again");
    expect(newcomer.state.items).toEqual(["kept by us"]);
  });
});

describe("two relays of ours", () => {
  it("[SCH-24] learn each other's rooms, whoever dials", async () => {
    const one = await relay();
    const writer = client(one.url, "only/here");
    writer.do("add", ["a"]);
    await until(() => one.relay.metrics().updates_committed === 1, "it is on disk");
    const two = await relay({ peers: [one.url] });
    await until(() => two.relay.metrics().updates_committed === 1, "the room is learned");
    expect(await itemsAt(two, "only/here")).toEqual(["a"]);
    const other = client(two.url, "only/there");
    other.do("add", ["b"]);
    await until(() => one.relay.metrics().updates_committed === 2, "and the other way round");
    expect(await itemsAt(one, "only/there")).toEqual(["b"]);
  });

  it("[NODE-2b] lose nothing that both have when one is killed, and work goes on", async () => {
    const one = await relay();
    const two = await relay({ peers: [one.url] });
    const [a, b] = [client(one.url, "room"), client(two.url, "room")];
    await a.until(({ synced }) => synced, "a is synced");
    await b.until(({ synced }) => synced, "b is synced");
    for (let n = 0; n < 100; n++) (n % 2 === 0 ? a : b).do("add", [n]);
    for (const one of [a, b]) await one.until(({ items }) => items.length === 100, "it has all");
    await one.kill();
    b.do("add", ["after"]);
    await until(() => two.relay.metrics().updates_committed === 101, "work goes on");
    const late = client(two.url, "room");
    await late.until(({ items }) => items.length === 101, "a newcomer has all");
    expect(late.state.items).toEqual(b.state.items);
  });
});
