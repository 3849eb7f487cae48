/** Poisonous updates at a real relay process: set aside by name, kept once for people, and nobody honest loses anything. */

import { join } from "node:path";
import { silentLogger, systemClock } from "@context-mesh/common";
import { openSqliteDocStore } from "@context-mesh/store-sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HandClient } from "../fuzz/src/hand-client.ts";
import { bytesOf, dense, gcRun, inRoot, oneValue, poisons } from "../fuzz/src/hostile-bytes.ts";
import { UnderFire } from "./support/fire.ts";

const fire = new UnderFire();
beforeAll(() => fire.start());
afterAll(() => fire.stop().then(() => fire.remove()));

/** At the very size of a frame, so that they are looked at in the background. */
const heavy: readonly (readonly [string, string, () => Uint8Array])[] = [
  ["8 million runs", "too_many_structs", () => dense(70, [0, 1], 16_000_000)],
  ["3 million items behind others", "too_many_structs", () => dense(71, [0x88, 9, 0, 1, 127], 16_000_000)],
  ["a value of 15 MB", "value_too_large", () => oneValue(15_000_000)],
];
const quarantined = async (
  room: string,
): Promise<readonly { readonly reason: string; readonly bytes: Uint8Array }[]> => {
  const store = await openSqliteDocStore({
    file: join(fire.relay.storage, "relay.db"),
    logger: silentLogger,
    clock: systemClock,
  });
  try {
    return await store.quarantined(room);
  } finally {
    await store.close();
  }
};

describe("poisonous updates", () => {
  it("[REL-4b] are each set aside, named to the sender, counted, and the connection goes on", async () => {
    const crook = await HandClient.open(fire.port, "poison", "crook");
    const outcomes: unknown[] = [];
    for (const [name, reason, update] of poisons) {
      const before = await fire.count("update", reason);
      crook.send(update);
      await crook.settled();
      const named = crook.setAside.splice(0).map((part) => part.reason);
      outcomes.push([name, named, (await fire.count("update", reason)) - before]);
    }
    expect(outcomes).toEqual(poisons.map(([name, reason]) => [name, [reason], 1]));
    crook.socket.destroy();
    await fire.stillServes();
  });

  it("[REL-4b] of 16 MB are looked at in the background, and hold nobody up", async () => {
    const crook = await HandClient.open(fire.port, "heavy", "crook");
    for (const [, reason, make] of heavy) {
      crook.send(make());
      await crook.settled(60_000);
      expect(crook.setAside.splice(0).map((part) => part.reason)).toEqual([reason]);
    }
    // Nothing is wrong with these but their number: they are taken in, part by part.
    crook.send(dense(74, [0, 1], 2_000_000));
    await crook.settled(60_000);
    // These wait for a client that nobody knows.
    crook.send(dense(73, [0x88, 9, 0, 1, 127], 2_000_000));
    await crook.socket.drained();
    await fire.stillServes();
    crook.socket.destroy();
  }, 120_000);

  it("[SCH-18] the same bytes at every reconnect are kept once, over restarts too", async () => {
    for (let round = 0; round < 2; round++) {
      for (let n = 0; n < 10; n++) {
        const crook = await HandClient.open(fire.port, "again", "crook");
        crook.send(gcRun(7, 0, 2 ** 50));
        crook.send(bytesOf([...inRoot(8, n + round * 10, "a")]));
        await crook.settled();
        expect([crook.setAside.length, crook.socket.isEnded]).toEqual([1, false]);
        crook.socket.destroy();
      }
      await fire.stop();
      const kept = await quarantined("again");
      expect(kept.map(({ reason, bytes }) => [reason, Buffer.from(bytes).equals(gcRun(7, 0, 2 ** 50))])).toEqual([
        ["clock_too_high", true],
      ]);
      await fire.start();
    }
  });
});
