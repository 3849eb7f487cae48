/** A real relay whose disk returns errors for a while, one kind of call after another: strace puts them there. */

import { sleep, systemClock } from "@context-mesh/common";
import { temporaryFolder, until } from "@context-mesh/testkit";
import type { Mesh } from "context-mesh";
import { afterEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { HandClient } from "../fuzz/src/hand-client.ts";
import { inRoot } from "../fuzz/src/hostile-bytes.ts";
import { WatchedRelay } from "../fuzz/src/watched-relay.ts";
import { NodeBench } from "./node-bench.ts";
import { DiskFault } from "./support/disk-fault.ts";

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean();
});

const room = "disk";
const client = 600;

const readiness = async (relay: WatchedRelay): Promise<{ readonly ok: boolean; readonly reasons: readonly string[] }> =>
  (await (await fetch(`http://127.0.0.1:${relay.port}/readyz`)).json()) as never;

const commits = async (relay: WatchedRelay): Promise<number> => (await relay.metrics()).get("commits") ?? 0;

/** Everything that the room holds, as plain Yjs reads it. */
const stored = async (relay: WatchedRelay): Promise<Y.Doc> => {
  const reader = await HandClient.open(relay.port, room, "reader");
  await reader.socket.until(() => reader.isSynced);
  reader.socket.destroy();
  const doc = new Y.Doc();
  for (const update of reader.updates) Y.applyUpdate(doc, update);
  return doc;
};

/** A client without a store: it sends what was not acknowledged again, with the same clocks. */
class Writer {
  readonly #relay: WatchedRelay;
  acknowledged = 0;

  constructor(relay: WatchedRelay) {
    this.#relay = relay;
  }

  /** One connection. Returns the code with which it was closed, undefined when everything up to `count` was acknowledged. */
  async write(count: number): Promise<number | undefined> {
    const hand = await HandClient.open(this.#relay.port, room, "writer");
    if (hand.socket.isEnded) return hand.socket.closeCode;
    await hand.settled();
    const from = this.acknowledged;
    const greeting = hand.sent;
    for (let clock = from; clock < count; clock += 1) hand.send(inRoot(client, clock, "values"));
    const isTaken = await hand.settled().then(
      () => true,
      () => false,
    );
    this.acknowledged = from + Math.max(0, hand.acked - greeting);
    hand.socket.destroy();
    return isTaken ? undefined : hand.socket.closeCode;
  }
}

/** Asks again and again; the timeout of the test ends it. */
const untilSo = async (isSo: () => Promise<boolean>): Promise<void> => {
  while (!(await isSo())) await sleep(systemClock, 25);
};

const joined = async (relay: WatchedRelay): Promise<Mesh> => {
  const bench = new NodeBench();
  cleanUp.push(() => bench.close());
  const mesh = await bench.join("agent", [relay.url]);
  await until(() => mesh.status().relays.every(({ state }) => state === "live"), "the agent is live");
  return mesh;
};

const faults = [
  ["EIO", ["fdatasync", "fsync"], "store_failed"],
  ["EIO", ["pwrite64"], "store_failed"],
  ["ENOSPC", ["pwrite64", "ftruncate"], "store_full"],
] as const;

describe("a relay whose disk returns errors", () => {
  for (const [error, calls, reason] of faults) {
    it(`[REL-9b] acknowledges nothing under ${error} of ${calls.join(" and ")}, says so, recovers, and has every write once`, async ({
      skip,
    }) => {
      const why = DiskFault.missing();
      if (why !== undefined) return skip(why);
      const folder = temporaryFolder();
      cleanUp.push(() => folder.remove());
      const relay = new WatchedRelay(folder.path);
      cleanUp.push(() => relay.stop("SIGKILL"));
      await relay.start();
      const writer = new Writer(relay);
      expect([await writer.write(20), writer.acknowledged]).toEqual([undefined, 20]);
      const agent = await joined(relay);
      await agent.notes.add("before").reached("durable", { signal: AbortSignal.timeout(20_000) });

      const before = await commits(relay);
      const fault = await DiskFault.begin(relay.pid, calls, error);
      cleanUp.push(() => fault.end());
      const refused = [await writer.write(40), await writer.write(60)];
      expect(refused.every((code) => code === 1013 || (code !== undefined && code >= 4500))).toBe(true);
      expect(writer.acknowledged).toBe(20);
      const receipt = agent.notes.add("while the disk fails");
      // The agent was refused too, once or more.
      await untilSo(async () => ((await relay.metrics()).get("commits_failed") ?? 0) >= 3);
      expect(receipt.state).toBe("queued");
      const { ok, reasons } = await readiness(relay);
      expect([ok, reasons[0]?.startsWith(reason)]).toEqual([false, true]);
      expect(await commits(relay)).toBe(before);

      await fault.end();
      await untilSo(async () => (await writer.write(60)) === undefined);
      expect(writer.acknowledged).toBe(60);
      expect((await receipt.reached("durable", { signal: AbortSignal.timeout(30_000) })).state).toBe("durable");
      expect(await readiness(relay)).toEqual({ ok: true, reasons: [] });
      await relay.stop("SIGKILL");
      await relay.start();
      const doc = await stored(relay);
      expect(doc.getArray("values").length).toBe(60);
    });
  }
});
