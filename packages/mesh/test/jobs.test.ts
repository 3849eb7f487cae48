/** Jobs: modes, dependencies, priorities, groups, timeouts, retries, cancelling; what cannot run is refused by name. */

import { limits, MeshError, seededRandom, sleep } from "@context-mesh/common";
import {
  adaptPace,
  type Job,
  type JobHandle,
  JobRunner,
  type JobRunnerOptions,
  type JobTurn,
  runJobs,
  runPipeline,
} from "@context-mesh/coordination";
import { VirtualClock } from "@context-mesh/testkit";
import { describe, expect, it } from "vitest";

class Bench {
  readonly clock = new VirtualClock();
  readonly log: string[] = [];
  readonly options: JobRunnerOptions = { clock: this.clock, random: seededRandom(1) };
  now = 0;
  peak = 0;

  runner(more: Partial<JobRunnerOptions> = {}): JobRunner {
    return new JobRunner({ ...this.options, ...more });
  }

  job(id: string, ms: number, more: Partial<Job> & { readonly failures?: number } = {}): Job & { readonly id: string } {
    const { failures = 0, ...rest } = more;
    return {
      id,
      ...rest,
      run: async ({ attempt, signal }) => {
        this.log.push(id);
        this.now += 1;
        this.peak = Math.max(this.peak, this.now);
        try {
          await sleep(this.clock, ms, signal);
        } finally {
          this.now -= 1;
        }
        if (attempt <= failures) throw new MeshError("flaky", `try ${attempt} of ${id}`, { hint: "Try again." });
        return `${id} done`;
      },
    };
  }

  add(runner: JobRunner, ...jobs: readonly Job[]): readonly JobHandle[] {
    const added = runner.addAll(jobs);
    if (!added.ok) throw new Error(added.detail);
    return added.value;
  }
}

describe("job runner", () => {
  it("[COORD-3c] begins outside of the caller, waits for one or all, and tells what a job came to", async () => {
    const bench = new Bench();
    const runner = bench.runner();
    const [a, b] = bench.add(runner, bench.job("a", 10), { id: "b", kind: "data_sync", run: () => 7 });
    expect([bench.log, a?.state.name]).toEqual([[], "queued"]);
    expect(await b?.outcome).toMatchObject({ id: "b", state: "completed", value: 7, attempts: 1 });
    expect([bench.log, a?.state.name, runner.figures]).toEqual([["a"], "executing", { open: 1, executing: 1 }]);
    expect(await bench.clock.waitFor(runner.waitAll())).toMatchObject([{ value: "a done", ranMs: 10 }]);
    expect(await runner.wait("a")).toMatchObject({ state: "completed" });
    expect(runner.wait("nobody")).toBeUndefined();
    expect(runner.get("a")?.state.name).toBe("completed");
  });

  it("[COORD-3c] keeps dependencies and hands their results on; what comes after a failure is cancelled", async () => {
    const bench = new Bench();
    const runner = bench.runner();
    const sum = { id: "sum", after: ["two", "three"], run: ({ inputs }: JobTurn) => [...inputs.values()].join("+") };
    const [last] = bench.add(runner, sum, bench.job("two", 5), bench.job("three", 9));
    expect(last?.state).toEqual({ name: "pending", missing: 2 });
    expect(await bench.clock.waitFor(last?.outcome ?? Promise.reject())).toMatchObject({
      value: "two done+three done",
    });

    bench.add(runner, bench.job("bad", 1, { failures: 9 }));
    const [next, afterNext] = bench.add(
      runner,
      bench.job("next", 1, { after: ["bad"] }),
      bench.job("after-next", 1, { after: ["next"] }),
    );
    await bench.clock.advance(5);
    expect(await next?.outcome).toMatchObject({ state: "cancelled", reason: "dependency_failed", attempts: 0 });
    expect(await afterNext?.outcome).toMatchObject({ state: "cancelled", detail: "`next` was not completed" });
    const [late] = bench.add(runner, bench.job("late", 1, { after: ["bad"] }));
    expect(await late?.outcome).toMatchObject({ state: "cancelled", reason: "dependency_failed" });
  });

  it("[COORD-3c] takes the most urgent first, 16 at once, and 5 of a group", async () => {
    const bench = new Bench();
    const one = bench.runner({ workers: 1 });
    const priorities = ["low", "normal", "critical", "high", "normal"] as const;
    bench.add(one, ...priorities.map((priority, n) => bench.job(`${priority}-${n}`, 1, { priority })));
    await bench.clock.waitFor(one.waitAll());
    expect(bench.log).toEqual(["critical-2", "high-3", "normal-1", "normal-4", "low-0"]);

    const crowd = new Bench();
    const runner = crowd.runner();
    crowd.add(runner, ...Array.from({ length: 60 }, (_, n) => crowd.job(`j${n}`, 10)));
    await crowd.clock.waitFor(runner.waitAll());
    expect(crowd.peak).toBe(limits.jobWorkers);

    const grouped = new Bench();
    const groups = grouped.runner();
    const free = grouped.add(
      groups,
      ...Array.from({ length: 20 }, (_, n) => grouped.job(`g${n}`, 10, { group: "disk" })),
      grouped.job("free", 10),
    );
    await grouped.clock.advance(10);
    expect(grouped.peak).toBe(6);
    expect(free.at(-1)?.state.name).toBe("completed");
    await grouped.clock.waitFor(groups.waitAll());
    expect(grouped.log.filter((id) => id !== "free")).toEqual(Array.from({ length: 20 }, (_, n) => `g${n}`));
  });

  it("[COORD-3c] tries again after a failure or a timeout, and ends what takes too long", async () => {
    const bench = new Bench();
    const runner = bench.runner({ workers: 1 });
    const signals: AbortSignal[] = [];
    const hangs: Job = {
      id: "hangs",
      timeoutMs: 50,
      retries: 1,
      run: ({ signal }) => {
        signals.push(signal);
        return new Promise(() => {});
      },
    };
    const [flaky, stuck, after] = bench.add(
      runner,
      bench.job("flaky", 5, { failures: 2, retries: 2 }),
      hangs,
      bench.job("other", 5),
    );
    const all = await bench.clock.waitFor(runner.waitAll());
    expect(all.map(({ id, state, attempts }) => [id, state, attempts])).toEqual([
      ["flaky", "completed", 3],
      ["hangs", "timeout", 2],
      ["other", "completed", 1],
    ]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect([flaky, stuck, after].map((handle) => handle?.state.name)).toEqual(["completed", "timeout", "completed"]);
    const [hopeless] = bench.add(runner, bench.job("hopeless", 1, { failures: 9, retries: 1 }));
    expect(await bench.clock.waitFor(hopeless?.outcome ?? Promise.reject())).toMatchObject({
      state: "failed",
      reason: "flaky",
      detail: "try 2 of hopeless",
      attempts: 2,
    });
  });

  it("[COORD-3c] cancels what waits and what runs, its followers too, and frees the worker", async () => {
    const bench = new Bench();
    const runner = bench.runner({ workers: 1 });
    const [running, waiting, follower, other] = bench.add(
      runner,
      bench.job("running", 1_000),
      bench.job("waiting", 1),
      bench.job("follower", 1, { after: ["waiting"] }),
      bench.job("other", 1),
    );
    await bench.clock.advance(10);
    expect([running?.cancel(), waiting?.cancel("not needed"), waiting?.cancel()]).toEqual([true, true, false]);
    await bench.clock.advance(10);
    expect([running, waiting, follower, other].map((handle) => handle?.state.name)).toEqual([
      "cancelled",
      "cancelled",
      "cancelled",
      "completed",
    ]);
    expect(await waiting?.outcome).toMatchObject({ reason: "cancelled", detail: "not needed" });
    const [last] = bench.add(runner, bench.job("last", 1_000));
    await bench.clock.advance(1);
    await bench.clock.waitFor(runner.stop());
    expect(last?.state.name).toBe("cancelled");
    expect(runner.add(bench.job("late", 1))).toMatchObject({ ok: false, reason: "stopped" });
  });

  it("[COORD-3c] refuses a circle, an unknown dependency, a double id and a full queue, all of them or none", () => {
    const bench = new Bench();
    const runner = bench.runner();
    const reasonOf = (...jobs: readonly Job[]): string => {
      const added = runner.addAll(jobs);
      return added.ok ? "none" : `${added.reason}: ${added.detail}`;
    };
    const circle = [bench.job("a", 1, { after: ["b"] }), bench.job("b", 1, { after: ["c"] })];
    expect(reasonOf(...circle, bench.job("c", 1, { after: ["a"] }))).toMatch(/^dependency_cycle: .*a, b, c/);
    expect(reasonOf(bench.job("self", 1, { after: ["self"] }))).toMatch(/^dependency_cycle/);
    expect(reasonOf(bench.job("d", 1), bench.job("e", 1, { after: ["zz"] }))).toMatch(/^unknown_dependency/);
    expect(runner.get("d")).toBeUndefined();
    expect(reasonOf(bench.job("f", 1))).toBe("none");
    expect(reasonOf(bench.job("f", 1))).toMatch(/^duplicate_id/);
    const run = (): number => 1;
    expect(reasonOf(...Array.from({ length: limits.jobsWaitingMax }, () => ({ run })))).toMatch(/^queue_full/);
  });

  it("[COORD-3c] survives a chain of 10,000 and forgets what ended long ago", async () => {
    const bench = new Bench();
    const runner = bench.runner();
    const chain = Array.from({ length: 10_000 }, (_, n) => ({
      id: `c${n}`,
      after: n === 0 ? [] : [`c${n - 1}`],
      run: () => n,
    }));
    const handles = bench.add(runner, ...chain);
    expect(await handles.at(-1)?.outcome).toMatchObject({ state: "completed", value: 9_999 });
    bench.add(runner, ...Array.from({ length: limits.jobsRememberedMax }, (_, n) => ({ id: `n${n}`, run: () => n })));
    await runner.waitAll();
    expect(runner.get("c0")).toBeUndefined();
    expect(runner.get("n0")?.state.name).toBe("completed");
  });
});

describe("modes", () => {
  it("[COORD-3c] sequential, parallel, workflow and adaptive run the same jobs in their ways", async () => {
    const durations: Record<string, number> = {};
    for (const mode of ["sequential", "parallel", "workflow", "adaptive"] as const) {
      const bench = new Bench();
      const jobs = Array.from({ length: 8 }, (_, n) => bench.job(`j${n}`, 10, { after: n >= 4 ? [`j${n - 4}`] : [] }));
      const outcomes = await bench.clock.waitFor(runJobs(jobs, mode, bench.options));
      expect(outcomes.map(({ state }) => state)).toEqual(Array.from({ length: 8 }, () => "completed"));
      durations[mode] = bench.clock.monotonicMs();
    }
    expect(durations).toMatchObject({ sequential: 80, parallel: 10, workflow: 20 });
    expect(durations.adaptive).toBeGreaterThanOrEqual(20);
    expect(durations.adaptive).toBeLessThan(80);
  });

  it("[COORD-3c] sequential stops at a failure; a circle throws", async () => {
    const bench = new Bench();
    const jobs = [bench.job("a", 1), bench.job("b", 1, { failures: 1 }), bench.job("c", 1)];
    const outcomes = await bench.clock.waitFor(runJobs(jobs, "sequential", bench.options));
    expect(outcomes.map(({ state }) => state)).toEqual(["completed", "failed", "cancelled"]);
    const circle = [bench.job("x", 1, { after: ["y"] }), bench.job("y", 1, { after: ["x"] })];
    await expect(runJobs(circle, "workflow", bench.options)).rejects.toMatchObject({ code: "dependency_cycle" });
  });

  it("[COORD-3c] pipeline keeps every stage busy with one item, in order, and an item's failure to itself", async () => {
    const bench = new Bench();
    const seen: string[] = [];
    const stage = (name: string) => ({
      name,
      run: async (input: unknown, { item }: { readonly item: number }) => {
        await sleep(bench.clock, 10);
        if (name === "build" && item === 1) throw new Error("does not build");
        seen.push(`${name}${item}`);
        return `${input}>${name}`;
      },
    });
    const run = runPipeline([stage("fetch"), stage("build"), stage("test")], ["a", "b", "c"], bench.options);
    const outcomes = await bench.clock.waitFor(run);
    expect(outcomes.map(({ state, value }) => value ?? state)).toEqual([
      "a>fetch>build>test",
      "failed",
      "c>fetch>build>test",
    ]);
    expect(bench.clock.monotonicMs()).toBe(50);
    expect(seen.filter((at) => at.startsWith("fetch"))).toEqual(["fetch0", "fetch1", "fetch2"]);
  });

  it("[COORD-3c] adaptive climbs while it pays, turns when it does not, and halves when jobs fail", () => {
    const climbed = adaptPace({ workers: 4, direction: 1, perSecond: 100 }, { done: 20, failed: 0, tookMs: 100 }, 16);
    expect(climbed).toEqual({ workers: 6, direction: 1, perSecond: 200 });
    const turned = adaptPace(climbed, { done: 10, failed: 0, tookMs: 100 }, 16);
    expect(turned).toEqual({ workers: 5, direction: -1, perSecond: 100 });
    expect(adaptPace(turned, { done: 5, failed: 5, tookMs: 100 }, 16)).toMatchObject({ workers: 2, direction: 1 });
    expect(adaptPace({ ...turned, workers: 16, direction: 1 }, { done: 99, failed: 0, tookMs: 9 }, 16).workers).toBe(
      16,
    );
  });
});
