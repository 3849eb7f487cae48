/** A real relay process whose disk is full or damaged, which is stopped under load, or at which everybody comes back at once. */

import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { flipByte, temporaryFolder, until } from "@context-mesh/testkit";
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
const blob = (client: number, bytes: number, value = 7): Uint8Array =>
  bytesOf([1, 1], varUint(client), [0, 3, 1, 1, 97], varUint(bytes), new Array<number>(bytes).fill(value), 0);

/** A small file system in memory; a string says why there is none. */
const smallDisk = (megabytes: number): { readonly path: string } | string => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "because only root of a Linux may mount a disk";
  const folder = temporaryFolder();
  cleanUp.push(() => folder.remove());
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder.path], { stdio: "ignore" });
  } catch {
    return "because no disk can be mounted here";
  }
  cleanUp.push(() => void execFileSync("umount", [folder.path]));
  return folder;
};

const readiness = async (relay: WatchedRelay): Promise<{ readonly ok: boolean; readonly reasons: readonly string[] }> =>
  (await (await fetch(`http://127.0.0.1:${relay.port}/readyz`)).json()) as never;

/** Yjs clients that a newcomer is told of. */
const clientsIn = async (relay: WatchedRelay, room: string): Promise<ReadonlySet<number>> => {
  const reader = await HandClient.open(relay.port, room, "reader");
  await reader.socket.until(() => reader.isSynced);
  reader.socket.destroy();
  return reader.clients();
};

const blobBytes = 60_000;

/** Writes clients from this number on until the relay refuses one; returns that one. */
const fill = async (writer: HandClient, from: number): Promise<number> => {
  await writer.settled();
  for (let client = from; ; client++) {
    writer.send(blob(client, blobBytes));
    const isTaken = await writer.settled().then(
      () => true,
      () => false,
    );
    if (!isTaken) return client;
  }
};

/** As any client does: comes back again and again until it is taken in. */
const writeAtLast = async (relay: WatchedRelay, room: string, client: number): Promise<void> => {
  for (let tries = 0; tries < 100; tries++) {
    const writer = await HandClient.open(relay.port, room, "writer");
    writer.send(blob(client, blobBytes));
    const isTaken = await writer.settled().then(
      () => true,
      () => false,
    );
    writer.socket.destroy();
    if (isTaken) return;
    await pause(50);
  }
  throw new Error("the relay never took it");
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const idleMs = 600;

describe("a relay whose disk fails", () => {
  it("[REL-9b] stops acknowledging on a full disk, says so, recovers when there is room, and has lost nothing", async ({
    skip,
  }) => {
    const disk = smallDisk(11);
    if (typeof disk === "string") return skip(disk);
    const ballast = join(disk.path, "ballast");
    writeFileSync(ballast, Buffer.alloc(8 * 2 ** 20));
    const relay = await relayIn(join(disk.path, "relay"));
    const writer = await HandClient.open(relay.port, "full", "writer");
    const refused = await fill(writer, 100);
    expect([writer.socket.closeCode, refused > 110]).toEqual([4507, true]);
    const { ok, reasons } = await readiness(relay);
    expect([ok, reasons[0]?.startsWith("store_full")]).toEqual([false, true]);
    // Long enough for the store to try what it does when idle, for which there is no room either.
    await pause(idleMs);
    expect((await readiness(relay)).reasons).toEqual([reasons[0]]);

    rmSync(ballast);
    await writeAtLast(relay, "full", refused);
    expect(await readiness(relay)).toEqual({ ok: true, reasons: [] });
    await until(() => statSync(join(disk.path, "relay", "relay.db-wal")).size === 0, "the WAL is emptied");
    await relay.stop("SIGKILL");
    await relay.start();
    const there = await clientsIn(relay, "full");
    const written = Array.from({ length: refused - 99 }, (_, n) => 100 + n);
    expect(written.filter((client) => !there.has(client))).toEqual([]);
  });

  it("[REL-9a] sets a room aside whose record was damaged, says which, and serves the other one", async () => {
    const folder = temporaryFolder();
    cleanUp.push(() => folder.remove());
    const relay = await relayIn(folder.path);
    const bytes = 1_000;
    for (const [room, value] of [
      ["bad", 8],
      ["good", 9],
    ] as const) {
      const writer = await HandClient.open(relay.port, room);
      writer.send(blob(value, bytes, value));
      await writer.settled();
      writer.socket.destroy();
    }
    await relay.stop();
    const file = join(folder.path, "relay.db");
    flipByte(file, readFileSync(file).indexOf(Buffer.alloc(bytes, 8)) + 500);
    await relay.start();
    const atBad = await HandClient.open(relay.port, "bad");
    await atBad.socket.ended();
    expect([atBad.socket.closeCode, atBad.updates]).toEqual([4503, []]);
    const atGood = await HandClient.open(relay.port, "good");
    atGood.send(blob(10, bytes, 9));
    await atGood.settled();
    atGood.socket.destroy();
    expect([...(await clientsIn(relay, "good"))].sort((a, b) => a - b)).toEqual([9, 10]);
    const { ok, reasons } = await readiness(relay);
    expect([ok, reasons]).toEqual([true, expect.arrayContaining(['room "bad" is corrupt'])]);
    expect(reasons.filter((reason) => reason.includes("good"))).toEqual([]);
  });
});

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

  it("[REL-6a] keeps little for a reader that stops reading its socket, serves the others, and lets it catch up", async () => {
    const folder = temporaryFolder();
    cleanUp.push(() => folder.remove());
    const relay = await relayIn(folder.path);
    const [writer, slow, reader] = [
      await HandClient.open(relay.port, "slow", "writer"),
      await HandClient.open(relay.port, "slow", "slow"),
      await HandClient.open(relay.port, "slow", "reader"),
    ];
    for (const client of [slow, reader]) await client.socket.until(() => client.isSynced);
    const before = await relay.report();
    slow.socket.pause();
    const count = 200;
    for (let n = 0; n < count; n++) {
      writer.send(blob(100 + n, blobBytes));
      if (n % 20 === 19) await writer.settled();
    }
    await writer.settled();
    await reader.socket.until(() => reader.clocks().size >= count);
    const { heapBytes } = await relay.report();
    // 12 MB went by. What the loaded room remembers of its newest updates comes on top of the queue's 1 MB.
    expect(heapBytes - before.heapBytes).toBeLessThan(6 * 2 ** 20);
    expect((await relay.metrics()).get("readers_lagged")).toBeGreaterThan(0);
    slow.socket.resume();
    await slow.socket.until(() => slow.clocks().size >= count);
    expect(slow.socket.isEnded).toBe(false);
    for (const client of [writer, slow, reader]) client.socket.destroy();
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
