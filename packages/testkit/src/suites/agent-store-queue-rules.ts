/** Rules of the agent store's outbox, causal context, arrivals and sync log. */

import type { Arrival, OutboxRecord } from "@context-mesh/ports";
import { expect, it } from "vitest";
import type { AgentStoreBench } from "./agent-store-bench.ts";
import { syncRecord } from "./agent-store-bench.ts";

const queued = (seq: number, key: string): OutboxRecord => ({
  seq,
  key,
  bytes: Uint8Array.of(seq & 255),
  level: "periodic",
  at: 1_000 + seq,
});

const arrival = (key: string, seq: number, at: number): Omit<Arrival, "n"> => ({
  at,
  key,
  writer: "w1",
  seq,
  level: "critical",
});

export const agentStoreQueueRules = ({ store, reopen }: AgentStoreBench): void => {
  it("[SYNC-8a] keeps queued writes across a reopen", () => {
    store().transact((tx) => {
      for (const seq of [1, 2, 3]) tx.putOutbox(queued(seq, `k${seq}`));
    });
    expect(reopen().view((view) => view.outbox())).toEqual([queued(1, "k1"), queued(2, "k2"), queued(3, "k3")]);
  });

  it("[SYNC-8c] hands queued writes out in seq order, and up to the highest seq", () => {
    store().transact((tx) => {
      for (const seq of [2 ** 48 - 1, 7, 300, 2]) tx.putOutbox(queued(seq, `k${seq}`));
    });
    expect(reopen().view((view) => view.outbox().map(({ seq }) => seq))).toEqual([2, 7, 300, 2 ** 48 - 1]);
  });

  it("replaces a queued write of the same key and says which", () => {
    store().transact((tx) => {
      expect(tx.putOutbox(queued(1, "k"))).toBeUndefined();
      expect(tx.putOutbox(queued(2, "other"))).toBeUndefined();
      expect(tx.putOutbox(queued(3, "k"))).toBe(1);
    });
    expect(store().view((view) => view.outbox().map(({ seq }) => seq))).toEqual([2, 3]);
    store().transact((tx) => tx.deleteOutbox([3, 99]));
    store().transact((tx) => expect(tx.putOutbox(queued(4, "k"))).toBeUndefined());
    expect(reopen().view((view) => view.outbox().map(({ seq }) => seq))).toEqual([2, 4]);
  });

  it("[SCH-30] publishes in one step: appended and taken off the queue together, or neither", () => {
    store().transact((tx) => tx.putOutbox(queued(1, "k")));
    const publish = (fails: boolean): void =>
      store().transact((tx) => {
        tx.appendLog({ at: 5, origin: "own", bytes: Uint8Array.of(9) });
        tx.deleteOutbox([1]);
        if (fails) throw new Error("on purpose");
      });
    expect(() => publish(true)).toThrow("on purpose");
    expect(reopen().view((view) => [view.logSince(0).length, view.outbox().length])).toEqual([0, 1]);
    publish(false);
    expect(reopen().view((view) => [view.logSince(0).length, view.outbox().length])).toEqual([1, 0]);
  });

  it("keeps what was seen per key, and its bytes are a copy", () => {
    const bytes = Uint8Array.of(1, 2, 3);
    store().transact((tx) => {
      tx.setSeen("k", bytes);
      tx.setSeen("", Uint8Array.of());
    });
    bytes.fill(0);
    const read = reopen().view((view) => [view.seenOf("k"), view.seenOf(""), view.seenOf("none")]);
    expect(read).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(), undefined]);
  });

  it("keeps the newest arrival of each key, in the order of arrival", () => {
    store().transact((tx) => {
      expect(tx.recordArrivals([arrival("a", 1, 100), arrival("b", 1, 100), arrival("c", 1, 100)])).toBe(3);
      expect(tx.recordArrivals([arrival("a", 2, 200)])).toBe(4);
    });
    const view = <T>(fn: (found: readonly Arrival[]) => T, after: number, limit = 10): T =>
      store().view((v) => fn(v.arrivalsSince(after, limit)));
    const names = (found: readonly Arrival[]): string[] => found.map(({ n, key, seq }) => `${n}${key}${seq}`);
    expect(view(names, 0)).toEqual(["2b1", "3c1", "4a2"]);
    expect(view(names, 2)).toEqual(["3c1", "4a2"]);
    expect(view(names, 0, 1)).toEqual(["2b1"]);
    reopen();
    expect(view(names, 3)).toEqual(["4a2"]);
    expect(store().view((v) => v.arrivalHead())).toBe(4);
    expect(store().transact((tx) => tx.recordArrivals([]))).toBe(4);
  });

  it("turns a time into a cursor", () => {
    store().transact((tx) => {
      tx.recordArrivals([arrival("a", 1, 100), arrival("b", 1, 200), arrival("c", 1, 300)]);
    });
    const at = (ms: number): number => store().view((view) => view.arrivalBefore(ms));
    expect([at(50), at(100), at(101), at(250), at(9_999)]).toEqual([0, 0, 1, 2, 3]);
  });

  it("[SYNC-9a] records who, when, level, bytes, duration and result of each operation", () => {
    store().transact((tx) => tx.recordSync(syncRecord(7)));
    expect(store().view((view) => view.syncLog(1))).toEqual([syncRecord(7)]);
  });

  it("[SYNC-9b] gives the last N operations, newest first", () => {
    store().transact((tx) => {
      for (const at of [1, 2, 3]) tx.recordSync(syncRecord(at));
    });
    const at = (last: number): number[] => store().view((view) => view.syncLog(last).map((record) => record.at));
    expect([at(2), at(10), at(0)]).toEqual([[3, 2], [3, 2, 1], []]);
  });

  it("[SYNC-9c] keeps the last 10,000 operations across restarts", () => {
    store().transact((tx) => {
      for (let at = 1; at <= 10_005; at++) tx.recordSync(syncRecord(at));
    });
    const log = reopen().view((view) => view.syncLog(20_000));
    expect([log.length, log[0]?.at, log.at(-1)?.at]).toEqual([10_000, 10_005, 6]);
  });
};
