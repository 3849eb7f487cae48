/** Stock y-websocket clients of all three versions at a relay of ours. */

import { systemClock } from "@context-mesh/common";
import { DocDisk } from "@context-mesh/memory";
import { afterEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { type RealRelay, startRelay } from "./support/real-relay.ts";
import { StockClient } from "./support/stock.ts";

const clients: StockClient[] = [];
const relays: RealRelay[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.stop()));
  await Promise.all(relays.splice(0).map((relay) => relay.stop()));
});

const relay = async (options: Parameters<typeof startRelay>[0] = {}): Promise<RealRelay> => {
  const started = await startRelay(options);
  relays.push(started);
  return started;
};

const client = (version: "v1" | "v2" | "v3", at: RealRelay, room = "acme/check%20out"): StockClient => {
  const started = new StockClient(version, at.url, room);
  clients.push(started);
  return started;
};

describe("stock clients", () => {
  it("[NODE-3a] [SCH-22] of versions 1, 2 and 3 join one room, are told that they are in sync, and sync both ways", async () => {
    const at = await relay();
    const all = (["v1", "v2", "v3"] as const).map((version) => client(version, at));
    for (const one of all) await one.until(({ synced }) => synced, "it is synced");
    for (const [n, one] of all.entries()) one.do("add", [`from v${n + 1}`]);
    for (const one of all) await one.until(({ items }) => items.length === 3, "it has all three");
    all[1]?.do("remove", 0);
    for (const one of all) await one.until(({ items }) => items.length === 2, "the deletion arrives");
    const [first, ...others] = all.map(({ state }) => state.items);
    expect(others).toEqual([first, first]);
  });

  it("[NODE-3a] see who is present, and who left", async () => {
    const at = await relay();
    const all = (["v1", "v2", "v3"] as const).map((version) => client(version, at));
    for (const [n, one] of all.entries()) {
      await one.until(({ connected }) => connected, "it is connected");
      one.do("name", `agent ${n + 1}`);
    }
    for (const one of all) await one.until(({ present }) => present.length === 3, "it sees three");
    all[0]?.do("leave");
    for (const one of all.slice(1)) await one.until(({ present }) => present.length === 2, "it sees one leave");
    expect([...(all[2]?.state.present ?? [])].sort()).toEqual(["agent 2", "agent 3"]);
  });

  it("[SCH-22] bring what they wrote while there was no relay", async () => {
    const first = await relay();
    const early = client("v3", first);
    await early.until(({ connected }) => connected, "it is connected");
    await first.stop();
    early.do("add", ["written alone"]);
    const again = await relay({ port: first.port, disk: first.disk });
    const other = client("v1", again);
    await other.until(({ items }) => items.length === 1, "it arrives");
    expect(other.state.items).toEqual(["written alone"]);
  });

  it.each(["v1", "v2", "v3"] as const)(
    "[REL-3a] of version %s at a cold relay call themselves synced only with everything",
    async (version) => {
      const disk = new DocDisk({ clock: systemClock });
      const doc = new Y.Doc();
      for (let n = 0; n < 3_000; n++) doc.getArray("items").insert(0, [`${n} ${"x".repeat(300)}`]);
      const store = disk.open();
      await store.append([{ room: "cold", bytes: Y.encodeStateAsUpdate(doc), at: 0, agent: "", session: "" }]);
      await store.close();
      const at = await relay({ disk });
      const reader = client(version, at, "cold");
      await reader.until(({ synced }) => synced, "it is synced");
      expect(reader.state.firstSynced).toBe(3_000);
      expect(at.relay.metrics().join_chunks_sent).toBeGreaterThan(2);
    },
  );
});
