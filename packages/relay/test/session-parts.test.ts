/** The small parts of a session: states, inbox, rate, what is owed. */

import { limits, seededRandom, silentLogger, TurnBudget } from "@context-mesh/common";
import { DocDisk } from "@context-mesh/memory";
import type { Connection } from "@context-mesh/ports";
import { encodeUpdate, type Message, scanUpdate } from "@context-mesh/protocol";
import { VirtualClock } from "@context-mesh/testkit";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { inProcessBulkWork } from "../src/bulk-work.ts";
import type { RelayContext } from "../src/context.ts";
import { Metrics } from "../src/metrics.ts";
import { endsOf, isCovered, isPartlyKnown } from "../src/room/log.ts";
import { SharedTails } from "../src/room/shared-tails.ts";
import { AckLedger, type Receipt } from "../src/session/acks.ts";
import { type Admit, Intake } from "../src/session/intake.ts";
import { Rate } from "../src/session/rate.ts";
import { nextState, type SessionEvent, type SessionState } from "../src/session/state.ts";

const run = (start: SessionState, ...events: readonly SessionEvent[]): SessionState => events.reduce(nextState, start);

describe("the states of a session", () => {
  const opening: SessionState = { kind: "opening", resumes: false };

  it("[SCH-31] lead to live only through an answer", () => {
    const greeted = run(opening, { type: "opened", seq: 5 });
    expect(greeted).toEqual({ kind: "greeted" });
    expect(run(greeted, { type: "caught-up", seq: 5 }, { type: "sent", seq: 6 }, { type: "fell-behind" })).toEqual(
      greeted,
    );
    const asked = run(greeted, { type: "asked" });
    expect(asked).toEqual({ kind: "catching-up", owesAnswer: true });
    expect(run(asked, { type: "caught-up", seq: 7 })).toEqual({ kind: "live", sentSeq: 7 });
  });

  it("let a peer link live on where it was when its room comes back, and only there", () => {
    const live: SessionState = { kind: "live", sentSeq: 3 };
    const parked = run(live, { type: "unloaded" });
    expect(run(parked, { type: "woken" }, { type: "opened", seq: 3 })).toEqual({ kind: "live", sentSeq: 3 });
    const never = run({ kind: "greeted" }, { type: "unloaded" }, { type: "woken" }, { type: "opened", seq: 3 });
    expect(never).toEqual({ kind: "greeted" });
  });

  it("end in closed, for good", () => {
    const closed = run({ kind: "live", sentSeq: 1 }, { type: "closed" });
    expect(run(closed, { type: "opened", seq: 1 }, { type: "asked" }, { type: "woken" })).toEqual({ kind: "closed" });
  });
});

describe("what a connection is owed", () => {
  it("is settled in order: what is held back keeps what came after it waiting", () => {
    const ledger = new AckLedger();
    const held: Receipt = { ticket: undefined };
    ledger.received([{ ticket: 1 }], 10);
    ledger.received([held], 20);
    ledger.received([{ ticket: 1 }], 30);
    ledger.settle(1);
    expect([ledger.take(), ledger.waitingBytes]).toEqual([{ count: 1, setAside: [] }, 50]);
    held.ticket = 2;
    ledger.setAside([{ client: 7, reason: "gap" }]);
    ledger.settle(1);
    expect(ledger.take()).toBeUndefined();
    ledger.settle(2);
    expect([ledger.take(), ledger.take(), ledger.waitingBytes]).toEqual([
      { count: 3, setAside: [{ client: 7, reason: "gap" }] },
      undefined,
      0,
    ]);
  });
});

describe("what a connection was owed", () => {
  it("is counted on, whether all of it was settled in between or never", () => {
    for (const rounds of [1, 10, 600]) {
      const ledger = new AckLedger();
      let count = 0;
      for (let ticket = 1; ticket <= rounds; ticket += 1) {
        for (let i = 0; i < 3; i += 1) ledger.received([{ ticket }], 7);
        count += 3;
        ledger.settle(ticket);
        expect([ledger.take()?.count, ledger.hasWaiting, ledger.waitingBytes]).toEqual([count, false, 0]);
        ledger.received([{ ticket: ticket + 1 }], 7);
        count += 1;
        expect([ledger.take(), ledger.hasWaiting]).toEqual([undefined, true]);
      }
    }
  });
});

describe("the ends of an update", () => {
  const updateOf = (clientID: number, items: readonly number[]): Uint8Array => {
    const doc = new Y.Doc();
    doc.clientID = clientID;
    doc.getArray("items").push([...items]);
    return Y.encodeStateAsUpdate(doc);
  };
  const endsIn = (update: Uint8Array) => {
    const scan = scanUpdate(update);
    return scan.ok ? endsOf(scan.value) : [];
  };

  it("are covered by a vector that reaches all of them, and partly known by one that has any of the clients", () => {
    const ends = endsIn(Y.mergeUpdates([updateOf(7, [1, 2, 3]), updateOf(9, [1, 2, 3, 4, 5])]));
    const known = (...vector: [number, number][]) => [
      isCovered(ends, new Map(vector)),
      isPartlyKnown(ends, new Map(vector)),
    ];
    expect(ends).toHaveLength(4);
    expect(known([7, 3], [9, 5])).toEqual([true, true]);
    expect(known([7, 3], [9, 4])).toEqual([false, true]);
    expect(known([7, 2], [9, 5])).toEqual([false, true]);
    expect(known([9, 1])).toEqual([false, true]);
    expect(known([3, 9], [5, 9])).toEqual([false, false]);
    expect(endsIn(updateOf(9, [1, 2]))).toEqual([9, 2]);
  });
});

describe("what was set aside", () => {
  it("is named once an acknowledgement, and does not pile up where nobody is told", () => {
    const ledger = new AckLedger();
    for (let n = 0; n < 10_000; n++) ledger.setAside([{ client: n % 500, reason: "gap" }]);
    ledger.received([{ ticket: 0 }], 1);
    ledger.settle(0);
    expect(ledger.take()?.setAside.length).toBe(256);
  });
});

describe("a rate", () => {
  it("gives what was saved up, then makes wait, and forgets in time", () => {
    const rate = new Rate(10, 5, 0);
    expect([1, 2, 3, 4, 5].map(() => rate.take(0))).toEqual([0, 0, 0, 0, 0]);
    expect([rate.take(0), rate.take(0), rate.hasToken(0)]).toEqual([100, 200, false]);
    expect([rate.hasToken(300), rate.isFull(600), rate.isFull(700)]).toEqual([true, false, true]);
  });
});

describe("the reading half", () => {
  const setUp = (bounds: Partial<typeof limits> | Record<string, number>) => {
    const clock = new VirtualClock();
    const pauses: string[] = [];
    const connection: Pick<Connection, "pause" | "resume"> = {
      pause: () => pauses.push("pause"),
      resume: () => pauses.push("resume"),
    };
    const context: RelayContext = {
      store: new DocDisk({ clock }).open(),
      clock,
      random: seededRandom(1),
      logger: silentLogger,
      limits: { ...limits, ...bounds },
      metrics: new Metrics(),
      bulk: inProcessBulkWork,
      turn: new TurnBudget(clock, limits.turnBudgetMs),
      tails: new SharedTails(limits.sharedTailsBytesMax),
      relayId: () => "r",
    };
    const admit: Admit = { part: () => undefined, bad: () => undefined, done: () => {}, failed: () => {} };
    const handled: Message["type"][] = [];
    const bad: string[] = [];
    const intake: Intake = new Intake(context, connection as Connection, {
      take: (message) => {
        handled.push(message.type);
        return message.type === "update" ? intake.update(message.update, admit) : undefined;
      },
      onBadMessage: (reason) => bad.push(reason),
      onEmpty: () => {},
    });
    return { clock, pauses, handled, bad, intake };
  };
  const message = (bytes: number): Uint8Array => encodeUpdate(new Uint8Array(bytes));

  it("keeps what comes before the room is open, and stops reading when that becomes much", () => {
    const { intake, handled, pauses, bad } = setUp({ openingBytesMax: 1_000 });
    intake.hold("opening");
    for (let n = 0; n < 3; n++) intake.push(message(400));
    intake.push(Uint8Array.of(0));
    expect([handled, pauses]).toEqual([[], ["pause"]]);
    intake.release("opening");
    expect([handled, bad, pauses]).toEqual([["update", "update", "update"], ["truncated"], ["pause", "resume"]]);
  });

  it("[REL-6a] stops reading from one whose messages wait for the disk, until they are settled", () => {
    const { intake, pauses } = setUp({ unackedBytesMax: 1_000 });
    const receipts: Receipt[] = [1, 2, 3].map((ticket) => ({ ticket }));
    for (const receipt of receipts) intake.owe([receipt], 400, 0);
    expect(pauses).toEqual(["pause"]);
    intake.settle(1);
    expect([pauses, intake.takeAck()?.count]).toEqual([["pause", "resume"], 1]);
  });

  it("[REL-4b] slows one down that sends too many updates", async () => {
    const { intake, pauses, handled, clock } = setUp({ updatesPerSecondMax: 10 });
    for (let n = 0; n < 14; n++) intake.push(message(5));
    expect([handled.length, pauses]).toEqual([11, ["pause"]]);
    await clock.advance(1_000);
    expect([handled.length, pauses.at(-1)]).toEqual([14, "resume"]);
  });

  it("does not let a message overtake one that is checked in the background", async () => {
    const { intake, handled, clock } = setUp({ decodeInlineBytesMax: 100 });
    intake.push(message(500));
    intake.push(Uint8Array.of(3));
    expect(handled).toEqual(["update"]);
    await clock.advance(0);
    expect(handled).toEqual(["update", "query-awareness"]);
  });
});
