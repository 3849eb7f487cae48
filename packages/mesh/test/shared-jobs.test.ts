/** Jobs whose state lives in the room: any agent watches, waits, cancels, carries out, and goes on where another stopped. */

import { sleep } from "@context-mesh/common";
import { describe, expect, it } from "vitest";
import { World } from "./world.ts";

const trio = async () => {
  const world = new World();
  await world.relay();
  const disks = [world.disk(), world.disk()];
  const boss = await world.node("boss");
  const [w1, w2] = [
    await world.node("w1", { disk: disks[0] as never }),
    await world.node("w2", { disk: disks[1] as never }),
  ];
  await world.settle();
  const ran: string[] = [];
  const handlers = (name: string, ms = 10) => ({
    build: async (input: unknown, { id }: { readonly id: string }) => {
      ran.push(`${name}:${id}`);
      await sleep(world.clock, ms);
      return `${input} by ${name}`;
    },
  });
  return { world, boss, w1, w2, ran, handlers, disks };
};

describe("mesh.jobs", () => {
  it("[COO-96] spreads jobs over the workers that are here, each once, and any agent can wait for them", async () => {
    const { world, boss, w1, w2, ran, handlers } = await trio();
    w1.jobs.work(handlers("w1"));
    w2.jobs.work(handlers("w2"));
    await world.clock.advance(500);
    const jobs = Array.from({ length: 40 }, (_, n) => ({ id: `j${n}`, handler: "build", input: n }));
    expect(boss.jobs.add(jobs)).toMatchObject({ ok: true });
    expect(boss.jobs.add({ id: "j0", handler: "build" })).toMatchObject({ ok: false, reason: "exists" });
    const done = await world.clock.waitFor(boss.jobs.waitAll(jobs.map(({ id }) => id)));
    expect(done.map(({ state }) => state)).toEqual(jobs.map(() => "completed"));
    expect(ran.length).toBe(40);
    const byW1 = ran.filter((at) => at.startsWith("w1")).length;
    expect(byW1).toBeGreaterThan(8);
    expect(byW1).toBeLessThan(32);
    expect(boss.jobs.get("j7")?.value).toMatch(/^7 by w/);
    expect(boss.export()).toEqual(w1.export());
    expect(boss.jobs.clear()).toMatchObject({ ok: true });
    await world.settle();
    expect(w2.jobs.list()).toEqual([]);
  });

  it("[COO-96] a zero goes in and out, and a result that is no JSON fails its own job alone", async () => {
    const { world, boss, w1 } = await trio();
    const numbers = { zero: (input: unknown) => Number(input) * 0, none: () => Number.NaN, list: () => [] };
    w1.jobs.work({ ...numbers, echo: (input) => input });
    await world.clock.advance(500);
    const jobs = [
      { id: "a", handler: "none" },
      { id: "b", handler: "zero", input: 7 },
      { id: "c", handler: "echo", input: 0 },
      { id: "d", handler: "list" },
    ];
    expect(boss.jobs.add(jobs)).toMatchObject({ ok: true });
    const done = await world.clock.waitFor(boss.jobs.waitAll(["a", "b", "c", "d"]));
    expect(done.map(({ state, value }) => [state, value])).toEqual([
      ["failed", undefined],
      ["completed", 0],
      ["completed", 0],
      ["completed", []],
    ]);
    expect(done[0]).toMatchObject({ reason: "bad_value", attempts: 1 });
  });

  it("[COO-96] keeps dependencies across agents, hands results on, and cancels what follows a failure", async () => {
    const { world, boss, w1, w2, handlers } = await trio();
    w1.jobs.work({
      ...handlers("w1"),
      fail: () => {
        throw new Error("no compiler");
      },
    });
    w2.jobs.work({ sum: (_, { inputs }) => Object.values(inputs).join("+") });
    await world.clock.advance(500);
    boss.jobs.add([
      { id: "sum", handler: "sum", after: ["a", "b"] },
      { id: "a", handler: "build", input: "x" },
      { id: "b", handler: "build", input: "y" },
      { id: "bad", handler: "fail", retries: 1 },
      { id: "next", handler: "sum", after: ["bad"] },
      { id: "nobody", handler: "unknown" },
    ]);
    const [sum, bad, next] = await world.clock.waitFor(boss.jobs.waitAll(["sum", "bad", "next"]));
    expect(sum).toMatchObject({ state: "completed", value: "x by w1+y by w1", worker: "w2" });
    expect(bad).toMatchObject({ state: "failed", detail: "no compiler", attempts: 2, worker: "w1" });
    expect(next).toMatchObject({ state: "cancelled", reason: "dependency_failed" });
    expect(boss.jobs.list({ state: "queued" }).map(({ id }) => id)).toEqual(["nobody"]);
    expect(boss.jobs.cancel("nobody")).toMatchObject({ ok: true });
    expect(boss.jobs.cancel("nobody")).toMatchObject({ ok: false, reason: "overtaken" });
    expect(boss.jobs.cancel("nowhere")).toMatchObject({ ok: false, reason: "unknown_id" });
    await expect(boss.jobs.wait("nowhere")).rejects.toMatchObject({ code: "unknown_id" });
  });

  it("[COO-97] another worker goes on with the job of one that was killed, and a cancelled one is stopped where it runs", async () => {
    const { world, boss, w1, w2, ran, handlers, disks } = await trio();
    w1.jobs.work(handlers("w1", 60_000));
    await world.clock.advance(500);
    boss.jobs.add({ id: "long", handler: "build", input: "z" });
    await world.clock.advance(500);
    expect(boss.jobs.get("long")).toMatchObject({ state: "executing", worker: "w1" });
    w2.jobs.work(handlers("w2"));
    await world.clock.advance(500);
    expect(ran).toEqual(["w1:long"]);
    world.crash(w1, disks[0] as never);
    const done = await world.clock.waitFor(boss.jobs.wait("long"));
    expect(done).toMatchObject({ state: "completed", value: "z by w2", worker: "w2" });

    const signals: AbortSignal[] = [];
    const working = w2.jobs.work({
      hang: (_, { signal }) => {
        signals.push(signal);
        return new Promise(() => {});
      },
    });
    await world.clock.advance(500);
    boss.jobs.add({ id: "hangs", handler: "hang" });
    await world.clock.advance(500);
    boss.jobs.cancel("hangs", "not needed");
    await world.clock.advance(500);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(w2.jobs.get("hangs")).toMatchObject({ state: "cancelled", detail: "not needed" });
    await working.stop();
  });
});
