/** A real relay process whose disk is full, which is stopped under load, or at which everybody comes back at once. */

import { execFileSync } from "node:child_process";
import { temporaryFolder, until } from "@context-mesh/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { HandClient } from "../fuzz/src/hand-client.ts";
import { bytesOf, inRoot, varUint } from "../fuzz/src/hostile-bytes.ts";
import { WatchedRelay } from "../fuzz/src/watched-relay.ts";

const cleanUp: (() => void | Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean();
});

/** A small file system in memory; only root may mount one. */
const smallDisk = (megabytes: number): string => {
  const folder = temporaryFolder();
  cleanUp.push(() => folder.remove());
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder.path]);
  cleanUp.push(() => void execFileSync("umount", [folder.path]));
  return folder.path;
};

const relayIn = async (storage: string): Promise<WatchedRelay> => {
  const relay = new WatchedRelay(storage);
  cleanUp.push(() => relay.stop("SIGKILL"));
  await relay.start();
  return relay;
};

/** One struct of this client: bytes in a root array. */
const blob = (client: number, bytes: number): Uint8Array =>
  bytesOf([1, 1], varUint(client), [0, 3, 1, 1, 97], varUint(bytes), new Array<number>(bytes).fill(7), 0);

/** Yjs clients that a newcomer is told of. */
const clientsIn = async (relay: WatchedRelay, room: string): Promise<ReadonlySet<number>> => {
  const reader = await HandClient.open(relay.port, room, "reader");
  await reader.socket.until(() => reader.isSynced);
  reader.socket.destroy();
  return reader.clients();
};

const readiness = async (relay: WatchedRelay): Promise<{ readonly ok: boolean; readonly reasons: readonly string[] }> =>
  (await (await fetch(`http://127.0.0.1:${relay.port}/readyz`)).json()) as never;

describe("a relay under pressure", () => {
  it.runIf(process.platform === "linux" && process.getuid?.() === 0)(
    "[REL-9b] stops acknowledging on a full disk, says so, recovers when there is room, and has lost nothing",
    async () => {
      const disk = smallDisk(6);
      execFileSync("dd", ["if=/dev/zero", `of=${disk}/ballast`, "bs=1M", "count=2"], { stdio: "ignore" });
      const relay = await relayIn(`${disk}/relay`);
      let acked = 0;
      const writer = await HandClient.open(relay.port, "full", "writer");
      await writer.settled();
      for (; acked < 200 && !writer.socket.isEnded; acked++) {
        writer.send(blob(100 + acked, 60_000));
        await writer.settled().catch(() => {});
        if (writer.acked < writer.sent) break;
      }
      await writer.socket.ended();
      expect([writer.socket.closeCode, acked > 10]).toEqual([4507, true]);
      const { ok, reasons } = await readiness(relay);
      expect([ok, reasons[0]?.startsWith("store_full")]).toEqual([false, true]);

      execFileSync("rm", [`${disk}/ballast`]);
      // As any client does: again and again until it is taken in.
      const isTaken = async (): Promise<boolean> => {
        const again = await HandClient.open(relay.port, "full", "writer");
        again.send(blob(100 + acked, 60_000));
        const taken = await again.settled().then(
          () => true,
          () => false,
        );
        again.socket.destroy();
        return taken;
      };
      const deadlineMs = performance.now() + 20_000;
      while (!(await isTaken()) && performance.now() < deadlineMs)
        await new Promise((resolve) => setTimeout(resolve, 500));
      acked += 1;
      expect(await readiness(relay)).toEqual({ ok: true, reasons: [] });
      await relay.stop("SIGKILL");
      await relay.start();
      const there = await clientsIn(relay, "full");
      expect(Array.from({ length: acked }, (_, n) => 100 + n).filter((client) => !there.has(client))).toEqual([]);
    },
  );

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
