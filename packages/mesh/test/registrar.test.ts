/** Registration in batches: five strategies, validation, partial failure by agent, retries. */

import { nextTurn, seededRandom } from "@context-mesh/common";
import {
  type BatchStrategy,
  batchStrategies,
  type CommitAnswer,
  type NewAgent,
  nextBatch,
  Registrar,
  type RegistrarOptions,
} from "@context-mesh/coordination";
import { VirtualClock } from "@context-mesh/testkit";
import { describe, expect, it } from "vitest";

const agents = (count: number): NewAgent[] =>
  Array.from({ length: count }, (_, n) => ({ id: `agent-${n}`, roles: ["dev"] }));

class Desk {
  readonly clock = new VirtualClock();
  readonly batches: string[][] = [];
  answer: (batch: readonly NewAgent[], n: number) => CommitAnswer | Promise<CommitAnswer> = () => ({ ok: true });

  registrar(strategy: BatchStrategy, more: Partial<RegistrarOptions> = {}): Registrar {
    return new Registrar({
      clock: this.clock,
      random: seededRandom(1),
      strategy,
      commit: (batch) => {
        this.batches.push(batch.map(({ id }) => id));
        return this.answer(batch, this.batches.length);
      },
      ...more,
    });
  }

  /** Batches take turns of their own between them; the clock knows only of timers. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    void promise.then(() => {
      isSettled = true;
    });
    for (let round = 0; round < 40 && !isSettled; round += 1) {
      await this.turns();
      if (!isSettled) await this.clock.advance(250);
    }
    return promise;
  }

  async turns(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
  }

  get sizes(): readonly number[] {
    return this.batches.map((batch) => batch.length);
  }
}

const refused = (reason: string, retryable: boolean): CommitAnswer => ({
  ok: false,
  reason,
  detail: reason,
  retryable,
});

describe("batching", () => {
  it("[COORD-2c] the five strategies gather differently", async () => {
    const sizesOf = async (strategy: BatchStrategy): Promise<readonly number[]> => {
      const desk = new Desk();
      const registrar = desk.registrar(strategy);
      for (const agent of agents(10)) void registrar.submit(agent);
      await desk.turns();
      await desk.clock.advance(5);
      for (const agent of agents(13).slice(10)) void registrar.submit(agent);
      await desk.turns();
      await desk.clock.advance(20);
      const report = await desk.settle(registrar.close());
      expect(report).toMatchObject({ total: 13, completed: 13, failed: 0, batches: desk.sizes.length });
      return desk.sizes;
    };
    expect(await sizesOf({ kind: "fixed_size", size: 4 })).toEqual([4, 4, 4, 1]);
    expect(await sizesOf({ kind: "time_based", windowMs: 8, sizeMax: 100 })).toEqual([13]);
    expect(await sizesOf({ kind: "priority_based", size: 6 })).toEqual([6, 4, 3]);
    expect(await sizesOf({ kind: "adaptive", sizeMin: 2, sizeMax: 100, targetMs: 50 })).toEqual([5, 3, 2, 2, 1]);
    expect(await sizesOf(batchStrategies.streaming)).toEqual([10, 3]);
  });

  it("[COORD-2c] priority_based takes the most urgent first, the others keep the order", async () => {
    const orderOf = async (strategy: BatchStrategy): Promise<string> => {
      const desk = new Desk();
      const registrar = desk.registrar(strategy);
      const priorities = ["low", "normal", "critical", "high"] as const;
      for (const [n, agent] of agents(4).entries()) void registrar.submit(agent, priorities[n]);
      await desk.settle(registrar.close());
      return desk.batches.flat().join(" ");
    };
    expect(await orderOf(batchStrategies.priority_based)).toBe("agent-2 agent-3 agent-1 agent-0");
    expect(await orderOf(batchStrategies.streaming)).toBe("agent-0 agent-1 agent-2 agent-3");
  });

  it("[COORD-2c] adaptive takes fewer while batches take long", () => {
    const state = { waiting: 1_000, oldestMs: 0, isFlushing: false };
    const strategy = { kind: "adaptive", sizeMin: 5, sizeMax: 400, targetMs: 100 } as const;
    expect(nextBatch(strategy, { ...state, last: undefined })).toEqual({ take: 400 });
    expect(nextBatch(strategy, { ...state, last: { size: 400, tookMs: 300 } })).toEqual({ take: 200 });
    expect(nextBatch(strategy, { ...state, last: { size: 6, tookMs: 300 } })).toEqual({ take: 5 });
    expect(nextBatch(strategy, { ...state, last: { size: 5, tookMs: 9 } })).toEqual({ take: 400 });
  });
});

describe("registrar", () => {
  it("[COORD-2c] reports failures by agent: the invalid, the doubled, and the one that spoils its batch", async () => {
    const desk = new Desk();
    desk.answer = (batch) =>
      batch.some(({ id }) => id === "agent-5") ? refused("value_invalid", false) : { ok: true };
    const registrar = desk.registrar(batchStrategies.streaming);
    const answers = Promise.all([...agents(9), { id: "" }, { id: "agent-1" }].map((agent) => registrar.submit(agent)));
    const report = await desk.settle(registrar.close());
    expect((await answers).map(({ state }) => state).filter((state) => state === "completed").length).toBe(8);
    expect(report).toMatchObject({ total: 11, completed: 8, failed: 3 });
    expect(report.failures.map(({ id, reason }) => [id, reason])).toEqual([
      ["", "bad_id"],
      ["agent-1", "duplicate_id"],
      ["agent-5", "value_invalid"],
    ]);
  });

  it("[COORD-2c] tries again what may pass, at growing distances, and gives up after three more tries", async () => {
    const desk = new Desk();
    desk.answer = (_, n) => (n <= 2 ? refused("store_busy", true) : { ok: true });
    const registrar = desk.registrar(batchStrategies.streaming);
    const first = registrar.submit({ id: "a" });
    expect(await desk.settle(first)).toMatchObject({ state: "completed", attempts: 3 });
    desk.answer = () => Promise.reject(new Error("disk is gone"));
    expect(await desk.settle(registrar.submit({ id: "b" }))).toEqual({
      id: "b",
      state: "failed",
      attempts: 4,
      reason: "commit_failed",
      detail: "disk is gone",
    });
    expect(await desk.settle(registrar.close())).toMatchObject({ completed: 1, failed: 1 });
  });

  it("[COORD-2c] gives up a commit that hangs, takes back what still waits, and takes nothing in once closed", async () => {
    const desk = new Desk();
    desk.answer = () => new Promise(() => {});
    const registrar = desk.registrar(batchStrategies.fixed_size, { retries: 0, timeoutMs: 100 });
    const waiting = registrar.submit({ id: "waits" });
    await desk.clock.advance(10);
    expect(registrar.cancel("waits")).toBe(true);
    expect(registrar.cancel("waits")).toBe(false);
    expect(await waiting).toMatchObject({ state: "cancelled", attempts: 0 });
    const hanging = registrar.submit({ id: "hangs" });
    const report = await desk.settle(registrar.close());
    expect(await hanging).toMatchObject({ state: "failed", reason: "timeout" });
    expect(report).toMatchObject({ total: 2, failed: 1, cancelled: 1 });
    expect(await registrar.submit({ id: "late" })).toMatchObject({ state: "failed", reason: "closed" });
  });
});
