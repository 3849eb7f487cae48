/** What one message or one moment may set off in a room is done in bounded steps. */

import {
  type Clock,
  limits,
  nextTurn,
  silentLogger,
  systemClock,
  systemRandom,
  TurnBudget,
} from "@context-mesh/common";
import { DocDisk } from "@context-mesh/memory";
import type { DocStore, QuarantineRecord } from "@context-mesh/ports";
import { KnownState } from "@context-mesh/protocol";
import { describe, expect, it } from "vitest";
import { behind, bytesOf, gcRun, varUint } from "../../../test/fuzz/src/hostile-bytes.ts";
import { Admission } from "../src/admission/admission.ts";
import { Quarantine } from "../src/admission/quarantine.ts";
import { inProcessBulkWork } from "../src/bulk-work.ts";
import type { RelayContext } from "../src/context.ts";
import { Metrics } from "../src/metrics.ts";
import type { Member } from "../src/room/member.ts";
import { SharedTails } from "../src/room/shared-tails.ts";
import type { Receipt } from "../src/session/acks.ts";

const heldCount = limits.heldUpdatesMax;
const missing = 4_999;
const [first, second] = [11, 12];

/** Two values, each behind an item of somebody else. */
const behindBoth = (client: number): Uint8Array =>
  bytesOf(1, 2, varUint(client), 0, 0x88, first, 0, 1, 120, 0x88, second, 0, 1, 120, 0);

/** One binary value behind an item that nobody has. */
const largeBehind = (client: number, bytes: number): Uint8Array => {
  const head = bytesOf(1, 1, varUint(client), 0, 0x83, varUint(missing), 0, varUint(bytes));
  const update = new Uint8Array(head.length + bytes + 1);
  update.set(head);
  return update;
};

/** A room's gate whose clock moves by one ms with each update that goes on to the disk, and by so many with each set aside. */
const setUp = ({ store = new DocDisk({ clock: systemClock }).open(), setAsideMs = 0 } = {}) => {
  let nowMs = 0;
  const clock: Clock = { ...systemClock, monotonicMs: () => nowMs, wallMs: () => nowMs };
  const turn = new TurnBudget(clock, limits.turnBudgetMs);
  const shared = { store, clock, random: systemRandom, logger: silentLogger, limits, metrics: new Metrics() };
  const tails = new SharedTails(limits.sharedTailsBytesMax);
  const context: RelayContext = { ...shared, bulk: inProcessBulkWork, turn, tails, relayId: () => "relay" };
  const named: string[] = [];
  const from = { label: "s", canWrite: true, ask: () => {}, settle: () => {} } as Partial<Member> as Member;
  from.setAside = (parts) => {
    nowMs += setAsideMs;
    named.push(...parts.map(({ reason }) => reason));
  };
  const known = new KnownState();
  const passMs = (ms: number): void => {
    nowMs += ms;
  };
  let submitted = 0;
  const admission = new Admission({
    context,
    room: "room",
    known,
    submit: () => {
      nowMs += 1;
      submitted += 1;
      return submitted;
    },
    lastTicket: () => submitted,
  });
  const receive = (update: Uint8Array): Receipt => {
    turn.hasTime();
    const receipt = admission.receive(from, update);
    turn.worked();
    return receipt;
  };
  /** Each waits for one clock of a client that nobody knows. */
  const holdMany = (): readonly Receipt[] =>
    Array.from({ length: heldCount }, (_, n) => receive(behind(5_000 + n, 0, missing, n)));
  return { admission, context, known, passMs, receive, holdMany, named, submitted: () => submitted };
};

describe("a turn of the relay", () => {
  it("[REL-4b] lets go of what one update sets free in as many turns as that takes", async () => {
    const { receive, holdMany, submitted } = setUp();
    const receipts = holdMany();
    expect(submitted()).toBe(0);
    receive(gcRun(missing, 0, heldCount));
    let before = 0;
    let turns = 0;
    while (submitted() < heldCount + 1) {
      expect(submitted() - before).toBeLessThanOrEqual(limits.turnBudgetMs);
      before = submitted();
      turns += 1;
      expect(turns).toBeLessThan(heldCount);
      await nextTurn();
    }
    await nextTurn();
    expect(receipts.every(({ ticket }) => ticket !== undefined)).toBe(true);
  });

  it("[REL-4b] looks at what waits for one update in as many turns as that takes, and loses none of it", async () => {
    const { context, known, receive, submitted, passMs } = setUp();
    let looked = 0;
    const classify = known.classify.bind(known);
    known.classify = (scan) => {
      looked += 1;
      passMs(1);
      return classify(scan);
    };
    for (let n = 0; n < heldCount; n++) receive(behindBoth(5_000 + n));
    looked = 0;
    // Each is found to wait for the second one now, and moves over.
    receive(gcRun(first, 0, 1));
    expect(looked).toBeLessThanOrEqual(limits.turnBudgetMs);
    let before = looked;
    for (let turns = 0; looked < heldCount; turns++) {
      expect(turns).toBeLessThan(heldCount);
      await nextTurn();
      expect(looked - before).toBeLessThanOrEqual(limits.turnBudgetMs);
      before = looked;
    }
    receive(gcRun(second, 0, 1));
    for (let turns = 0; submitted() < heldCount + 2 && turns < 2 * heldCount; turns++) await nextTurn();
    expect(submitted()).toBe(heldCount + 2);
    expect(context.metrics.get("parts_set_aside")).toBe(0);
  });

  it("[REL-4b] gives up what one large update displaces in as many turns as that takes", async () => {
    const { receive, named } = setUp({ setAsideMs: 1 });
    const receipts: Receipt[] = [];
    const sizeOf = [...Array.from({ length: 900 }, () => 2_000), ...Array.from({ length: 99 }, () => 60_000)];
    for (const [n, size] of sizeOf.entries()) receipts.push(receive(largeBehind(5_000 + n, size)));
    expect(named.length).toBe(0);
    receive(largeBehind(4_000, 2_000_000));
    expect(named.length).toBeLessThanOrEqual(limits.turnBudgetMs);
    // Who sends more meanwhile does not make them more.
    let before = named.length;
    receive(largeBehind(4_001, 10));
    expect(named.length).toBe(before + 1);
    let turns = 0;
    for (let isMore = true; isMore; turns++) {
      before = named.length;
      await nextTurn();
      isMore = named.length > before || turns < 3;
      expect(named.length - before).toBeLessThanOrEqual(limits.turnBudgetMs);
    }
    const settled = receipts.filter(({ ticket }) => ticket !== undefined).length;
    expect([settled, named.length]).toEqual([named.length, settled]);
    expect(settled).toBeGreaterThan(500);
  });

  it("[REL-4b] submits nothing of it any more once the room has gone", async () => {
    const { admission, receive, holdMany, submitted } = setUp();
    holdMany();
    receive(gcRun(missing, 0, heldCount));
    const before = submitted();
    admission.stop();
    for (let n = 0; n < 5; n++) await nextTurn();
    expect(submitted()).toBe(before);
  });

  it("[REL-4b] gives up a part of what was held for too long, and the rest in later ones", () => {
    const { admission, holdMany, named } = setUp();
    holdMany();
    const counts = Array.from({ length: 12 }, () => {
      admission.tick(limits.heldMs + 1);
      return named.length;
    });
    expect(counts.slice(0, 2)).toEqual([100, 200]);
    expect(counts.at(-1)).toBe(heldCount);
  });

  it("[REL-4b] puts what is refused meanwhile into quarantine with one commit", async () => {
    const store = new DocDisk({ clock: systemClock }).open();
    const { context } = setUp({ store });
    const batches: number[] = [];
    let finish: () => void = () => {};
    const slow = async (room: string, records: readonly QuarantineRecord[]): Promise<void> => {
      batches.push(records.length);
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      await store.quarantine(room, records);
    };
    const sums: DocStore["quarantineSums"] = (room) => store.quarantineSums(room);
    const slowStore = { quarantine: slow, quarantineSums: sums } as Partial<DocStore> as DocStore;
    const quarantine = new Quarantine({ ...context, store: slowStore }, "room");
    const record = (n: number) => ({ at: n, reason: "gap", client: n, session: "s", bytes: gcRun(n, 0, 1) });
    quarantine.put(record(1));
    await nextTurn();
    for (let n = 1; n <= 500; n++) quarantine.put(record(n));
    for (let n = 0; n < 2; n++) {
      finish();
      await nextTurn();
      await nextTurn();
    }
    expect(batches).toEqual([1, 499]);
    expect((await store.quarantined("room")).length).toBe(500);
  });

  it("[SCH-18] keeps what could not be written when it comes again, and counts it once", async () => {
    const store = new DocDisk({ clock: systemClock }).open();
    const { context } = setUp({ store });
    let failures = 1;
    const failing = (room: string, records: readonly QuarantineRecord[]): Promise<void> =>
      failures-- > 0 ? Promise.reject(new Error("disk I/O error")) : store.quarantine(room, records);
    const sums: DocStore["quarantineSums"] = (room) => store.quarantineSums(room);
    const failingStore = { quarantine: failing, quarantineSums: sums } as Partial<DocStore> as DocStore;
    const quarantine = new Quarantine({ ...context, store: failingStore }, "room");
    const kept: number[] = [];
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 100; n++) {
        quarantine.put({ at: n, reason: "gap", client: n, session: "s", bytes: gcRun(n, 0, 1) });
      }
      for (let n = 0; n < 5; n++) await nextTurn();
      kept.push((await store.quarantined("room")).length);
    }
    // The first goes alone, and is lost; the others wait for it and go together.
    expect(kept).toEqual([99, 100, 100]);
    const bytes = (await store.quarantined("room")).reduce((sum, record) => sum + record.bytes.length, 0);
    expect(context.metrics.get("quarantined_bytes")).toBe(bytes);
  });
});
