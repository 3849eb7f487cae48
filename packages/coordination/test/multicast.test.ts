/** The pure core of messages: kinds, strategies, batches, ageing, states, retries, duplicates. Time is an argument. */

import { limits, SeenWindow, SeenWindows } from "@context-mesh/common";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Address,
  AgeingQueue,
  addressesOf,
  addToBatch,
  type BatchState,
  chooseRecipients,
  closeBatch,
  closesBy,
  compareWaiting,
  type DeliveryState,
  defaultBatchBounds,
  defaultStrategy,
  deliveryStates,
  emptyBatch,
  firstAttempt,
  fitsAddress,
  formatAddress,
  hasExpired,
  hasRoomFor,
  mergeStates,
  type Priority,
  parseAddress,
  planMessage,
  type RecipientCandidate,
  readStates,
  retry,
  type StrategyName,
  writeStates,
} from "../src/index.ts";

const agent = (id: string, more: Partial<RecipientCandidate> = {}): RecipientCandidate => ({
  id,
  roles: [],
  groups: [],
  capabilities: [],
  topics: [],
  region: undefined,
  isHere: true,
  waiting: { low: 0, normal: 0, high: 0, critical: 0 },
  ...more,
});
const waiting = (counts: Partial<RecipientCandidate["waiting"]>): Pick<RecipientCandidate, "waiting"> => ({
  waiting: { low: 0, normal: 0, high: 0, critical: 0, ...counts },
});
const address = (text: string): Address => {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.value;
};

const sender = agent("sender", { groups: ["backend"], region: "eu/west" });
const crowd = [
  sender,
  agent("a", { groups: ["backend"], region: "us", ...waiting({ low: 9 }) }),
  agent("b", { groups: ["backend"], region: "eu/west", ...waiting({ high: 2 }), topics: ["releases"] }),
  agent("c", { groups: ["backend"], region: "eu/north", ...waiting({ normal: 4 }) }),
  agent("d", { groups: ["frontend"], roles: ["reviewer"], capabilities: ["gpu"] }),
];

const chosen = (strategy: StrategyName, to: string, priority: Priority = "normal", last?: string): string => {
  const { recipients, used } = chooseRecipients(strategy, crowd, {
    address: address(to),
    from: sender,
    priority,
    last,
  });
  return `${used}: ${recipients.map(({ id }) => id).join(" ")}`;
};

describe("addresses", () => {
  it("[COO-70] are read as they are written, and nothing else is one", () => {
    for (const text of ["agent:a", "group:b", "role:c", "topic:d:e", "capability:f", "region:eu/west", "*"]) {
      expect(formatAddress(address(text))).toBe(text);
    }
    for (const text of [
      "",
      "a",
      "agent:",
      "everyone:x",
      ":",
      `group:${"x".repeat(201)}`,
      "role:\u0000",
      "topic:\ud800",
    ]) {
      expect(parseAddress(text)).toMatchObject({ ok: false, reason: "bad_address" });
    }
  });

  it("[COO-70] reach an agent exactly when it is subscribed to them", () => {
    const profile = agent("x", {
      groups: ["g"],
      roles: ["r"],
      topics: ["t"],
      capabilities: ["c"],
      region: "eu/west",
    });
    const names = addressesOf(profile);
    for (const text of [
      "*",
      "agent:x",
      "group:g",
      "role:r",
      "topic:t",
      "capability:c",
      "region:eu",
      "region:eu/west",
    ]) {
      expect([names.includes(text), fitsAddress(address(text), profile)]).toEqual([true, true]);
    }
    for (const text of ["agent:y", "group:r", "region:eu/w", "region:eu/west/x"]) {
      expect([names.includes(text), fitsAddress(address(text), profile)]).toEqual([false, false]);
    }
  });
});

describe("kinds of messages", () => {
  const plan = (to: string, more: object = {}): unknown => {
    const planned = planMessage({ to, ...more });
    return planned.ok ? planned.value : planned.reason;
  };

  it("[CAST-1a] are told by their address, and what does not fit is refused", () => {
    expect(plan("*")).toMatchObject({ type: "broadcast", isDurable: true, priority: "normal", mayWait: false });
    expect(plan("group:x")).toMatchObject({ type: "multicast" });
    expect(plan("agent:x")).toMatchObject({ type: "unicast" });
    expect(plan("group:x", { type: "unicast" })).toBe("type_mismatch");
    expect(plan("agent:x", { type: "broadcast" })).toBe("type_mismatch");
    expect(plan("nobody")).toBe("bad_address");
    for (const ttlMs of [0, -1, Number.NaN, limits.messageTtlMsMax + 1]) expect(plan("*", { ttlMs })).toBe("bad_ttl");
  });

  it("[CAST-1a] priority goes ahead, bulk waits for a batch, control is never kept and overtakes all", () => {
    expect(plan("agent:x", { type: "priority" })).toMatchObject({ priority: "high", isDurable: true });
    expect(plan("agent:x", { type: "priority", priority: "low" })).toMatchObject({ priority: "high" });
    expect(plan("*", { type: "priority", priority: "critical" })).toMatchObject({ priority: "critical" });
    expect(plan("group:x", { type: "bulk" })).toMatchObject({ priority: "low", mayWait: true });
    expect(plan("role:x", { type: "control", isDurable: true, priority: "low" })).toMatchObject({
      priority: "critical",
      isDurable: false,
      ttlMs: 300_000,
    });
  });
});

describe("strategies", () => {
  it("[CAST-2a] broadcast reaches everybody, whatever the address says", () => {
    expect(chosen("broadcast", "group:frontend")).toBe("broadcast: a b c d");
    expect(defaultStrategy(address("*"))).toBe("broadcast");
  });

  it("[CAST-2a] group reaches all that fit the address, and not the sender", () => {
    expect(chosen("group", "group:backend")).toBe("group: a b c");
    expect(chosen("group", "role:reviewer")).toBe("group: d");
    expect(chosen("group", "capability:gpu")).toBe("group: d");
    expect(chosen("group", "agent:sender")).toBe("group: sender");
  });

  it("[CAST-2a] topic reaches subscribers only", () => {
    expect(chosen("topic", "topic:releases")).toBe("topic: b");
    expect(chosen("topic", "group:backend")).toBe("topic: b");
    expect(defaultStrategy(address("topic:x"))).toBe("topic");
  });

  it("[CAST-2a] round robin takes one after the other", () => {
    expect(["", "a", "b", "c"].map((last) => chosen("round_robin", "group:backend", "normal", last))).toEqual([
      "round_robin: a",
      "round_robin: b",
      "round_robin: c",
      "round_robin: a",
    ]);
  });

  it("[CAST-2a] load-balanced takes the one with the least that waits, and nobody who is away while somebody is here", () => {
    expect(chosen("load_balanced", "group:backend")).toBe("load_balanced: b");
    const away = crowd.map((each) => (each.id === "b" ? { ...each, isHere: false } : each));
    const choice = { address: address("group:backend"), from: sender, priority: "normal" as const };
    expect(chooseRecipients("load_balanced", away, choice).recipients.map(({ id }) => id)).toEqual(["c"]);
  });

  it("[CAST-2a] priority takes the one with the least that is as urgent", () => {
    expect(chosen("priority", "group:backend", "high")).toBe("priority: a");
    expect(chosen("priority", "group:backend", "low")).toBe("priority: b");
  });

  it("[CAST-2a] geographic reaches those whose declared region is nearest", () => {
    expect(chosen("geographic", "group:backend")).toBe("geographic: b");
    const moved = { ...sender, region: "eu/south" };
    const choice = { address: address("group:backend"), from: moved, priority: "normal" as const };
    expect(chooseRecipients("geographic", crowd, choice).recipients.map(({ id }) => id)).toEqual(["b", "c"]);
  });

  it("[CAST-2a] adaptive goes by what is known: urgency, evenness of load, regions", () => {
    expect(chosen("adaptive", "group:backend", "critical")).toBe("group: a b c");
    expect(chosen("adaptive", "group:backend", "high")).toBe("priority: a");
    expect(chosen("adaptive", "group:backend", "normal")).toBe("geographic: b");
    expect(chosen("adaptive", "topic:releases", "normal")).toBe("group: b");
    const uneven = crowd.map((each) => (each.id === "a" ? { ...each, ...waiting({ low: 50 }) } : each));
    const choice = { address: address("group:backend"), from: sender, priority: "normal" as const };
    expect(chooseRecipients("adaptive", uneven, choice).used).toBe("load_balanced");
    const somewhere = crowd.map((each) => ({ ...each, region: undefined, ...waiting({ low: 1 }) }));
    expect(chooseRecipients("adaptive", somewhere, choice).used).toBe("round_robin");
  });

  it("[COO-71] choose only from the candidates, in the same way each time, and nobody from nobody", () => {
    for (const strategy of [
      "broadcast",
      "group",
      "topic",
      "round_robin",
      "load_balanced",
      "priority",
      "geographic",
      "adaptive",
    ] as const) {
      expect(chosen(strategy, "group:backend")).toBe(chosen(strategy, "group:backend"));
      const choice = { address: address("group:nobody"), from: sender, priority: "normal" as const };
      const { recipients } = chooseRecipients(strategy, [], choice);
      expect(recipients).toEqual([]);
    }
  });
});

describe("batches", () => {
  const bounds = defaultBatchBounds;
  const plain = { bytes: 200, isPatient: false, isUrgent: false };
  const filled = (from: BatchState, count: number, nowMs: number, item = plain): BatchState => {
    let state = from;
    for (let n = 0; n < count; n++) state = addToBatch(state, item, nowMs, bounds);
    return state;
  };

  it("[CAST-3a] a message alone goes at once; bulk waits up to 50 ms for company", () => {
    const idle = emptyBatch(bounds);
    expect(closesBy(filled(idle, 1, 7), 7, bounds)).toBe("time");
    const bulk = filled(idle, 1, 7, { ...plain, isPatient: true });
    expect([closesBy(bulk, 7, bounds), closesBy(bulk, 56.9, bounds), closesBy(bulk, 57, bounds)]).toEqual([
      undefined,
      undefined,
      "time",
    ]);
    expect(closesBy(filled(bulk, 1, 8, { ...plain, isUrgent: true }), 8, bounds)).toBe("time");
  });

  it("[CAST-3a] a batch closes at 100 items, and before that when its bytes are many", () => {
    const patient = { ...plain, isPatient: true };
    expect(closesBy(filled(emptyBatch(bounds), 99, 0, patient), 0, bounds)).toBeUndefined();
    expect(closesBy(filled(emptyBatch(bounds), 100, 0, patient), 0, bounds)).toBe("size");
    const large = { ...patient, bytes: bounds.bytesMax };
    expect(closesBy(filled(emptyBatch(bounds), 1, 0, large), 0, bounds)).toBe("size");
  });

  it("[CAST-3a] batches grow under load and shrink when it is over", () => {
    let state = emptyBatch(bounds);
    for (let n = 0; n < 10; n++) state = closeBatch(filled(state, state.pace.items, n), "size", bounds);
    expect(state.pace).toEqual({ items: bounds.itemsMax, delayMs: bounds.delayMsMax });
    for (let n = 0; n < 12; n++) state = closeBatch(filled(state, 1, n), "time", bounds);
    expect(state.pace).toEqual({ items: bounds.itemsMin, delayMs: 0 });
  });
});

describe("priority with ageing", () => {
  it("[CAST-3b] takes the urgent first, but nothing starves behind a steady stream of it", () => {
    const queue = new AgeingQueue<string>(1_000);
    queue.push("old low", "low", 0);
    let shiftedAtMs = -1;
    for (let nowMs = 0; nowMs <= 120_000 && shiftedAtMs < 0; nowMs += 100) {
      queue.push("critical", "critical", nowMs);
      if (queue.shift(nowMs) === "old low") shiftedAtMs = nowMs;
    }
    expect(shiftedAtMs).toBeGreaterThan(limits.priorityAgeMs);
    expect(shiftedAtMs).toBeLessThanOrEqual(limits.priorityAgeMs * 4);
  });

  it("[CAST-3b] what is put back keeps its place and its age", () => {
    const queue = new AgeingQueue<string>(10);
    queue.push("first", "low", 0);
    queue.push("second", "low", 1);
    expect(queue.shift(2)).toBe("first");
    queue.unshift("first", "low", 0);
    queue.push("urgent", "high", limits.priorityAgeMs * 3);
    expect(queue.size).toBe(3);
    const order = [1, 2, 3].map(() => queue.shift(limits.priorityAgeMs * 3));
    expect(order).toEqual(["first", "second", "urgent"]);
  });

  it("[CAST-3b] keeps the order within a priority and is bounded", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<Priority>("low", "normal", "high", "critical"), { maxLength: 60 }),
        (list) => {
          const queue = new AgeingQueue<number>(50);
          const taken = list.map((priority, n) => queue.push(n, priority, 0));
          expect(taken.filter((isTaken) => isTaken).length).toBe(Math.min(50, list.length));
          const order: number[] = [];
          for (let item = queue.shift(0); item !== undefined; item = queue.shift(0)) order.push(item);
          const ranks = order.map((n) => ["low", "normal", "high", "critical"].indexOf(list[n] as string));
          expect(ranks).toEqual([...ranks].sort((a, b) => b - a));
          for (const rank of new Set(ranks)) {
            const same = order.filter((_, at) => ranks[at] === rank);
            expect(same).toEqual([...same].sort((a, b) => a - b));
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it("[COO-72] an inbox shows hand-overs and critical ones first, and keeps room for them when it is full", () => {
    const at = (priority: Priority, sentAt: number, isHandover = false) => ({ priority, sentAt, isHandover });
    const all = [at("low", 0), at("high", 50_000), at("low", 1, true), at("critical", 60_000), at("normal", 55_000)];
    const order = [...all].sort(compareWaiting(60_000)).map(({ sentAt }) => sentAt);
    expect(order.slice(0, 2).sort((a, b) => a - b)).toEqual([1, 60_000]);
    expect(order.slice(2)).toEqual([0, 50_000, 55_000]);
    expect(hasRoomFor(at("normal", 0), limits.inboxMessagesMax - 1)).toBe(true);
    expect(hasRoomFor(at("high", 0), limits.inboxMessagesMax)).toBe(false);
    expect(hasRoomFor(at("low", 0, true), limits.inboxMessagesMax)).toBe(true);
    expect(hasRoomFor(at("critical", 0), limits.inboxMessagesMax + limits.inboxReserveMax)).toBe(false);
    expect(hasRoomFor(at("normal", 0), 1, limits.inboxBytesMax - 1)).toBe(true);
    expect(hasRoomFor(at("normal", 0), 1, limits.inboxBytesMax)).toBe(false);
    expect(hasRoomFor(at("critical", 0), 1, limits.inboxBytesMax)).toBe(true);
    expect(hasRoomFor(at("critical", 0), 1, limits.inboxBytesMax + limits.inboxReserveBytesMax)).toBe(false);
  });
});

describe("delivery", () => {
  it("[CAST-4b] states are a letter each, only go forward, and merge to the further one", () => {
    const state = fc.constantFrom<DeliveryState>(...deliveryStates);
    fc.assert(
      fc.property(fc.array(fc.tuple(state, state), { minLength: 1, maxLength: 20 }), (pairs) => {
        const a = pairs.map(([x]) => x);
        const b = pairs.map(([, y]) => y);
        expect(readStates(writeStates(a), a.length)).toEqual(a);
        const merged = mergeStates([a, b], a.length);
        merged.forEach((each, at) => {
          const ranks = [a[at], b[at]].map((one) => deliveryStates.indexOf(one as DeliveryState));
          expect(deliveryStates.indexOf(each)).toBe(Math.max(...ranks));
        });
      }),
    );
    expect(writeStates(["acted", "acted"])).toBe("a");
    for (const odd of [undefined, 7, "", "?", null]) expect(readStates(odd, 2)).toEqual(["stored", "stored"]);
  });

  it("[COO-73] what nobody acknowledges is sent three more times, at growing distances, then the sender is told", () => {
    let attempt = firstAttempt(0, 300_000);
    const sentAt: number[] = [];
    let nowMs = 0;
    for (; attempt.kind === "waiting" && nowMs < 60_000; nowMs += 100) {
      const step = retry(attempt, nowMs);
      attempt = step.attempt;
      if (step.isAgain) sentAt.push(nowMs);
    }
    expect(sentAt).toEqual([1_000, 3_000, 7_000]);
    expect(attempt).toEqual({ kind: "failed", reason: "not_acknowledged" });
    expect(retry(firstAttempt(0, 500), 600).attempt).toEqual({ kind: "failed", reason: "expired" });
    expect(retry({ kind: "acknowledged" }, 1e9)).toEqual({ attempt: { kind: "acknowledged" }, isAgain: false });
  });

  it("[COO-73] a message is late only when clocks cannot explain it", () => {
    expect(hasExpired(0, 1_000, 1_000, 0)).toBe(false);
    expect(hasExpired(0, 1_000, 1_001, 0)).toBe(true);
    expect(hasExpired(0, 1_000, 3_600_000, 3_600_000)).toBe(false);
  });
});

describe("duplicates", () => {
  it("[COO-74] each number is let through once, late ones too, in bounded memory", () => {
    const window = new SeenWindow(8);
    expect([1, 2, 5, 3, 3, 5, 4, 1].map((n) => window.isNew(n))).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
      true,
      false,
    ]);
    expect(window.isNew(2 ** 50)).toBe(true);
    expect(window.isNew(2 ** 50 - 3)).toBe(true);
    expect(window.isNew(2 ** 50 - 9)).toBe(false);
    expect(window.isNew(6)).toBe(false);
  });

  it("[COO-74] sources do not disturb each other, and only the last ones are remembered", () => {
    const windows = new SeenWindows({ sourcesMax: 2, gapsMax: 4 });
    expect(windows.isNew("a", 1)).toBe(true);
    expect(windows.isNew("b", 1)).toBe(true);
    expect(windows.isNew("a", 1)).toBe(false);
    expect(windows.isNew("c", 1)).toBe(true);
    expect(windows.isNew("a", 1)).toBe(true);
  });
});
