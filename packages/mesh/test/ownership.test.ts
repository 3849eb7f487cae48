/** What follows from owning a task: proposals, work handed out to many, reservations. */

import { describe, expect, it } from "vitest";
import type { MeshNode } from "../src/index.ts";
import { drain } from "./drain.ts";
import { World } from "./world.ts";

const room = "acme/checkout";
const minute = 60_000;

const joined = async (world: World, ...names: readonly string[]): Promise<readonly MeshNode[]> => {
  const nodes: MeshNode[] = [];
  for (const name of names) nodes.push(await world.node(name));
  nodes[0]?.tasks.add({ id: "t1", title: "first" });
  await world.settle();
  return nodes;
};

const claim = async (world: World, node: MeshNode, id = "t1") => {
  const result = await world.clock.waitFor(node.tasks.claim(id, { leaseMs: minute }));
  if (!result.ok) throw new Error(result.detail);
  return result.lease;
};

describe("proposals", () => {
  it("[OWN-7a] another's write to an owned field is shown, and can be accepted or rejected by its owner", async () => {
    const world = new World();
    await world.relay();
    const [owner, planner, other] = (await joined(world, "owner", "planner", "other")) as [
      MeshNode,
      MeshNode,
      MeshNode,
    ];
    await claim(world, owner);
    await world.settle();
    const proposed = planner.tasks.update("t1", { title: "by planner" });
    expect(proposed).toMatchObject({ ok: true, reason: "owned_by_other", detail: expect.stringContaining("owner") });
    expect(proposed.proposed).toEqual(["project_state.active_tasks[t1].title"]);
    other.tasks.update("t1", { title: "by other" });
    const pushed = planner.push({ changes: [{ path: "project_state.active_tasks[t1].priority", to: "high" }] });
    expect(pushed).toMatchObject([{ answer: "proposed", code: "owned_by_other" }]);
    expect(pushed[0]?.receipt).toMatchObject({ reason: "owned_by_other", detail: proposed.detail });
    await world.settle();
    for (const node of [owner, planner, other]) {
      expect(node.tasks.get("t1")?.title).toBe("first");
      expect(
        node.proposals
          .list()
          .map(({ agent, value }) => [agent, value])
          .sort(),
      ).toEqual([
        ["other", "by other"],
        ["planner", "by planner"],
        ["planner", "high"],
      ]);
    }
    const idOf = (value: string): string => owner.proposals.list().find((it) => it.value === value)?.id ?? "";
    expect(planner.proposals.accept(idOf("by planner"))).toMatchObject({ ok: false, reason: "owned_by_other" });
    expect(planner.proposals.reject(idOf("by other"))).toMatchObject({ ok: false, reason: "owned_by_other" });
    expect(owner.proposals.accept("nobody:1")).toMatchObject({ ok: false, reason: "unknown_id" });
    expect(owner.proposals.accept(idOf("by planner")).ok).toBe(true);
    expect(owner.proposals.reject(idOf("by other")).ok).toBe(true);
    await world.settle();
    expect(planner.proposals.reject(idOf("high")).ok).toBe(true);
    await world.settle();
    for (const node of [owner, planner, other]) {
      expect(node.tasks.get("t1")?.title).toBe("by planner");
      expect(node.proposals.list()).toEqual([]);
    }
  });

  it("[OWN-7a] a conflict in an owned field is decided by its owner; what another decides is a proposal", async () => {
    const world = new World();
    await world.relay();
    const [owner, planner] = (await joined(world, "owner", "planner")) as [MeshNode, MeshNode];
    owner.tasks.update("t1", { title: "left" });
    planner.tasks.update("t1", { title: "right" });
    await world.settle();
    const lease = await claim(world, owner);
    await world.settle();
    const [conflict] = planner.conflicts.list();
    const right = conflict?.candidates.find(({ value }) => value === "right")?.id ?? "";
    const decided = planner.conflicts.resolve(conflict?.path ?? "", right, "I like it better");
    expect(decided).toMatchObject({ ok: true, reason: "owned_by_other", proposed: [conflict?.path] });
    await world.settle();
    for (const node of [owner, planner]) {
      expect(node.conflicts.list()).toHaveLength(1);
      expect(node.proposals.list()).toMatchObject([{ agent: "planner", value: "right" }]);
    }
    const written = world.digests();
    planner.conflicts.resolve(conflict?.path ?? "", right);
    await world.settle();
    expect(world.digests()).toEqual(written);
    const left = owner.conflicts.list()[0]?.candidates.find(({ value }) => value === "left")?.id ?? "";
    expect(owner.conflicts.resolve(conflict?.key ?? "", left, "mine").proposed).toEqual([]);
    await world.settle();
    expect(planner.tasks.get("t1")?.title).toBe("left");
    expect(planner.conflicts.list()).toEqual([]);
    expect(lease.signal.aborted).toBe(false);
  });

  it("[OWN-7a] what is accepted is the task's, and nothing is proposed any more", async () => {
    const world = new World();
    await world.relay();
    const [owner, planner] = (await joined(world, "owner", "planner")) as [MeshNode, MeshNode];
    await claim(world, owner);
    await world.settle();
    expect(planner.tasks.done("t1", { summary: "all of it" }).proposed).not.toEqual([]);
    await world.settle();
    for (const { id } of owner.proposals.list()) {
      expect(owner.proposals.accept(id)).toMatchObject({ ok: true, proposed: [], reason: undefined });
    }
    await world.settle();
    for (const node of [owner, planner]) {
      expect(node.tasks.get("t1")).toMatchObject({ list: "completed", status: "completed" });
      expect(node.tasks.get("t1")?.fields.summary).toBe("all of it");
    }
  });

  it("[OWN-7b] proposals stay right while the ownership changes: the new owner accepts, the former one may not", async () => {
    const world = new World(7);
    await world.relay("relay", [], [room]);
    const [a, b, c] = (await joined(world, "a", "b", "c")) as [MeshNode, MeshNode, MeshNode];
    const lease = await claim(world, a);
    await world.settle();
    const heal = world.network.partition((x, y) => x === "c" && y === "relay");
    c.tasks.update("t1", { title: "by c, to whom it was a's" });
    await world.clock.waitFor(lease.release());
    const next = await claim(world, b);
    expect(next.update({ title: "by b" }).ok).toBe(true);
    heal();
    await world.settle();
    for (const node of [a, b, c]) {
      expect(node.tasks.get("t1")?.title).toBe("by b");
      expect(node.proposals.list()).toMatchObject([{ agent: "c", value: "by c, to whom it was a's" }]);
    }
    const [proposal] = b.proposals.list();
    expect(a.proposals.accept(proposal?.id ?? "")).toMatchObject({ ok: false, reason: "owned_by_other" });
    expect(b.proposals.accept(proposal?.id ?? "").ok).toBe(true);
    await world.settle();
    expect(c.tasks.get("t1")?.title).toBe("by c, to whom it was a's");
    expect(a.conflicts.list()).toEqual([]);
  });
});

describe("work for many", () => {
  it(
    "eight agents drain sixty dependent tasks, each once (fifty and five hundred in test/claims)",
    () => drain(8, 60),
    120_000,
  );

  it("[OWN-6b] a task for a reviewer is never given to a builder", async () => {
    const world = new World();
    await world.relay("relay", [], [room]);
    const builder = await world.node("b", { agent: { id: "b", roles: ["builder"] } });
    const reviewer = await world.node("r", { agent: { id: "r", roles: ["reviewer"] } });
    builder.tasks.add({ id: "review-1", role: "reviewer" });
    builder.tasks.add({ id: "build-1", role: "builder" });
    builder.tasks.add({ id: "rust-1", capabilities: ["rust"] });
    await world.settle();
    const next = async (node: MeshNode, target: Parameters<MeshNode["tasks"]["claim"]>[0]) => {
      const result = await world.clock.waitFor(node.tasks.claim(target));
      return result.ok ? result.task : result.reason;
    };
    expect(await next(builder, "review-1")).toBe("wrong_role");
    expect([await next(builder, "next"), await next(builder, "next")]).toEqual(["build-1", "nothing_ready"]);
    expect(await next(reviewer, { role: "reviewer" })).toBe("review-1");
    expect(await next(reviewer, { capability: "rust" })).toBe("rust-1");
  });
});

describe("reservations", () => {
  it("[OWN-8a] [OWN-8b] overlaps are reported with their holder; shared ones stand beside each other", async () => {
    const world = new World();
    await world.relay();
    const [a, b] = (await joined(world, "a", "b")) as [MeshNode, MeshNode];
    expect(a.reservations.reserve("src/**", { leaseMs: minute })).toMatchObject({
      ok: true,
      reservation: { own: true },
    });
    expect(a.reservations.reserve("src/deep/**").ok).toBe(true);
    await world.settle();
    const refused = b.reservations.reserve("src/a.ts");
    expect(refused).toMatchObject({ ok: false, reason: "reserved", holder: "a", hint: expect.any(String) });
    expect(refused.ok === false && refused.overlaps).toMatchObject([{ resource: "files:src/**", agent: "a" }]);
    expect(b.reservations.reserve("src/a.ts", { mode: "shared" })).toMatchObject({ ok: false, reason: "reserved" });
    expect(b.reservations.reserve("docs/**", { mode: "shared" }).ok).toBe(true);
    await world.settle();
    expect(a.reservations.reserve("docs/x.md", { mode: "shared" }).ok).toBe(true);
    expect(a.reservations.reserve("docs/x.md")).toMatchObject({ ok: false, holder: "b" });
    expect(b.reservations.reserve("port:99999")).toMatchObject({ ok: false, reason: "bad_resource" });
    expect(b.reservations.reserve("env:staging", { leaseMs: 0 })).toMatchObject({ ok: false, reason: "bad_lease" });
  });

  it("[OWN-8c] an expired one is free, a renewed one is not, and two machines see each other's", async () => {
    const world = new World();
    await world.relay();
    const [a, b] = (await joined(world, "a", "b")) as [MeshNode, MeshNode];
    const taken = a.reservations.reserve("port:3000", { leaseMs: minute });
    a.reservations.reserve("port:4000@ci-1", { leaseMs: minute });
    await world.settle();
    expect(b.reservations.list()).toMatchObject([{ agent: "a" }, { agent: "a" }]);
    expect(b.reservations.reserve("port:4000@ci-2").ok).toBe(true);
    await world.clock.advance(minute * 0.9);
    expect(taken.ok && a.reservations.renew(taken.reservation.id).ok).toBe(true);
    await world.clock.advance(minute * 0.9);
    expect(b.reservations.reserve("port:3000")).toMatchObject({ ok: false, holder: "a" });
    expect(b.reservations.reserve("port:4000@ci-1").ok).toBe(true);
    await world.clock.advance(minute * 0.3);
    expect(b.reservations.reserve("port:3000").ok).toBe(true);
    await world.settle();
    const [own] = b.reservations.list().filter(({ resource, own: isOwn }) => isOwn && resource === "port:3000");
    expect(b.reservations.release(own?.id ?? "")).toMatchObject({ ok: true });
    expect(b.reservations.release("none")).toMatchObject({ ok: false, reason: "unknown_id" });
    await world.settle();
    expect(a.reservations.reserve("port:3000").ok).toBe(true);
  });

  it("[OWN-8b] of two made at once that exclude each other one yields, and its holder is told", async () => {
    const world = new World(8);
    await world.relay();
    const [a, b] = (await joined(world, "a", "b")) as [MeshNode, MeshNode];
    const told: string[] = [];
    for (const node of [a, b]) node.on("reservation_lost", ({ winner }) => told.push(`${node.agent.id}→${winner}`));
    world.network.partition((x, y) => x === "a" && y === "relay");
    expect([a.reservations.reserve("src/**").ok, b.reservations.reserve("src/x.ts").ok]).toEqual([true, true]);
    world.network.heal();
    await world.settle();
    await world.clock.advance(1_000);
    await world.settle();
    expect(told).toHaveLength(1);
    expect(a.reservations.list()).toEqual([expect.objectContaining({ agent: told[0]?.slice(-1) })]);
  });
});
