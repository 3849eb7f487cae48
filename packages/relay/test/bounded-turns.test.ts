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
import { behind, gcRun } from "../../../test/fuzz/src/hostile-bytes.ts";
import { Admission } from "../src/admission/admission.ts";
import { Quarantine } from "../src/admission/quarantine.ts";
import { inProcessBulkWork } from "../src/bulk-work.ts";
import type { RelayContext } from "../src/context.ts";
import { Metrics } from "../src/metrics.ts";
import type { Member } from "../src/room/member.ts";
import type { Receipt } from "../src/session/acks.ts";

const heldCount = limits.heldUpdatesMax;
const missing = 4_999;

/** A room's gate whose clock moves by one ms with each update that goes on to the disk. */
const setUp = (store = new DocDisk({ clock: systemClock }).open()) => {
  let nowMs = 0;
  const clock: Clock = { ...systemClock, monotonicMs: () => nowMs, wallMs: () => nowMs };
  const turn = new TurnBudget(clock, limits.turnBudgetMs);
  const shared = { store, clock, random: systemRandom, logger: silentLogger, limits, metrics: new Metrics() };
  const context: RelayContext = { ...shared, bulk: inProcessBulkWork, turn, relayId: () => "relay" };
  const named: string[] = [];
  const from = { label: "s", canWrite: true, ask: () => {}, settle: () => {} } as Partial<Member> as Member;
  from.setAside = (parts) => void named.push(...parts.map(({ reason }) => reason));
  let submitted = 0;
  const admission = new Admission({
    context,
    room: "room",
    known: new KnownState(),
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
  return { admission, context, receive, holdMany, named, submitted: () => submitted };
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
    const { context } = setUp(store);
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
});
