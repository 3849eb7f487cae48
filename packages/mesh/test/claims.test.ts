/** Claims as programs use them: leases, fences, losses, hand-overs, over real relays on a simulated network. */

import { AgentDisk } from "@context-mesh/memory";
import { LocalClock } from "@context-mesh/testkit";
import { describe, expect, it } from "vitest";
import type { ClaimResult, LeaseApi, LeaseLoss, MeshNode } from "../src/index.ts";
import { World, type WorldRelay } from "./world.ts";

const room = "acme/checkout";
const leaseMs = 60_000;

const arbitrated = async (seed = 1): Promise<{ world: World; relay: WorldRelay }> => {
  const world = new World(seed);
  return { world, relay: await world.relay("relay", [], [room]) };
};

const plain = async (seed = 1): Promise<{ world: World; relay: WorldRelay }> => {
  const world = new World(seed);
  return { world, relay: await world.relay() };
};

const take = async (world: World, claiming: Promise<ClaimResult>): Promise<LeaseApi> => {
  const result = await world.clock.waitFor(claiming);
  if (!result.ok) throw new Error(`${result.reason}: ${result.detail}`);
  return result.lease;
};

const lossesOf = (node: MeshNode): LeaseLoss[] => {
  const losses: LeaseLoss[] = [];
  node.on("claim_lost", (loss) => losses.push(loss));
  return losses;
};

/** Agents in one room with a task in it. */
const group = async (world: World, ...names: readonly string[]): Promise<MeshNode[]> => {
  const nodes: MeshNode[] = [];
  for (const name of names) nodes.push(await world.node(name));
  nodes[0]?.tasks.add({ id: "t1", title: "one" });
  await world.settle();
  return nodes;
};

const owners = (nodes: readonly MeshNode[], id = "t1") => nodes.map((node) => node.tasks.get(id)?.owner);

describe("claims", () => {
  it("[OWN-2a] say whether the arbiter granted them", async () => {
    const { world } = await arbitrated();
    const [a] = (await group(world, "a")) as [MeshNode];
    const confirmed = await world.clock.waitFor(a.tasks.claim("t1", { leaseMs }));
    expect(confirmed).toMatchObject({ ok: true, kind: "confirmed", task: "t1" });
    expect(confirmed.ok && confirmed.lease.fence).toBeGreaterThan(0);
    const elsewhere = await plain(2);
    const [b] = (await group(elsewhere.world, "b")) as [MeshNode];
    const tentative = await elsewhere.world.clock.waitFor(b.tasks.claim("t1", { leaseMs }));
    expect(tentative).toMatchObject({ ok: true, kind: "tentative" });
    await take(elsewhere.world, b.tasks.claim("t1"));
    expect(await b.tasks.claim("t1", { confirmed: true })).toMatchObject({ ok: false, reason: "no_arbiter" });
  });

  it("can be called off: what is granted all the same is given back, and a lease of before stays", async () => {
    const { world } = await arbitrated();
    const [a, b] = (await group(world, "a", "b")) as [MeshNode, MeshNode];
    const off = new AbortController();
    const called = a.tasks.claim("next", { leaseMs, signal: off.signal });
    off.abort("called off");
    await expect(world.clock.waitFor(called)).rejects.toBe("called off");
    await world.clock.advance(1_000);
    expect(a.tasks.leases()).toEqual([]);
    const lease = await take(world, b.tasks.claim("t1", { leaseMs }));
    expect(lease.kind).toBe("confirmed");
    const again = new AbortController();
    const renewing = b.tasks.claim("t1", { signal: again.signal });
    again.abort("enough");
    await expect(world.clock.waitFor(renewing)).rejects.toBe("enough");
    await world.clock.advance(1_000);
    expect(lease.isHeld).toBe(true);
    await expect(lease.renew({ signal: again.signal })).rejects.toBe("enough");
    await expect(b.send({ to: "agent:a", text: "?" }, { signal: again.signal })).rejects.toBe("enough");
  });

  it("stay with who still waits for one that another call called off; the last to call off gives it back", async () => {
    const { world } = await arbitrated();
    const [a, b] = (await group(world, "a", "b")) as [MeshNode, MeshNode];
    const [off, both] = [new AbortController(), new AbortController()];
    const waiting = a.tasks.claim("t1", { leaseMs });
    const called = a.tasks.claim("t1", { leaseMs, signal: off.signal });
    off.abort("called off");
    await expect(world.clock.waitFor(called)).rejects.toBe("called off");
    const lease = await take(world, waiting);
    await world.clock.advance(1_000);
    expect([lease.isHeld, a.tasks.leases().length]).toEqual([true, 1]);
    expect(await world.clock.waitFor(b.tasks.claim("t1"))).toMatchObject({ ok: false, reason: "held" });
    await world.clock.waitFor(lease.release());

    const all = [1, 2].map(() => a.tasks.claim("t1", { leaseMs, signal: both.signal }));
    both.abort("called off");
    const ends = await Promise.allSettled(all);
    expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    // Whoever comes while the claim is being given back does not get that one.
    await world.clock.advanceUntil(() => a.tasks.leases().length > 0, 1_000);
    const anew = await take(world, a.tasks.claim("t1", { leaseMs }));
    await world.clock.advance(1_000);
    expect(anew.isHeld).toBe(true);
    await world.clock.waitFor(anew.release());
    await take(world, b.tasks.claim("t1"));
  });

  it("called off before leaving are given back in the time to leave, and no later", async () => {
    const { world } = await arbitrated();
    const [a, b] = (await group(world, "a", "b")) as [MeshNode, MeshNode];
    const off = new AbortController();
    const called = a.tasks.claim("t1", { leaseMs, signal: off.signal });
    off.abort("called off");
    await expect(called).rejects.toBe("called off");
    await world.leave(a);
    await world.clock.advance(1_000);
    expect(b.tasks.holder("t1")).toBeUndefined();
    const lease = await take(world, b.tasks.claim("t1"));
    expect(lease.kind).toBe("confirmed");
    await world.clock.waitFor(lease.release());

    const c = await world.node("c");
    await world.settle();
    world.network.partition(() => true);
    const again = new AbortController();
    const unheard = [b, c].map((node) => node.tasks.claim("t1", { leaseMs, signal: again.signal }));
    again.abort("called off");
    await Promise.allSettled(unheard);
    const written: string[] = [];
    b.core.on("change", ({ keys }) => written.push(...keys));
    const began = world.clock.monotonicMs();
    await world.clock.waitFor(c.leave({ flushMs: 1_000 }));
    expect(world.clock.monotonicMs() - began).toBeLessThan(2_000);
    // Nothing is claimed without the arbiter's word, when nobody waits for it any more.
    await world.clock.advance(10_000);
    expect(written).toEqual([]);
  });

  it("called off that cannot be given back are told to the log, end here, and are no unhandled rejection", async () => {
    const { world } = await plain();
    const disk = world.disk();
    const warned: unknown[] = [];
    const logger = { ...world.logger, warn: (...told: unknown[]) => void warned.push(told.at(-1)) };
    const a = await world.node("a", { disk, logger });
    a.tasks.add({ id: "t1", title: "one" });
    await world.settle();
    const off = new AbortController();
    const called = a.tasks.claim("t1", { leaseMs, signal: off.signal });
    off.abort("called off");
    // The store is gone before the lease is given back, as when the node was left meanwhile.
    world.crash(a, disk);
    await expect(called).rejects.toBe("called off");
    await world.clock.advance(1_000);
    expect(warned).toContain("a claim that was called off could not be given back; it ends when its lease has passed");
  });

  it("[OWN-1a] are renewed by themselves, released and handed over; everybody sees whose the task is", async () => {
    const { world } = await arbitrated();
    const nodes = await group(world, "a", "b", "c");
    const [a, b, c] = nodes as [MeshNode, MeshNode, MeshNode];
    const lease = await take(world, a.tasks.claim("t1", { leaseMs }));
    await world.settle();
    expect(owners(nodes)).toEqual(["a", "a", "a"]);
    expect(c.tasks.get("t1")).toMatchObject({
      status: "claimed",
      holder: { kind: "confirmed", own: false, expired: false },
    });
    await world.clock.advance(leaseMs * 5);
    expect(lease.isHeld).toBe(true);
    expect(await world.clock.waitFor(b.tasks.claim("t1"))).toMatchObject({ ok: false, reason: "held", holder: "a" });
    expect(await lease.handOver("nobody")).toMatchObject({ ok: false, reason: "unknown_agent" });
    expect(await world.clock.waitFor(lease.handOver("b", { summary: "half done" }))).toMatchObject({ ok: true });
    expect(lease.signal.reason).toMatchObject({ reason: "handed_over", winner: "b" });
    await world.settle();
    expect(owners(nodes)).toEqual(["b", "b", "b"]);
    expect(b.handovers.list().at(-1)).toMatchObject({ from: "a", to: "b", task: "t1", summary: "half done" });
    expect(await world.clock.waitFor(c.tasks.claim("t1"))).toMatchObject({ ok: false, reason: "held", holder: "b" });
    const next = await take(world, b.tasks.claim("t1", { leaseMs }));
    expect(next.fence).toBeGreaterThan(lease.fence);
    expect(await world.clock.waitFor(next.release())).toMatchObject({ ok: true });
    await world.settle();
    expect(owners(nodes)).toEqual([undefined, undefined, undefined]);
    expect((await take(world, c.tasks.claim("t1"))).fence).toBeGreaterThan(next.fence);
  });

  it("[OWN-1b] two that claim at once without an arbiter have one owner everywhere, and the loser is told", async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const { world } = await plain(seed);
      const nodes = await group(world, "a", "b", "c");
      const [a, b] = nodes as [MeshNode, MeshNode];
      const losses = [lossesOf(a), lossesOf(b)];
      const leases = await world.clock.waitFor(Promise.all([a.tasks.claim("t1"), b.tasks.claim("t1")]));
      expect(leases.map(({ ok }) => ok)).toEqual([true, true]);
      const claimedMs = world.clock.monotonicMs();
      const isTold = () => losses.flat().length > 0;
      await world.clock.advanceUntil(isTold, 5_000);
      expect(world.clock.monotonicMs() - claimedMs).toBeLessThan(100);
      await world.settle();
      const [winner] = owners(nodes);
      expect(owners(nodes)).toEqual([winner, winner, winner]);
      expect(losses.flat()).toMatchObject([{ task: "t1", reason: "overtaken", winner }]);
      const loser = winner === "a" ? b : a;
      expect(loser.tasks.lease("t1")).toBeUndefined();
    }
  });

  it("[OWN-5a] the loser of a merge hears within a second: event, aborted signal, the winner's name", async () => {
    const { world } = await plain(3);
    const nodes = await group(world, "a", "b");
    const [a, b] = nodes as [MeshNode, MeshNode];
    const losses = [...nodes].map(lossesOf);
    const heal = world.network.partition((x, y) => x === "a" && y === "relay");
    const leaseA = await take(world, a.tasks.claim("t1", { leaseMs }));
    const leaseB = await take(world, b.tasks.claim("t1", { leaseMs }));
    await world.clock.advance(20_000);
    expect([leaseA.isHeld, leaseB.isHeld]).toEqual([true, true]);
    heal();
    await world.clock.advanceUntil(() => world.areEqual(), 60_000);
    const metMs = world.clock.monotonicMs();
    await world.clock.advanceUntil(() => losses.flat().length > 0, 60_000);
    expect(world.clock.monotonicMs() - metMs).toBeLessThanOrEqual(1_000);
    await world.settle();
    const [winner] = owners(nodes);
    const [lost, kept] = winner === "a" ? [leaseB, leaseA] : [leaseA, leaseB];
    expect(lost.signal.reason).toEqual({ task: "t1", reason: "overtaken", winner });
    expect(kept.signal.aborted).toBe(false);
    expect(await lost.renew()).toMatchObject({ ok: false, reason: "overtaken", holder: winner });
  });

  it("[OWN-5b] two separated agents finish one task: both results are listed with their authors, under one owner", async () => {
    for (let seed = 1; seed <= 4; seed++) {
      const { world } = await plain(seed);
      const nodes = await group(world, "a", "b");
      const [a, b] = nodes as [MeshNode, MeshNode];
      world.network.partition((x, y) => x === "a" && y === "relay");
      const leases = [await take(world, a.tasks.claim("t1")), await take(world, b.tasks.claim("t1"))];
      for (const [at, lease] of leases.entries()) {
        expect(lease.update({ summary: `by ${nodes[at]?.agent.id}`, status: "completed" }).ok).toBe(true);
      }
      world.network.heal();
      await world.settle();
      const [winner] = owners(nodes);
      expect(["a", "b"]).toContain(winner);
      for (const node of nodes) {
        expect(node.tasks.get("t1")).toMatchObject({
          list: "completed",
          owner: winner,
          fields: { summary: `by ${winner}` },
        });
        const [conflict] = node.conflicts.list();
        expect(conflict?.candidates.map(({ agent, value }) => [agent, value]).sort()).toEqual([
          ["a", "by a"],
          ["b", "by b"],
        ]);
      }
    }
  });

  it("[OWN-3a] a push under a lease that is over is answered stale_fence too, and its holder hears of it", async () => {
    const { world } = await arbitrated();
    const clock = new LocalClock(world.clock);
    const [a, b] = [await world.node("a", { clock }), await world.node("b")];
    a.tasks.add({ id: "t1", title: "one" });
    await world.settle();
    const first = await take(world, a.tasks.claim("t1", { leaseMs }));
    await world.settle();
    const heal = world.network.partition((x, y) => x === "a" && y === "relay");
    clock.sleep();
    await world.clock.advance(leaseMs * 1.2);
    await take(world, b.tasks.steal("t1", { leaseMs }));
    const [late] = a.push({ changes: [{ path: "project_state.active_tasks[t1].title", to: "by the sleeper" }] });
    expect(late).toMatchObject({ answer: "proposed", code: "stale_fence", receipt: { reason: "stale_fence" } });
    expect(first.signal.aborted).toBe(true);
    clock.wake();
    heal();
    await world.settle();
    for (const node of [a, b]) expect(node.tasks.get("t1")?.title).toBe("one");
    expect(b.proposals.list()).toMatchObject([{ agent: "a", value: "by the sleeper" }]);
  });

  it("[OWN-3a] [OWN-3b] [SCH-2] a holder stopped past its lease is answered stale_fence, and its work is kept beside", async () => {
    const { world } = await arbitrated();
    const clock = new LocalClock(world.clock);
    const a = await world.node("a", { clock });
    const b = await world.node("b");
    a.tasks.add({ id: "t1", title: "one" });
    await world.settle();
    const losses = lossesOf(a);
    const first = await take(world, a.tasks.claim("t1", { leaseMs }));
    expect(first.update({ status: "in_progress" })).toMatchObject({ ok: true });
    await world.settle();
    // Stopped as by SIGSTOP: nothing of it runs, its clocks go on.
    const heal = world.network.partition((x, y) => x === "a" && y === "relay");
    clock.sleep();
    await world.clock.advance(leaseMs * 1.2);
    const second = await take(world, b.tasks.steal("t1", { leaseMs }));
    expect(second.fence).toBeGreaterThan(first.fence);
    expect(second.done({ summary: "by the heir" })).toMatchObject({ ok: true });
    await world.clock.advance(1_000);
    // It wakes and acts before it hears of anything.
    const woken = first.done({ summary: "by the sleeper" });
    expect(woken).toMatchObject({ ok: false, reason: "stale_fence", receipt: { ok: true, state: expect.any(String) } });
    clock.wake();
    heal();
    await world.settle();
    expect(losses).toMatchObject([{ task: "t1", reason: "expired" }]);
    expect(first.signal.aborted).toBe(true);
    for (const node of [a, b]) {
      expect(node.tasks.get("t1")).toMatchObject({ list: "completed", fields: { summary: "by the heir" } });
      expect(node.proposals.list()).toContainEqual(expect.objectContaining({ agent: "a", value: "by the sleeper" }));
    }
    // Told once; what it writes from now on is its own word, without a lease.
    expect(a.tasks.update("t1", { summary: "again" }).reason).toBe(undefined);
  });

  it("[OWN-4b] [SCH-12] a lease ends during a suspend, and a cut-off holder does not renew a confirmed one for ever", async () => {
    const { world } = await arbitrated();
    const clock = new LocalClock(world.clock);
    const a = await world.node("a", { clock, boot: { id: "boot", monotonicMs: () => clock.monotonicMs() } });
    a.tasks.add({ id: "t1" });
    a.tasks.add({ id: "t2" });
    await world.settle();
    const lease = await take(world, a.tasks.claim("t1", { leaseMs }));
    clock.sleep();
    await world.clock.advance(2 * 3_600_000);
    expect(lease.isHeld).toBe(false);
    clock.wake();
    expect(lease.signal.aborted).toBe(true);
    await world.clock.advance(60_000);
    const again = await take(world, a.tasks.claim("t2", { leaseMs }));
    world.network.partition((x, y) => x === "a" && y === "relay");
    await world.clock.advance(leaseMs - 20);
    expect(again.isHeld).toBe(true);
    await world.clock.advance(20);
    expect([again.isHeld, again.signal.reason]).toEqual([false, { task: "t2", reason: "expired", winner: "a" }]);
  });

  it("[SCH-12] expiry changes nothing that is shown: peers with other clocks show the same context and digest", async () => {
    const { world } = await plain();
    const late = new LocalClock(world.clock, 3_600_000);
    const [a, b] = (await group(world, "a", "b")) as [MeshNode, MeshNode];
    const c = await world.node("c", { clock: late });
    const lease = await take(world, a.tasks.claim("t1", { leaseMs, autoRenew: false }));
    expect(lease.update({ title: "mine" }).ok).toBe(true);
    await world.settle();
    const leftMs = b.tasks.holders().get("t1")?.leftMs ?? 0;
    expect([leftMs > leaseMs / 2, leftMs <= leaseMs * 1.1]).toEqual([true, true]);
    await world.clock.advance(leaseMs * 2);
    expect(b.tasks.get("t1")?.holder).toMatchObject({ agent: "a", expired: true });
    expect([...b.tasks.holders()]).toMatchObject([["t1", { agent: "a", expired: true, own: false }]]);
    expect(new Set([a, b, c].map((node) => node.status().digest)).size).toBe(1);
    expect(new Set([a, b, c].map((node) => JSON.stringify(node.export().project_state))).size).toBe(1);
    // Until somebody takes it over it is still its owner's.
    expect(b.tasks.update("t1", { title: "yours" })).toMatchObject({ ok: true, reason: "owned_by_other" });
    expect(b.tasks.get("t1")?.title).toBe("mine");
  });

  it("[OWN-6c] [SCH-12] an expired claim can be taken over, also by processes that only live for a command each", async () => {
    const { world } = await plain();
    const [a] = (await group(world, "a")) as [MeshNode];
    await take(world, a.tasks.claim("t1", { leaseMs, autoRenew: false }));
    await world.settle();
    const disk = new AgentDisk({ clock: world.clock, random: world.random });
    const boot = { id: "boot-b", monotonicMs: () => world.clock.monotonicMs() };
    const command = async <T>(work: (node: MeshNode) => Promise<T>): Promise<T> => {
      const node = await world.node("b", { disk, boot });
      await world.settle();
      const result = await work(node);
      await world.leave(node);
      return result;
    };
    const steal = () => command((node) => world.clock.waitFor(node.tasks.steal("t1", { leaseMs })));
    expect(await steal()).toMatchObject({ ok: false, reason: "held", holder: "a" });
    await world.clock.advance(leaseMs * 0.5);
    expect(await steal()).toMatchObject({ ok: false, reason: "held" });
    await world.clock.advance(leaseMs * 0.7);
    expect(await steal()).toMatchObject({ ok: true, kind: "tentative" });
    // A later command acts under the lease of the former one.
    const done = await command(async (node) => node.tasks.done("t1", { summary: "by b" }));
    expect([done.ok, done.reason]).toEqual([true, undefined]);
    // The command is over when the relay has answered it; what it wrote may reach others after that.
    await world.clock.advanceUntil(() => a.tasks.get("t1")?.list === "completed", 1_000);
    expect(a.tasks.get("t1")).toMatchObject({ list: "completed", owner: undefined, fields: { summary: "by b" } });
  });

  it("[SCH-12] an observer that is cut off takes nothing over: it cannot have heard of renewals", async () => {
    const { world } = await plain();
    const [a, b] = (await group(world, "a", "b")) as [MeshNode, MeshNode];
    await take(world, a.tasks.claim("t1", { leaseMs }));
    await world.settle();
    world.network.partition((x, y) => x === "b" && y === "relay");
    await world.clock.advance(leaseMs * 3);
    expect(await b.tasks.steal("t1")).toMatchObject({ ok: false, reason: "offline", retryable: true });
    world.network.heal();
    await world.settle();
    expect(await b.tasks.steal("t1")).toMatchObject({ ok: false, reason: "held", holder: "a" });
  });

  it("[OWN-4a] a copy of a store does not hold what the original holds", async () => {
    const { world } = await plain();
    const disk = world.disk();
    const a = await world.node("a", { disk });
    a.tasks.add({ id: "t1" });
    await world.settle();
    const lease = await take(world, a.tasks.claim("t1", { leaseMs }));
    await world.settle();
    const copy = await world.node("a", { disk: disk.clone(), dialer: world.network.dialer("copy") });
    await world.settle();
    expect(copy.tasks.lease("t1")?.isHeld ?? false).toBe(false);
    expect(await world.clock.waitFor(copy.tasks.claim("t1"))).toMatchObject({ ok: false, reason: "held" });
    expect(lease.isHeld).toBe(true);
  });

  it("say what stands in their way, with the next step", async () => {
    const { world } = await arbitrated();
    const [a] = (await group(world, "a")) as [MeshNode];
    a.tasks.add({ id: "late", blocked_by: ["t1", "ghost"] });
    a.tasks.add({ id: "x", blocked_by: ["y"] });
    a.tasks.add({ id: "y", blocked_by: ["x"] });
    a.tasks.add({ id: "stuck" });
    a.tasks.block("stuck", { reason: "no key" });
    a.tasks.add({ id: "review", role: "reviewer" });
    a.tasks.add({ id: "over" });
    a.tasks.done("over");
    const reasonOf = async (...[target, options]: Parameters<MeshNode["tasks"]["claim"]>) => {
      const result = await world.clock.waitFor(a.tasks.claim(target, options));
      if (!result.ok) expect([result.hint.length > 0, result.detail.length > 0]).toEqual([true, true]);
      return result.ok ? "ok" : result.reason;
    };
    for (const bad of [0, -1, 0.5, Number.NaN, 365 * 24 * 3_600_000]) {
      expect(await reasonOf("t1", { leaseMs: bad })).toBe("bad_lease");
    }
    expect(await reasonOf("nothing")).toBe("unknown_id");
    expect(await reasonOf("late")).toBe("not_ready");
    expect(await reasonOf("x")).toBe("dependency_cycle");
    expect(await reasonOf("stuck")).toBe("blocked");
    expect(await reasonOf("over")).toBe("finished");
    expect(await reasonOf("review")).toBe("wrong_role");
    expect(await reasonOf({ role: "reviewer" })).toBe("wrong_role");
    expect(await reasonOf({ role: "wizard" })).toBe("unknown_role");
    expect(await reasonOf({ capability: "rust" })).toBe("nothing_ready");
    expect(await reasonOf("t1", { steal: true })).toBe("not_held");
    expect(await reasonOf("next")).toBe("ok");
    expect(await reasonOf("next")).toBe("nothing_ready");
  });
});

describe("the arbiter in use", () => {
  it("[SCH-13] a holder goes on over a restart of the arbiter, and after a restored disk claims are tentative for a while", async () => {
    const { world, relay } = await arbitrated();
    const [a, b] = (await group(world, "a", "b")) as [MeshNode, MeshNode];
    const backup = relay.disk.backup();
    const lease = await take(world, a.tasks.claim("t1", { leaseMs }));
    await world.settle();
    relay.kill();
    await world.clock.advance(10_000);
    await world.clock.waitFor(relay.start());
    await world.settle();
    expect(await world.clock.waitFor(b.tasks.claim("t1"))).toMatchObject({ ok: false, reason: "held", holder: "a" });
    await world.clock.advance(leaseMs * 2);
    expect(lease.isHeld).toBe(true);
    relay.kill();
    relay.disk.restore(backup, { keepsHead: false });
    await world.clock.advance(10_000);
    await world.clock.waitFor(relay.start());
    await world.settle();
    b.tasks.add({ id: "t2" });
    const waiting = await world.clock.waitFor(b.tasks.claim("t2", { confirmed: true }));
    expect(waiting).toMatchObject({ ok: false, reason: "arbiter_waiting", retryable: true });
    expect(await world.clock.waitFor(b.tasks.claim("t2", { leaseMs }))).toMatchObject({ ok: true, kind: "tentative" });
    await world.clock.advance(leaseMs * 2);
    expect(lease.isHeld).toBe(false);
    await world.clock.advance(3_600_000 * 1.1);
    const later = await take(world, a.tasks.claim("t1", { confirmed: true, leaseMs }));
    expect(later.fence).toBeGreaterThan(lease.fence);
  });

  it("[SCH-13] two relays that both arbitrate: the room names one of them, and nobody asks the other any more", async () => {
    const world = new World(5);
    const old = await world.relay("old", [], [room]);
    await world.clock.advance(10_000);
    await world.relay("new", ["ws://old:7420"], [room]);
    const both = await world.node("both");
    const onlyOld = await world.node("only-old", { relays: [old.url] });
    both.tasks.add({ id: "t1" });
    both.tasks.add({ id: "t2" });
    await world.settle();
    await take(world, both.tasks.claim("t1", { confirmed: true }));
    await world.settle();
    expect(await onlyOld.tasks.claim("t2", { confirmed: true })).toMatchObject({ ok: false, reason: "no_arbiter" });
    expect(await world.clock.waitFor(onlyOld.tasks.claim("t2"))).toMatchObject({ ok: true, kind: "tentative" });
  });
});
