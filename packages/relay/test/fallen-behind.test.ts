/** A store that comes back under way without something it had answered for: as after a start with such a store. */

import { DocDisk } from "@context-mesh/memory";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { World } from "./support/world.ts";

const itemsIn = async (world: World, disk: DocDisk, room: string): Promise<readonly unknown[]> => {
  const { base, tail } = await world.clock.waitFor(disk.open().load(room));
  const doc = new Y.Doc();
  for (const { bytes } of [...(base === undefined ? [] : [base]), ...tail]) Y.applyUpdate(doc, bytes);
  return doc.getArray("items").toArray();
};

describe("a store that falls behind under way", () => {
  it("[RELAY-36] is filled up by peers before anything more is acknowledged, for rooms in memory and for others", async () => {
    const world = new World();
    const disk = new DocDisk({ clock: world.clock });
    const peer = await world.relay("peer");
    const relay = await world.relay("relay", { disk, peers: [peer.url] });
    const away = await world.client(relay, "away");
    const writer = await world.client(relay, "room", { node: "w" });
    await world.until(() => away.synced && writer.synced, "both are synced");
    const backup = disk.backup();
    away.add("lost in a room that nobody is in");
    writer.add("lost in a loaded room");
    await world.until(() => writer.acked?.count === writer.sent, "it is acknowledged");
    await world.pass(3_000);
    away.connection.close(1000, "");
    await world.pass(60_000);
    disk.fallBack(backup);
    await world.pass(10);
    expect(writer.closedWith).toBe(1013);
    expect(await world.clock.waitFor(relay.relay.ready())).toMatchObject({ ok: false });
    const back = await world.client(relay, "room", { node: "w", doc: writer.doc });
    back.add("new");
    await world.pass(50);
    expect(back.acked?.count ?? 0).toBe(0);
    await world.until(() => back.acked?.count === back.sent, "it is acknowledged once the peer has answered");
    await world.pass(60_000);
    expect(await world.clock.waitFor(relay.relay.ready())).toEqual({ ok: true, reasons: [] });
    expect(await itemsIn(world, disk, "away")).toEqual(["lost in a room that nobody is in"]);
    expect(await itemsIn(world, disk, "room")).toEqual(["lost in a loaded room", "new"]);
  });

  it("[RELAY-36] is filled up by its clients where there is no peer", async () => {
    const world = new World();
    const disk = new DocDisk({ clock: world.clock });
    const relay = await world.relay("relay", { disk });
    const writer = await world.client(relay);
    await world.until(() => writer.synced, "it is synced");
    const backup = disk.backup();
    writer.add(1, 2);
    await world.pass(100);
    disk.fallBack(backup);
    await world.until(() => writer.closedWith !== undefined, "it is sent away");
    const back = await world.client(relay, "room", { doc: writer.doc });
    await world.until(() => back.synced, "it is back");
    await world.pass(1_000);
    expect(await itemsIn(world, disk, "room")).toEqual([1, 2]);
    expect(await world.clock.waitFor(relay.relay.ready())).toEqual({ ok: true, reasons: [] });
  });
});
