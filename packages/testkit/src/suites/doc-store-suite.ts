/** The contract of `DocStore`: an adapter's test is the call of this suite. */

import { limits } from "@context-mesh/common";
import type { AppendRequest, DocStore, HistoryPoint } from "@context-mesh/ports";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

export interface DocStoreHarness {
  /** Opens the store; after a close, on the same durable state. */
  open(): Promise<DocStore>;
  dispose(): Promise<void> | void;
}

export type MakeDocStore = () => DocStoreHarness | Promise<DocStoreHarness>;

interface Bench {
  readonly store: () => DocStore;
  readonly reopen: () => Promise<DocStore>;
}

const request = (room: string, byte: number): AppendRequest => ({
  room,
  bytes: Uint8Array.of(byte, byte + 1),
  at: 1_000 + byte,
  agent: "builder",
  session: `s${byte}`,
});

const stored = (seq: number, byte: number) => {
  const { room: _, ...rest } = request("", byte);
  return { seq, ...rest };
};

export const docStoreSuite = (name: string, make: MakeDocStore): void => {
  describe(`DocStore: ${name}`, () => {
    let harness: DocStoreHarness;
    let store: DocStore;
    const bench: Bench = {
      store: () => store,
      reopen: async () => {
        await store.close();
        store = await harness.open();
        return store;
      },
    };
    beforeEach(async () => {
      harness = await make();
      store = await harness.open();
    });
    afterEach(async () => {
      await store.close();
      await harness.dispose();
    });
    appendRules(bench);
    compactionRules(bench);
    historyRules(bench);
    otherRules(bench);
  });
};

const appendRules = ({ store, reopen }: Bench): void => {
  it("is empty at first", async () => {
    expect(await store().rooms()).toEqual([]);
    expect(await store().load("none")).toEqual({ base: undefined, tail: [], lastSeq: 0 });
    expect(await store().since("none", 0, 10)).toEqual([]);
    expect(await store().rooms()).toEqual([]);
  });

  it("appends a batch over several rooms, numbers each room from 1, and keeps it", async () => {
    expect(await store().append([request("a", 1), request("b", 2), request("a", 3)])).toEqual([1, 1, 2]);
    expect(await store().append([request("a", 4)])).toEqual([3]);
    await reopen();
    expect([...(await store().rooms())].sort()).toEqual(["a", "b"]);
    expect(await store().load("a")).toEqual({
      base: undefined,
      tail: [stored(1, 1), stored(2, 3), stored(3, 4)],
      lastSeq: 3,
    });
    expect(await store().append([request("b", 5)])).toEqual([2]);
  });

  it("answers appends in the order of the calls, without gaps", async () => {
    const calls = Array.from({ length: 200 }, (_, i) => store().append([request("a", i % 200), request("b", i % 200)]));
    const seqs = (await Promise.all(calls)).map(([a, b]) => [a, b]);
    expect(seqs).toEqual(Array.from({ length: 200 }, (_, i) => [i + 1, i + 1]));
  });

  it("takes a large batch, empty and large updates, and leaves the caller's bytes alone", async () => {
    const large = new Uint8Array(2_000_000).map((_, i) => i * 13);
    const batch = Array.from({ length: 3_000 }, (_, i) => request("a", i % 250));
    batch.push({ ...request("a", 0), bytes: Uint8Array.of() }, { ...request("a", 0), bytes: large });
    await store().append(batch);
    expect(large.length).toBe(2_000_000);
    expect(batch[0]?.bytes.length).toBe(2);
    const { tail } = await (await reopen()).load("a");
    expect(tail.length).toBe(3_002);
    expect(tail[3_000]?.bytes.length).toBe(0);
    expect(Buffer.compare(tail[3_001]?.bytes ?? Uint8Array.of(), large)).toBe(0);
    expect(tail[17]).toEqual(stored(18, 17));
  });

  it("takes the bytes as they are at the call", async () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const done = store().append([{ ...request("a", 1), bytes }]);
    bytes.fill(0);
    await done;
    expect((await store().load("a")).tail[0]?.bytes).toEqual(Uint8Array.of(1, 2, 3));
  });

  it("accepts an empty batch, and any room name, byte for byte", async () => {
    expect(await store().append([])).toEqual([]);
    const names = ["acme%2Fcheckout", "a/b", "A/b", "ü", "%E2%9C%93", "'; drop table log; --", "x".repeat(256)];
    await store().append(names.map((room, i) => request(room, i)));
    expect([...(await (await reopen()).rooms())].sort()).toEqual([...names].sort());
    expect((await store().load("A/b")).tail).toEqual([stored(1, 2)]);
  });

  it("pages through the log", async () => {
    await store().append(Array.from({ length: 10 }, (_, i) => request("a", i)));
    const seqs = async (after: number, limit: number): Promise<number[]> =>
      (await store().since("a", after, limit)).map(({ seq }) => seq);
    expect(await seqs(0, 3)).toEqual([1, 2, 3]);
    expect(await seqs(3, 3)).toEqual([4, 5, 6]);
    expect(await seqs(8, 100)).toEqual([9, 10]);
    expect(await seqs(10, 100)).toEqual([]);
  });
};

const compactionRules = ({ store, reopen }: Bench): void => {
  it("compacts up to a seq; later updates and the log stay", async () => {
    await store().append([1, 2, 3, 4].map((byte) => request("a", byte)));
    await store().compact("a", Uint8Array.of(7, 7), 3);
    await reopen();
    expect(await store().load("a")).toEqual({
      base: { bytes: Uint8Array.of(7, 7), seq: 3 },
      tail: [stored(4, 4)],
      lastSeq: 4,
    });
    expect((await store().since("a", 0, 10)).length).toBe(4);
    expect(await store().append([request("a", 5)])).toEqual([5]);
  });

  it("trims only what both generations cover and what is old enough, from the oldest on", async () => {
    const trim = (beforeMs: number) => store().trimLog("a", { beforeMs, bytesMax: 1_000 });
    await store().append([1, 2, 3, 4].map((byte) => request("a", byte)));
    await store().compact("a", Uint8Array.of(1), 3);
    expect(await trim(9_999)).toBe(0);
    await store().compact("a", Uint8Array.of(2), 4);
    expect(await trim(1_002)).toBe(0);
    expect(await trim(1_003)).toBe(2);
    expect(await trim(9_999)).toBe(0);
    await reopen();
    expect((await store().since("a", 0, 10)).map(({ seq }) => seq)).toEqual([3, 4]);
    expect(await store().load("a")).toMatchObject({ base: { seq: 4 }, tail: [], lastSeq: 4 });
    expect(await store().append([request("a", 5)])).toEqual([5]);
  });

  it("finds nothing wrong with an intact store, compacted and trimmed or not", async () => {
    await store().append([1, 2, 3, 4].map((byte) => request("a", byte)));
    await store().compact("a", Uint8Array.of(1), 2);
    await store().compact("a", Uint8Array.of(2), 3);
    await store().trimLog("a", { beforeMs: 9_999, bytesMax: 0 });
    expect(await (await reopen()).verify()).toMatchObject({ behind: false, corruptRooms: [] });
  });
};

const asOf = async (store: DocStore, point: HistoryPoint) => {
  const found = await store.loadAt("a", point);
  return found && [found.base?.bytes[0], found.tail.map(({ seq }) => seq), found.lastSeq];
};

/** 4,100 updates, a base at every hundred up to the end; the last seven updates are beyond them. */
const writeHistory = async (store: DocStore): Promise<void> => {
  for (let seq = 100; seq <= 4_100; seq += 100) {
    await store.append(Array.from({ length: 100 }, (_, i) => ({ ...request("a", 7), at: seq - 99 + i })));
    await store.compact("a", Uint8Array.of(seq / 100), seq);
  }
  await store.append(Array.from({ length: 7 }, (_, i) => ({ ...request("a", 7), at: 4_101 + i })));
};

const historyRules = ({ store, reopen }: Bench): void => {
  it("has no history of a room that was never written", async () => {
    expect(await store().history("none", 10, 10)).toEqual({ first: 0, last: 0, stamps: [] });
    expect(await store().loadAt("none", { seq: 0 })).toBeUndefined();
    expect(await store().loadAt("none", { atMs: 5 })).toBeUndefined();
  });

  it("lists the stamps of the log, newest first, compacted or not", async () => {
    await store().append([1, 2, 3].map((byte) => request("a", byte)));
    await store().compact("a", Uint8Array.of(9), 2);
    await reopen();
    const stamp = (seq: number) => ({ seq, at: 1_000 + seq, agent: "builder", session: `s${seq}`, bytes: 2 });
    expect(await store().history("a", 99, 10)).toEqual({ first: 1, last: 3, stamps: [stamp(3), stamp(2), stamp(1)] });
    expect((await store().history("a", 3, 1)).stamps).toEqual([stamp(2)]);
    expect((await store().history("a", 1, 10)).stamps).toEqual([]);
  });

  it("[SCH-23] brings back a room as it was at any update or time, from a checkpoint not far before", async () => {
    await writeHistory(store());
    await reopen();
    expect(await asOf(store(), { seq: 3 })).toEqual([undefined, [1, 2, 3], 3]);
    expect(await asOf(store(), { seq: 4_107 })).toEqual([41, [4_101, 4_102, 4_103, 4_104, 4_105, 4_106, 4_107], 4_107]);
    expect(await asOf(store(), { atMs: 4_102.5 })).toEqual([41, [4_101, 4_102], 4_102]);
    expect(await asOf(store(), { atMs: 999_999 })).toMatchObject([41, { length: 7 }, 4_107]);
    expect([await asOf(store(), { seq: 4_108 }), await asOf(store(), { seq: 0 })]).toEqual([undefined, undefined]);
    expect(await asOf(store(), { atMs: 0 })).toBeUndefined();
    for (const seq of [1_001, 2_345, 3_333, 4_099]) {
      const [, tail] = (await asOf(store(), { seq })) as [number, number[], number];
      expect(tail.length).toBeLessThan(2 * limits.historyCheckpointUpdates);
      expect(tail.at(-1)).toBe(seq);
    }
  });

  it("[SCH-23] trims a history at its checkpoints, by age or by size, and knows where it then begins", async () => {
    await writeHistory(store());
    expect(await store().trimLog("a", { beforeMs: 0, bytesMax: 100_000_000 })).toBe(0);
    expect(await store().trimLog("a", { beforeMs: 1_500, bytesMax: 100_000_000 })).toBeGreaterThan(900);
    const { first } = await store().history("a", 9_999, 1);
    expect(first).toBeGreaterThan(900);
    expect(first).toBeLessThan(1_501);
    expect(await asOf(store(), { seq: first })).toEqual([first / 100, [], first]);
    expect(await asOf(store(), { seq: first - 1 })).toBeUndefined();
    expect(await asOf(store(), { atMs: first - 1 })).toBeUndefined();
    expect(await store().trimLog("a", { beforeMs: 0, bytesMax: 5_000 })).toBeGreaterThan(900);
    while ((await store().trimLog("a", { beforeMs: 9_999, bytesMax: 0 })) > 0);
    expect(await store().history("a", 9_999, 1)).toMatchObject({ first: 4_000, last: 4_107 });
    await reopen();
    expect(await asOf(store(), { seq: 4_000 })).toEqual([40, [], 4_000]);
    expect(await store().verify()).toMatchObject({ behind: false, corruptRooms: [] });
  });
};

const otherRules = ({ store, reopen }: Bench): void => {
  it("keeps quarantined bytes per room, beside the room's updates", async () => {
    const record = { at: 5, reason: "gap", client: 2 ** 53 - 1, session: "s1", bytes: Uint8Array.of(1, 2) };
    await store().quarantine("a", [record]);
    await store().quarantine("a", [
      { ...record, reason: "other" },
      { ...record, reason: "third" },
    ]);
    await reopen();
    const reasons = ["other", "third"];
    expect(await store().quarantined("a")).toEqual([record, ...reasons.map((reason) => ({ ...record, reason }))]);
    expect(await store().quarantined("b")).toEqual([]);
    const hash = "a12871fee210fb8619291eaea194581cbd2531e4b23759d225f6806923f63222";
    expect(await store().quarantineSums("a")).toEqual([1, 2, 3].map(() => ({ hash, bytes: 2 })));
    expect(await store().quarantineSums("b")).toEqual([]);
    expect(await store().rooms()).toEqual([]);
  });

  it("drops the oldest quarantined bytes of a room beyond the limit", async () => {
    const record = (at: number) => ({ at, reason: "gap", client: 1, session: "s", bytes: new Uint8Array(900_000) });
    for (const at of [1, 2, 3]) await store().quarantine("a", [record(at)]);
    await store().quarantine("a", [4, 5, 6].map(record));
    await store().quarantine("b", [record(7)]);
    expect((await store().quarantined("a")).map(({ at }) => at)).toEqual([3, 4, 5, 6]);
    expect((await store().quarantined("b")).length).toBe(1);
  });

  it("keeps named values", async () => {
    expect(await store().getValue("relay-id")).toBeUndefined();
    await store().setValue("relay-id", "r1");
    await store().setValue("relay-id", "r2");
    expect(await (await reopen()).getValue("relay-id")).toBe("r2");
  });

  it("has nothing to mend in a whole room", async () => {
    await store().append([request("a", 1)]);
    expect(await store().mend("a")).toBe(0);
    expect(await store().mend("none")).toBe(0);
    expect((await store().load("a")).lastSeq).toBe(1);
  });

  it("reports health", async () => {
    await store().append([request("a", 1)]);
    const health = await store().health();
    expect(health).toMatchObject({ behind: false, corruptRooms: [] });
    expect(health.bytes).toBeGreaterThan(0);
    await store().caughtUp();
    expect((await store().health()).behind).toBe(false);
  });

  it("finishes what was asked before close, and answers store_closed after it", async () => {
    const last = store().append([request("a", 1)]);
    const closed = store().close();
    expect(await last).toEqual([1]);
    await closed;
    await store().close();
    await expect(store().append([request("a", 1)])).rejects.toMatchObject({ code: "store_closed" });
    await expect(store().load("a")).rejects.toMatchObject({ code: "store_closed" });
    expect((await (await reopen()).load("a")).lastSeq).toBe(1);
  });
};
