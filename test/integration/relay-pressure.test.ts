/** A real relay process which is stopped under load, or at which everybody comes back at once. */

import { temporaryFolder, until } from "@context-mesh/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { HandClient } from "../fuzz/src/hand-client.ts";
import { bytesOf, inRoot, varUint } from "../fuzz/src/hostile-bytes.ts";
import { WatchedRelay } from "../fuzz/src/watched-relay.ts";

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean();
});

const relayIn = async (storage: string): Promise<WatchedRelay> => {
  const relay = new WatchedRelay(storage);
  cleanUp.push(() => relay.stop("SIGKILL"));
  await relay.start();
  return relay;
};

/** One struct of this client: bytes in a root array. */
const blob = (client: number, bytes: number): Uint8Array =>
  bytesOf([1, 1], varUint(client), [0, 3, 1, 1, 97], varUint(bytes), new Array<number>(bytes).fill(7), 0);

describe("a relay under pressure", () => {
  it("[REL-9c] loses nothing acknowledged at SIGTERM under load, says 1012 to everybody, and is gone within 5 s", async () => {
    const folder = temporaryFolder();
    cleanUp.push(() => folder.remove());
    const relay = await relayIn(folder.path);
    const writers = await Promise.all(
      Array.from({ length: 4 }, (_, n) => HandClient.open(relay.port, "load", `w${n}`)),
    );
    let isRunning = true;
    const floods = writers.map(async (writer, n) => {
      for (let clock = 0; isRunning && !writer.socket.isEnded; clock++) {
        writer.send(inRoot(500 + n, clock, "a"));
        if (clock % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 2));
      }
    });
    await until(() => writers.every((writer) => writer.acked > 20), "all are at work");
    const startMs = performance.now();
    const exitCode = await relay.stop("SIGTERM");
    const tookMs = performance.now() - startMs;
    isRunning = false;
    await Promise.all(floods);
    expect([exitCode, tookMs < 5_000]).toEqual([0, true]);
    expect(writers.map((writer) => writer.socket.closeCode)).toEqual(writers.map(() => 1012));
    await relay.start();
    const reader = await HandClient.open(relay.port, "load", "reader");
    await reader.socket.until(() => reader.isSynced);
    // The first message of each was its empty answer to the relay's question.
    const missing = writers.filter((writer, n) => (reader.clocks().get(500 + n) ?? 0) < writer.acked - 1);
    expect(missing.length).toBe(0);
    reader.socket.destroy();
  });

  it("[REL-7a] takes 300 clients back at once after a restart, and answers each", async () => {
    const folder = temporaryFolder();
    cleanUp.push(() => folder.remove());
    const relay = await relayIn(folder.path);
    const writer = await HandClient.open(relay.port, "crowd", "w");
    writer.send(blob(7, 10_000));
    await writer.settled();
    await relay.stop();
    await relay.start();
    const startMs = performance.now();
    const crowd = await Promise.all(
      Array.from({ length: 300 }, (_, n) => HandClient.open(relay.port, "crowd", `c${n}`)),
    );
    await Promise.all(crowd.map((client) => client.socket.until(() => client.isSynced)));
    expect(performance.now() - startMs).toBeLessThan(10_000);
    expect(crowd.every((client) => client.clocks().get(7) === 1)).toBe(true);
    for (const client of crowd) client.socket.destroy();
  });
});
