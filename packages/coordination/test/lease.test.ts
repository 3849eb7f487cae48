/** Leases by clocks that skew, drift, jump, stand still and begin anew. */

import { describe, expect, it } from "vitest";
import {
  isOver,
  type Lease,
  leaseFromJson,
  leaseToJson,
  type Moment,
  observe,
  observedMs,
  receiptFromJson,
  remainingMs,
} from "../src/index.ts";

const minute = 60_000;
const start: Moment = { bootId: "boot-1", monotonicMs: 5_000, wallMs: 1_800_000_000_000 };
const after = (monotonicMs: number, wallMs = monotonicMs, bootId = start.bootId): Moment => ({
  bootId,
  monotonicMs: start.monotonicMs + monotonicMs,
  wallMs: start.wallMs + wallMs,
});
const lease = { since: start, leaseMs: 10 * minute };

describe("a holder's lease", () => {
  it("[COO-5] [OWN-4b] ends at the earlier of its two clocks", () => {
    expect(remainingMs(lease, after(4 * minute))).toBe(6 * minute);
    expect(isOver(lease, after(10 * minute))).toBe(true);
    // The wall clock was set back by an hour: the monotonic one decides.
    expect(isOver(lease, after(11 * minute, -49 * minute))).toBe(true);
    // It was set ahead: safe is over.
    expect(isOver(lease, after(1 * minute, 61 * minute))).toBe(true);
  });

  it("[SCH-12] [COO-5] ends during a suspend, although the monotonic clock stood still", () => {
    expect(isOver(lease, after(1_000, 120 * minute))).toBe(true);
  });

  it("[SCH-12] [COO-5] is over in another boot, whatever the clocks say", () => {
    expect(isOver(lease, after(1 * minute, 1 * minute, "boot-2"))).toBe(true);
    expect(isOver(lease, after(-1_000, 1 * minute))).toBe(true);
  });

  it("[COO-5] goes through the store unchanged, and nothing else is taken for one", () => {
    const whole: Lease = {
      ...lease,
      task: "task-1",
      kind: "confirmed",
      nonce: "n",
      writer: "w",
      fence: 7,
      epoch: 2,
      standing: [7, 2, 9],
    };
    expect(leaseFromJson(leaseToJson(whole))).toEqual(whole);
    for (const value of [undefined, null, 5, {}, { ...(leaseToJson(whole) as object), since: {} }]) {
      expect(leaseFromJson(value as never)).toBeUndefined();
    }
  });
});

describe("an observer", () => {
  it("[COO-6] [OWN-4a] counts 1.1 leases from its own receipt, by its own monotonic clock", () => {
    const receipt = observe(undefined, "w:1", start);
    expect(observedMs(receipt, 10 * minute, after(10 * minute))).toBe(1 * minute);
    expect(observedMs(receipt, 10 * minute, after(11 * minute, -500 * minute))).toBe(0);
    expect(observedMs(receipt, 10 * minute, after(1 * minute, 500 * minute))).toBe(10 * minute);
  });

  it("[COO-6] a renewal begins anew; the same entry goes on, also for a later process of the same boot", () => {
    const receipt = observe(undefined, "w:1", start);
    expect(observe(receipt, "w:1", after(9 * minute))).toBe(receipt);
    const stored = receiptFromJson(JSON.parse(JSON.stringify(receipt)));
    expect(observe(stored, "w:1", after(9 * minute))).toEqual(receipt);
    expect(observe(receipt, "w:2", after(9 * minute)).monotonicMs).toBe(after(9 * minute).monotonicMs);
  });

  it("[SCH-12] [COO-6] after a reboot a whole lease is waited", () => {
    const receipt = observe(undefined, "w:1", start);
    const rebooted = after(60 * minute, 60 * minute, "boot-2");
    const again = observe(receipt, "w:1", rebooted);
    expect(observedMs(again, 10 * minute, rebooted)).toBe(11 * minute);
    expect(receiptFromJson("x")).toBeUndefined();
  });

  it("[OWN-4a] is right whatever the skew and the drift up to 2 %: it never ends a lease before its holder does", () => {
    for (const skewMs of [-60 * minute, 0, 60 * minute]) {
      for (const drift of [0.98, 1, 1.02]) {
        for (const holderDrift of [0.98, 1, 1.02]) {
          const receipt = observe(undefined, "w:1", after(0, skewMs));
          const over = (trueMs: number): boolean => {
            return observedMs(receipt, lease.leaseMs, after(trueMs * drift, skewMs + trueMs * drift)) <= 0;
          };
          for (let trueMs = 0; trueMs < 15 * minute; trueMs += 10_000) {
            if (!over(trueMs)) continue;
            expect(isOver(lease, after(trueMs * holderDrift))).toBe(true);
          }
          expect(over(12 * minute)).toBe(true);
        }
      }
    }
  });
});
