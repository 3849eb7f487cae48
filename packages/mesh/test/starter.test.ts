/** The starter: dependencies of four kinds, phases, workers, cycles, fallback to serial, clean stop in reverse. */

import { MeshError, messageOf, orThrow, Starter, type Step, type StopStep } from "@context-mesh/common";
import { VirtualClock } from "@context-mesh/testkit";
import { describe, expect, it } from "vitest";

class Bench {
  readonly clock = new VirtualClock();
  /** `+a` began, `=a` is up, `-a` is stopped. */
  readonly log: string[] = [];
  now = 0;
  peak = 0;

  step(name: string, ms: number, more: Partial<Step> & { readonly fails?: boolean } = {}): Step {
    const { fails = false, ...rest } = more;
    return {
      name,
      ...rest,
      start: () =>
        new Promise<StopStep>((resolve, reject) => {
          this.log.push(`+${name}`);
          this.now += 1;
          this.peak = Math.max(this.peak, this.now);
          this.clock.after(ms, () => {
            this.now -= 1;
            if (fails) reject(new MeshError("broken", `${name} is broken`, { hint: "Mend it." }));
            else {
              this.log.push(`=${name}`);
              resolve(() => void this.log.push(`-${name}`));
            }
          });
        }),
    };
  }

  starter(steps: readonly Step[], options: Partial<ConstructorParameters<typeof Starter>[0]> = {}): Starter {
    return new Starter({ clock: this.clock, steps, ...options });
  }

  run(starter: Starter, signal?: AbortSignal) {
    return this.clock.waitFor(starter.start(signal));
  }
}

const stateOf = (report: Awaited<ReturnType<Starter["start"]>>): Record<string, string> =>
  Object.fromEntries(report.steps.map(({ name, state }) => [name, state]));

describe("starter", () => {
  it("[COORD-1b] starts at once what does not depend on each other, and stops in reverse", async () => {
    const bench = new Bench();
    const starter = bench.starter([
      bench.step("listen", 10, { needs: { relay: "required" } }),
      bench.step("relay", 20, { needs: { store: "required" } }),
      bench.step("store", 100),
      bench.step("files", 90),
    ]);
    const report = await bench.run(starter);
    expect(report).toMatchObject({ ok: true, mode: "parallel", tookMs: 130, stepsMs: 220, fellBackBecause: undefined });
    expect(bench.log).toEqual(["+store", "+files", "=files", "=store", "+relay", "=relay", "+listen", "=listen"]);
    await Promise.all([starter.stop(), starter.stop()]);
    const stopped = bench.log.slice(8);
    expect(stopped.indexOf("-listen")).toBeLessThan(stopped.indexOf("-relay"));
    expect(stopped.indexOf("-relay")).toBeLessThan(stopped.indexOf("-store"));
    expect(stopped.length).toBe(4);
  });

  it("[COORD-1b] knows required, optional, blocking and non-blocking dependencies", async () => {
    const bench = new Bench();
    const report = await bench.run(
      bench.starter([
        bench.step("bad", 10, { fails: true, isOptional: true }),
        bench.step("requires", 1, { needs: { bad: "required" }, isOptional: true }),
        bench.step("would-like", 1, { needs: { bad: "optional", nowhere: "optional" } }),
        bench.step("beside", 1, { needs: { slow: "non_blocking" } }),
        bench.step("slow", 50),
      ]),
    );
    expect(report.ok).toBe(true);
    expect(stateOf(report)).toEqual({
      bad: "failed",
      requires: "left_out",
      "would-like": "started",
      beside: "started",
      slow: "started",
    });
    expect(report.steps.find(({ name }) => name === "requires")).toMatchObject({
      reason: "dependency_failed",
      detail: "it needs `bad`",
    });
    const began = (name: string) => report.steps.find((step) => step.name === name)?.beganMs;
    expect(began("would-like")).toBe(10);
    expect(began("beside")).toBe(0);
  });

  it("[COORD-1b] gives the whole start up when a blocking dependency fails, and stops what had started", async () => {
    const bench = new Bench();
    const starter = bench.starter([
      bench.step("store", 10, { fails: true }),
      bench.step("files", 5),
      bench.step("late", 30, { needs: { files: "required" } }),
      bench.step("relay", 1, { needs: { store: "blocking" } }),
      bench.step("never", 1, { needs: { late: "required" } }),
    ]);
    const report = await bench.run(starter);
    expect(report.ok).toBe(false);
    expect(stateOf(report)).toMatchObject({ store: "failed", relay: "left_out", never: "left_out" });
    expect(bench.log).toEqual(["+store", "+files", "=files", "+late", "=late", "-late", "-files"]);
    expect(() => orThrow(report)).toThrow("store is broken");
    await starter.stop();
    expect(bench.log.length).toBe(7);
  });

  it("[COORD-1b] refuses a cycle, an unknown dependency, a double name and a phase that is too late, by name", () => {
    const bench = new Bench();
    const codeOf = (steps: readonly Step[], phases: readonly string[] = []): string => {
      try {
        bench.starter(steps, { phases });
        return "none";
      } catch (error) {
        return `${(error as MeshError).code}: ${messageOf(error)}`;
      }
    };
    const [a, b, c] = [
      bench.step("a", 1, { needs: { c: "required" } }),
      bench.step("b", 1, { needs: { a: "optional" } }),
      bench.step("c", 1, { needs: { b: "non_blocking" } }),
    ];
    expect(codeOf([a as Step, b as Step, c as Step])).toBe("dependency_cycle: a → c → b → a");
    expect(codeOf([a as Step])).toMatch(/^unknown_dependency: `a` needs `c`/);
    expect(codeOf([bench.step("x", 1), bench.step("x", 1)])).toMatch(/^duplicate_step/);
    expect(codeOf([bench.step("x", 1, { phase: "later" })])).toMatch(/^unknown_phase/);
    const early = bench.step("early", 1, { phase: "one", needs: { late: "required" } });
    expect(codeOf([early, bench.step("late", 1, { phase: "two" })], ["one", "two"])).toMatch(/^phase_order/);
    expect(codeOf([bench.step("self", 1, { needs: { self: "required" } })])).toMatch(/^dependency_cycle: self → self/);
  });

  it("[COORD-1b] begins a phase when the one before has ended, and times each", async () => {
    const bench = new Bench();
    const phases = ["resources", "services"];
    const report = await bench.run(
      bench.starter(
        [
          bench.step("serve", 10, { phase: "services" }),
          bench.step("disk", 40, { phase: "resources" }),
          bench.step("memory", 20, { phase: "resources" }),
          bench.step("apart", 5),
        ],
        { phases },
      ),
    );
    expect(report.phases).toEqual([
      { name: "resources", tookMs: 40 },
      { name: "services", tookMs: 10 },
    ]);
    expect(report.steps.find(({ name }) => name === "serve")?.beganMs).toBe(40);
    expect(report.steps.find(({ name }) => name === "apart")?.beganMs).toBe(0);
  });

  it("[COORD-1b] keeps to the workers overall and of a group", async () => {
    const many = (bench: Bench, group?: string): Step[] =>
      Array.from({ length: 12 }, (_, n) => bench.step(`s${n}`, 10, group === undefined ? {} : { group }));
    const overall = new Bench();
    await overall.run(overall.starter(many(overall), { workersMax: 5 }));
    expect(overall.peak).toBe(5);
    const grouped = new Bench();
    const apart = grouped.step("apart", 10);
    await grouped.run(grouped.starter([...many(grouped, "files"), apart], { groups: { files: 2 } }));
    expect(grouped.peak).toBe(3);
    const byDefault = new Bench();
    await byDefault.run(byDefault.starter(many(byDefault, "files")));
    expect(byDefault.peak).toBe(4);
  });

  it("[COORD-1b] starts one by one when told to, and falls back to it when a parallel start failed", async () => {
    const serial = new Bench();
    const steps = [serial.step("a", 10), serial.step("b", 10), serial.step("c", 10)];
    expect(await serial.run(serial.starter(steps, { mode: "serial" }))).toMatchObject({ tookMs: 30, mode: "serial" });
    expect(serial.peak).toBe(1);

    const bench = new Bench();
    /** Works only while nothing else is starting. */
    const shy: Step = {
      name: "shy",
      start: async () => {
        if (bench.now > 0) throw new Error("the port is taken for a moment");
        bench.log.push("=shy");
        return () => void bench.log.push("-shy");
      },
    };
    const report = await bench.run(bench.starter([bench.step("other", 10), shy], { fallBackToSerial: true }));
    expect(report).toMatchObject({ ok: true, mode: "serial", fellBackBecause: "the port is taken for a moment" });
    expect(bench.log).toEqual(["+other", "=other", "-other", "+other", "=other", "=shy"]);
  });

  it("[COORD-1b] gives up a step that hangs, releases what it yields too late, and can be called off", async () => {
    const bench = new Bench();
    const starter = bench.starter([bench.step("hangs", 500, { timeoutMs: 50 }), bench.step("fine", 5)]);
    const report = await bench.run(starter);
    expect(report.steps[0]).toMatchObject({ state: "failed", reason: "start_timeout", tookMs: 50 });
    await bench.clock.advance(500);
    expect(bench.log.slice(-2)).toEqual(["=hangs", "-hangs"]);

    const called = new Bench();
    const off = new AbortController();
    called.clock.after(5, () => off.abort());
    const second = called.starter([called.step("a", 10), called.step("b", 1, { needs: { a: "required" } })]);
    expect(stateOf(await called.run(second, off.signal))).toEqual({ a: "started", b: "left_out" });
    expect(called.log).toEqual(["+a", "=a", "-a"]);
  });

  it("[COORD-1b] a step that ends without waiting costs no turn, and a failing stop does not keep the others", async () => {
    const { clock } = new Bench();
    const log: string[] = [];
    const now = (name: string, needs: Step["needs"] = {}): Step => ({
      name,
      needs,
      start: () => {
        log.push(name);
        return () => {
          log.push(`-${name}`);
          if (name === "b") throw new Error("b cannot stop");
        };
      },
    });
    const starter = new Starter({ clock, steps: [now("c", { b: "required" }), now("b", { a: "required" }), now("a")] });
    const starting = starter.start();
    expect(log).toEqual(["a", "b", "c"]);
    expect((await starting).ok).toBe(true);
    await expect(starter.stop()).rejects.toThrow("could not release everything");
    expect(log.slice(3)).toEqual(["-c", "-b", "-a"]);
  });
});
