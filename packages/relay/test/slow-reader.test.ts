/** Slow readers: bounded memory, caught up in place, nobody else notices. */

import { describe, expect, it } from "vitest";
import { World } from "./support/world.ts";

describe("a slow reader", () => {
  it("[REL-6a] holds at most 1 MB, catches up from its cursor in messages of at most 256 KB, and others do not notice", async () => {
    const world = new World();
    const relay = await world.relay("relay", { limits: { recentBytesMax: 2 ** 18 } });
    const writer = await world.client(relay);
    const slow = await world.client(relay);
    const quick = await world.client(relay);
    await world.until(() => slow.synced && quick.synced, "both are synced");
    const [link] = world.network.links(({ from }) => from === "client-2");
    link?.pauseReading("dialer");
    let most = 0;
    for (let n = 0; n < 400; n++) {
      writer.add(`${n} ${"x".repeat(20_000)}`);
      await world.pass(3);
      most = Math.max(most, link?.end("listener").bufferedBytes ?? 0);
    }
    await world.pass(50);
    expect([quick.items.length, slow.items.length, slow.closedWith]).toEqual([400, 0, undefined]);
    expect(most).toBeLessThanOrEqual(2 ** 20);
    expect(relay.relay.metrics().readers_lagged).toBeGreaterThan(0);
    const heard = slow.heard.length;
    link?.resumeReading("dialer");
    await world.until(() => slow.items.length === 400, "it has caught up");
    expect(slow.items).toEqual(writer.items);
    const caughtUp = slow.heard.slice(heard).flatMap((m) => (m.type === "update" ? [m.update.length] : []));
    expect(Math.max(...caughtUp)).toBeLessThanOrEqual(2 ** 18 + 1_000);
    writer.add("live again");
    await world.until(() => slow.items.length === 401, "it is live again");
  });

  it("is given the base again when the log it needs was trimmed meanwhile", async () => {
    const world = new World();
    const relay = await world.relay("relay", { limits: { recentBytesMax: 1_000, compactUpdates: 10 } });
    const [writer, slow] = [await world.client(relay), await world.client(relay)];
    await world.until(() => slow.synced, "it is synced");
    const [link] = world.network.links(({ from }) => from === "client-2");
    link?.pauseReading("dialer");
    for (let n = 0; n < 150; n++) {
      writer.add(`${n} ${"x".repeat(20_000)}`);
      if (n % 10 === 9) writer.doc.getArray("items").delete(0, 2);
      await world.pass(20);
    }
    await world.pass(5_000);
    const store = relay.disk.open();
    expect(
      await world.clock.waitFor(store.trimLog("room", { beforeMs: Number.MAX_SAFE_INTEGER, bytesMax: 0 })),
    ).toBeGreaterThan(60);
    link?.resumeReading("dialer");
    await world.until(() => slow.items.length === writer.items.length, "it has caught up");
    expect([slow.items, slow.closedWith]).toEqual([writer.items, undefined]);
  });

  it("gets a large update in pieces, whoever else reads", async () => {
    const world = new World();
    const relay = await world.relay("relay");
    const [writer, reader] = [await world.client(relay), await world.client(relay)];
    await world.until(() => reader.synced, "it is synced");
    const heard = reader.heard.length;
    writer.doc.transact(() => {
      for (let n = 0; n < 100; n++) writer.doc.getArray("items").insert(0, [`${n} ${"x".repeat(20_000)}`]);
    });
    await world.until(() => reader.items.length === 100, "it arrives");
    const sizes = reader.heard.slice(heard).flatMap((m) => (m.type === "update" ? [m.update.length] : []));
    expect(sizes.length).toBeGreaterThan(5);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2 ** 18 + 1_000);
    expect(relay.relay.metrics().readers_lagged).toBe(0);
  });

  it("gets the presence it missed once it reads again", async () => {
    const world = new World();
    const relay = await world.relay("relay");
    const [writer, slow] = [await world.client(relay), await world.client(relay)];
    await world.until(() => slow.synced, "it is synced");
    const [link] = world.network.links(({ from }) => from === "client-2");
    link?.pauseReading("dialer");
    for (let n = 0; n < 100; n++) {
      writer.add("x".repeat(20_000));
      await world.pass(3);
    }
    writer.present(5, 1);
    await world.pass(100);
    link?.resumeReading("dialer");
    await world.until(() => slow.items.length === 100, "it has caught up");
    await world.pass(200);
    expect(slow.types).toContain("awareness");
  });
});
