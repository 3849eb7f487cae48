/** Many waits on one signal, as when a crowd of writes is waited for. */

import { getEventListeners } from "node:events";
import { sleep, systemClock, untilAborted, whenAborted } from "@context-mesh/common";
import { describe, expect, it } from "vitest";

describe("waiting for a signal to abort", () => {
  it("takes one listener for a thousand waits, tells each of them once, and none that stopped waiting", () => {
    const controller = new AbortController();
    const told: number[] = [];
    const tell = (at: number) => () => void told.push(at);
    const stops = Array.from({ length: 1_000 }, (_, at) => whenAborted(controller.signal, tell(at)));
    for (const stop of stops.slice(2)) stop();
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
    controller.abort();
    expect(told).toEqual([0, 1]);
    expect(whenAborted(controller.signal, tell(3))).not.toThrow();
    expect(told).toEqual([0, 1]);
  });

  it("ends a wait with the signal's reason, and begins nothing for one that has aborted", async () => {
    const controller = new AbortController();
    expect(await untilAborted(undefined, async () => 1)).toBe(1);
    expect(await untilAborted(controller.signal, async () => 2)).toBe(2);
    const waiting = untilAborted(controller.signal, () => new Promise<never>(() => {}));
    controller.abort("enough");
    await expect(waiting).rejects.toBe("enough");
    let begun = 0;
    const late = untilAborted(controller.signal, async () => {
      begun += 1;
    });
    await expect(late).rejects.toBe("enough");
    expect(begun).toBe(0);
  });

  it("tells the others although one of them throws", () => {
    const controller = new AbortController();
    const told: number[] = [];
    whenAborted(controller.signal, () => {
      throw new Error("one of them");
    });
    whenAborted(controller.signal, () => void told.push(2));
    const thrown: unknown[] = [];
    const hear = (error: unknown): void => void thrown.push(error);
    const former = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException").on("uncaughtException", hear);
    controller.abort();
    expect(told).toEqual([2]);
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      process.removeListener("uncaughtException", hear);
      for (const listener of former) process.on("uncaughtException", listener);
      expect(thrown).toHaveLength(1);
    });
  });

  it("lets a crowd sleep on one signal", async () => {
    const controller = new AbortController();
    const asleep = Array.from({ length: 50 }, () => sleep(systemClock, 60_000, controller.signal));
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
    controller.abort(new Error("called off"));
    for (const outcome of await Promise.allSettled(asleep)) expect(outcome.status).toBe("rejected");
  });
});
