/** What a test may do to a memory store: crash it, copy it, put an older state back, let it fail. */

import { seededRandom } from "@context-mesh/common";
import { AgentDisk, type CommitOutcome, DocDisk } from "@context-mesh/memory";
import { failNth, outcomesInTurn, sampleIdentity, VirtualClock } from "@context-mesh/testkit";
import { describe, expect, it } from "vitest";

const agentDisk = (): AgentDisk => new AgentDisk({ clock: new VirtualClock(), random: seededRandom(3) });
const code = (expected: string) => expect.objectContaining({ code: expected });

describe("AgentDisk", () => {
  it("[SCH-4] opens a copy as copied until it has a new identity; the original stays intact", () => {
    const disk = agentDisk();
    const original = disk.open();
    original.transact((tx) => tx.setIdentity(sampleIdentity));
    const copy = disk.clone();
    expect(copy.open().condition).toBe("copied");
    const again = copy.open();
    expect(again.condition).toBe("copied");
    expect(again.storeId).not.toBe(original.storeId);
    again.transact((tx) => tx.setIdentity({ ...sampleIdentity, incarnation: 2 }));
    expect(copy.open().condition).toBe("intact");
    expect(disk.open().condition).toBe("intact");
  });

  it("[SCH-4] opens an older state as restored, unless the second place is lost too", () => {
    const disk = agentDisk();
    disk.open().transact((tx) => tx.setIdentity(sampleIdentity));
    const backup = disk.backup();
    disk.open().transact((tx) => tx.nextSeqs(1));
    disk.restore(backup);
    expect(disk.open().condition).toBe("restored");
    expect(disk.open().view((view) => view.seq())).toBe(0);
    disk.open().transact((tx) => tx.setIdentity({ ...sampleIdentity, incarnation: 2 }));
    expect(disk.open().condition).toBe("intact");
    disk.restore(backup, { keepsHighWater: false });
    expect(disk.open().condition).toBe("intact");
  });

  it("keeps what was committed over a crash, and silences what was open", () => {
    const disk = agentDisk();
    const store = disk.open();
    store.transact((tx) => tx.nextSeqs(2));
    disk.crash();
    expect(() => store.view((view) => view.seq())).toThrow(code("store_closed"));
    expect(disk.open().view((view) => view.seq())).toBe(2);
  });

  it("fails commits as asked and keeps nothing of them", () => {
    const disk = agentDisk();
    disk.faults.commit = outcomesInTurn<CommitOutcome>(["ENOSPC", "EIO", "crash-before", "ok", "crash-after"]);
    const raise = (): number => disk.open().transact((tx) => tx.nextSeqs(1));
    expect(raise).toThrow(code("store_full"));
    expect(raise).toThrow(code("store_failed"));
    expect(raise).toThrow(code("store_closed"));
    expect(raise()).toBe(1);
    expect(raise).toThrow(code("store_closed"));
    expect(raise()).toBe(3);
  });

  it("opens as damaged after a failed check, mended from the older base", () => {
    const disk = agentDisk();
    const store = disk.open();
    for (const byte of [1, 2]) {
      store.transact((tx) =>
        tx.compactLog(Uint8Array.of(byte), tx.appendLog({ at: 1, origin: "own", bytes: Uint8Array.of(byte) })),
      );
    }
    disk.damage();
    const mended = disk.open();
    expect(mended.condition).toBe("damaged");
    expect(mended.health().problems.length).toBe(1);
    expect(mended.view((view) => view.logBase())).toEqual({ bytes: Uint8Array.of(1), n: 1 });
  });
});

describe("DocDisk", () => {
  const request = { room: "a", bytes: Uint8Array.of(1), at: 1, agent: "", session: "s" };

  it("loses what was not committed yet when it crashes, and the promise never settles", async () => {
    const clock = new VirtualClock();
    const disk = new DocDisk({ clock, faults: { commitDelayMs: () => 10 } });
    const store = disk.open();
    let settled = 0;
    await clock.waitFor(store.append([request]));
    store.append([request]).finally(() => (settled += 1));
    await clock.advance(5);
    disk.crash();
    await clock.advance(100);
    expect(settled).toBe(0);
    expect((await disk.open().load("a")).lastSeq).toBe(1);
  });

  it("fails commits and loads as asked", async () => {
    const disk = new DocDisk({ clock: new VirtualClock(), faults: { commit: failNth<CommitOutcome>(1, "ENOSPC") } });
    const store = disk.open();
    await expect(store.append([request])).rejects.toMatchObject({ code: "store_full", retryable: true });
    expect(await store.append([request])).toEqual([1]);
    disk.faults.failLoad = (room) => room === "a";
    await expect(store.load("a")).rejects.toMatchObject({ code: "store_failed" });
    disk.faults.failLoad = undefined;
    disk.corrupt("a");
    await expect(store.load("a")).rejects.toMatchObject({ code: "room_corrupt" });
    expect((await store.health()).corruptRooms).toEqual(["a"]);
  });

  it("is behind after an older state came back, until peers were asked", async () => {
    const disk = new DocDisk({ clock: new VirtualClock() });
    const backup = disk.backup();
    await disk.open().append([request]);
    disk.restore(backup);
    const store = disk.open();
    expect((await store.health()).behind).toBe(true);
    await store.append([request]);
    disk.crash();
    expect((await disk.open().health()).behind).toBe(true);
    await disk.open().caughtUp();
    expect((await disk.open().health()).behind).toBe(false);
  });
});
