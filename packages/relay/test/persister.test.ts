/** Group commit: what belongs to one batch, and what becomes of a batch that fails. */

import { type MeshError, silentLogger } from "@context-mesh/common";
import { DocDisk } from "@context-mesh/memory";
import { VirtualClock } from "@context-mesh/testkit";
import { describe, expect, it } from "vitest";
import { Metrics } from "../src/metrics.ts";
import { type CommitSink, Persister } from "../src/persister.ts";

const setUp = (commitDelayMs: number, commitSpacingMs = 2, commitSpacingMaxMs = 8) => {
  const clock = new VirtualClock();
  const metrics = new Metrics();
  const disk = new DocDisk({ clock, faults: { commitDelayMs: () => commitDelayMs } });
  const store = disk.open();
  const spacing = { commitSpacingMs, commitSpacingMaxMs };
  const persister = new Persister<string>({ store, clock, logger: silentLogger, metrics, ...spacing });
  return { clock, metrics, disk, store, persister };
};

class Sink implements CommitSink<string> {
  readonly heard: string[][] = [];
  readonly errors: MeshError[] = [];
  onCommitted(entries: readonly { readonly seq: number; readonly tag: string }[]): void {
    this.heard.push(entries.map(({ seq, tag }) => `${seq}${tag}`));
  }
  onCommitFailed(error: MeshError): void {
    this.errors.push(error);
  }
}

const request = (room: string, byte = 1, length = 1) => ({
  room,
  bytes: new Uint8Array(length).fill(byte),
  at: 0,
  agent: "",
  session: "s1",
});

describe("group commit", () => {
  it("[NODE-4b] makes one batch of what arrived while the commit before it ran, and tells each room in order", async () => {
    const { clock, metrics, persister } = setUp(10);
    const [a, b] = [new Sink(), new Sink()];
    persister.submit(a, request("a"), "x");
    await clock.advance(1);
    persister.submit(b, request("b"), "y");
    persister.submit(a, request("a"), "z");
    persister.submit(b, request("b"), "w");
    await clock.advance(8);
    expect([a.heard, b.heard]).toEqual([[], []]);
    await clock.advance(15);
    expect([a.heard, b.heard]).toEqual([[["1x"], ["2z"]], [["1y", "2w"]]]);
    expect([metrics.get("commits"), persister.backlogBytes]).toEqual([2, 0]);
  });

  it("spaces commits under load and not otherwise", async () => {
    const { clock, metrics, persister } = setUp(0, 2);
    const sink = new Sink();
    for (let n = 0; n < 100; n++) {
      persister.submit(sink, request("a"), "");
      await clock.advance(0.1);
    }
    await clock.advance(5);
    expect(metrics.get("commits")).toBeLessThanOrEqual(7);
    await clock.advance(50);
    persister.submit(sink, request("a"), "");
    await clock.advance(0);
    expect(sink.heard.flat().length).toBe(101);
  });

  it("spaces commits further apart the more there is to commit, up to a bound", async () => {
    const commitsAt = async (perMs: number): Promise<number> => {
      const { clock, metrics, persister } = setUp(0.5);
      const sink = new Sink();
      const load = async (ms: number): Promise<void> => {
        for (let n = 0; n < ms * perMs; n++) {
          persister.submit(sink, request("a"), "");
          await clock.advance(1 / perMs);
        }
      };
      await load(400);
      const before = metrics.get("commits");
      await load(100);
      return metrics.get("commits") - before;
    };
    expect(await commitsAt(1)).toBeGreaterThanOrEqual(45);
    expect(await commitsAt(2)).toBeLessThanOrEqual(27);
    expect(await commitsAt(2)).toBeGreaterThanOrEqual(20);
    expect(await commitsAt(4)).toBeLessThanOrEqual(14);
    expect(await commitsAt(20)).toBeGreaterThanOrEqual(12);
  });

  it("keeps a batch below its bounds", async () => {
    const { clock, metrics, persister } = setUp(1);
    const sink = new Sink();
    for (let n = 0; n < 4; n++) persister.submit(sink, request("a", n, 5 * 2 ** 20), "");
    await clock.waitFor(persister.drain());
    expect([metrics.get("commits"), sink.heard.length]).toEqual([4, 4]);
  });

  it("drops what waits for a room that has given itself up", async () => {
    const { clock, store, persister } = setUp(10);
    const [a, b] = [new Sink(), new Sink()];
    persister.submit(a, request("a"), "1");
    await clock.advance(1);
    persister.submit(a, request("a"), "2");
    persister.submit(b, request("b"), "3");
    persister.forget(a);
    await clock.waitFor(persister.drain());
    expect([a.heard, b.heard, persister.backlogBytes]).toEqual([[["11"]], [["13"]], 0]);
    expect((await clock.waitFor(store.load("a"))).lastSeq).toBe(1);
  });

  it("drops what a failed room still had waiting, and goes on with the others", async () => {
    const { clock, disk, store, persister } = setUp(10);
    const [a, b] = [new Sink(), new Sink()];
    disk.faults.commit = () => "ENOSPC";
    persister.submit(a, request("a"), "1");
    await clock.advance(1);
    persister.submit(a, request("a"), "2");
    persister.submit(b, request("b"), "3");
    await clock.advance(9);
    expect([a.errors[0]?.code, persister.lastError?.code]).toEqual(["store_full", "store_full"]);
    disk.faults.commit = undefined;
    await clock.waitFor(persister.drain());
    expect([a.heard, b.heard, persister.lastError]).toEqual([[], [["13"]], undefined]);
    expect((await clock.waitFor(store.load("a"))).lastSeq).toBe(0);
  });

  it("does not let one room's mistake reach another", async () => {
    const { clock, persister } = setUp(1);
    const good = new Sink();
    const bad: CommitSink<string> = {
      onCommitted: () => {
        throw new Error("a bug");
      },
      onCommitFailed: () => {},
    };
    persister.submit(bad, request("a"), "");
    persister.submit(good, request("b"), "x");
    await clock.waitFor(persister.drain());
    expect(good.heard).toEqual([["1x"]]);
  });
});
