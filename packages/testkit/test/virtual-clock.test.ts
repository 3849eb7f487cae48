/** The virtual clock: order, periods, promises in between, failure of a timer. */

import { sleep } from "@context-mesh/common";
import { LocalClock, VirtualClock } from "@context-mesh/testkit";
import { describe, expect, it } from "vitest";

describe("VirtualClock", () => {
  it("fires by time, then by creation, and lets promises go on in between", async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.after(20, () => seen.push("c"));
    clock.after(10, () => {
      seen.push("a");
      Promise.resolve()
        .then(() => undefined)
        .then(() => seen.push("a2"));
    });
    clock.after(10, () => seen.push("b"));
    await clock.advance(15);
    expect(seen).toEqual(["a", "a2", "b"]);
    expect(clock.monotonicMs()).toBe(15);
    await clock.advance(5);
    expect(seen).toEqual(["a", "a2", "b", "c"]);
    expect(clock.pending).toBe(0);
  });

  it("repeats until cancelled, also from inside", async () => {
    const clock = new VirtualClock();
    let count = 0;
    const timer = clock.every(10, () => {
      count += 1;
      if (count === 3) timer.cancel();
    });
    await clock.advance(100);
    expect(count).toBe(3);
  });

  it("drives sleep() and waitFor()", async () => {
    const clock = new VirtualClock();
    await clock.waitFor(sleep(clock, 5_000));
    expect(clock.monotonicMs()).toBe(5_000);
    await expect(clock.waitFor(new Promise(() => {}), 100)).rejects.toThrow("not settled");
  });

  it("hands on what a timer throws", async () => {
    const clock = new VirtualClock();
    clock.after(1, () => {
      throw new Error("boom");
    });
    await expect(clock.advance(2)).rejects.toThrow("boom");
    await clock.advance(1);
  });

  it("keeps 10,000 random timers in order", async () => {
    const clock = new VirtualClock();
    const fired: number[] = [];
    for (let i = 0; i < 10_000; i++) {
      const at = (i * 7_919) % 1_000;
      const timer = clock.after(at, () => fired.push(at));
      if (i % 10 === 0) timer.cancel();
    }
    await clock.advance(1_000);
    expect(fired.length).toBe(9_000);
    expect(fired).toEqual([...fired].sort((a, b) => a - b));
  });
});

describe("LocalClock", () => {
  it("skews the wall, sleeps, wakes and dies", async () => {
    const base = new VirtualClock();
    const local = new LocalClock(base, 600_000);
    const fired: string[] = [];
    expect(local.wallMs() - base.wallMs()).toBe(600_000);
    local.after(10, () => fired.push("timer"));
    local.sleep();
    await base.advance(100);
    expect(fired).toEqual([]);
    expect(local.monotonicMs()).toBe(0);
    local.wake();
    expect(fired).toEqual(["timer"]);
    await base.advance(1);
    expect(local.monotonicMs()).toBe(1);
    local.after(1, () => fired.push("never"));
    local.kill();
    await base.advance(10);
    expect(fired).toEqual(["timer"]);
  });
});
