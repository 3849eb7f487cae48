/** The shared context and presence as sources of status: each against the contract, between two nodes and a relay. */

import { documentSource, presenceSource } from "@context-mesh/coordination/status";
import { type StatusSourceHarness, statusSourceSuite } from "@context-mesh/testkit";
import { expect, it } from "vitest";
import type { MeshNode } from "../src/index.ts";
import { World } from "./world.ts";

const twoNodes = async () => {
  const world = new World();
  await world.relay();
  const [a, b] = [await world.node("watcher"), await world.node("writer")];
  await world.settle();
  return { world, a, b };
};

const untilIn = (world: World) => async (isDone: () => boolean) => {
  expect(await world.clock.advanceUntil(isDone, 1_000)).toBe(true);
};

statusSourceSuite(
  "the shared context",
  async (): Promise<StatusSourceHarness> => {
    const { world, a, b } = await twoNodes();
    return {
      source: documentSource(a.statuses),
      async say(agent, status) {
        b.statuses.show({ agent, status });
        await world.settle();
      },
      async silence(agent) {
        b.statuses.forget(agent);
        await world.settle();
      },
      until: untilIn(world),
      async dispose() {
        for (const node of [a, b]) await world.leave(node);
      },
    };
  },
  "[STAT-1a] ",
);

statusSourceSuite(
  "presence",
  async (): Promise<StatusSourceHarness> => {
    const world = new World();
    await world.relay();
    const nodes = new Map<string, MeshNode>();
    const nodeOf = async (agent: string): Promise<MeshNode> => {
      const node = nodes.get(agent) ?? (await world.node(agent));
      nodes.set(agent, node);
      await world.settle();
      return node;
    };
    const watcher = await nodeOf("watcher");
    const said = (agent: string) => watcher.presence.list().find((present) => present.agent === agent)?.state.status;
    return {
      source: presenceSource(watcher.presence, world.clock),
      async say(agent, status) {
        (await nodeOf(agent)).presence.set({ status });
        expect(await world.clock.advanceUntil(() => said(agent) === status, 1_000)).toBe(true);
      },
      async silence(agent) {
        const node = nodes.get(agent);
        if (node === undefined) return;
        await world.leave(node);
        await untilIn(world)(() => said(agent) === undefined);
      },
      until: untilIn(world),
      async dispose() {
        for (const node of [...world.nodes]) await world.leave(node);
      },
    };
  },
  "[STAT-1a] ",
);

it("shows who wrote a status, when, and what stands beside it; showing another decides", async () => {
  const { world, a, b } = await twoNodes();
  a.statuses.show({ agent: "Agent-1", status: "active" });
  b.statuses.show({ agent: "Agent-1", status: "idle" });
  await world.settle();
  const shown = a.statuses.get("Agent-1");
  expect(shown?.beside).toHaveLength(1);
  expect([shown?.status, ...(shown?.beside ?? [])].sort()).toEqual(["active", "idle"]);
  expect(["watcher", "writer"]).toContain(shown?.by);
  expect(Math.abs((shown?.at ?? 0) - world.clock.wallMs())).toBeLessThan(60_000);
  expect(a.statuses.show({ agent: "Agent-1", status: "idle" }, { reason: "its file says so" }).ok).toBe(true);
  await world.settle();
  expect(b.statuses.get("Agent-1")).toMatchObject({ status: "idle", beside: [] });
  expect(b.conflicts.list()).toEqual([]);
  expect(a.statuses.show({ agent: "", status: "idle" })).toMatchObject({ ok: false, reason: "bad_id" });
  expect(a.statuses.forget("nobody")).toMatchObject({ ok: false, reason: "unknown_id" });
});

it("[COO-40] is part of the context: exported, imported, addressed by path, seen live, and removed by a replacing import", async () => {
  const { world, a, b } = await twoNodes();
  const live: number[] = [];
  const end = b.statuses.live().subscribe((list) => live.push(list.length));
  const empty = a.export();
  expect(empty).not.toHaveProperty("agent_status");
  a.statuses.show({ agent: "Agent-1", status: "active", evidence: { source: "file" } });
  await world.settle();
  const context = b.export();
  expect(context.agent_status).toEqual([{ id: "Agent-1", status: "active", evidence: { source: "file" } }]);
  expect(b.get("agent_status[Agent-1].status").value).toBe("active");
  expect(b.push({ changes: [{ path: "agent_status[Agent-1].status", to: "idle" }] })[0]?.answer).toBe("applied");
  await world.settle();
  expect(a.statuses.get("Agent-1")).toMatchObject({ status: "idle", by: "writer" });
  const other = await new World(2).node("elsewhere");
  other.import(context);
  expect(other.export()).toEqual(context);
  expect(other.import(context)).toMatchObject({ written: 0 });
  other.import(empty, { replace: true });
  expect(other.statuses.list()).toEqual([]);
  expect(live).toEqual([0, 1, 1]);
  end();
});

it.each([{ builder: "busy" }, ["busy"], "busy", null, [{ id: "x" }, "odd"]])(
  "[COO-41] keeps what a file means otherwise by the name agent_status: %j",
  async (meant) => {
    const node = await new World().node("a");
    const context = { ...node.export(), agent_status: meant };
    node.import(context);
    expect(node.export()).toEqual(context);
    expect(node.import(context)).toMatchObject({ written: 0, removed: 0 });
    const ours = { ...context, agent_status: [{ id: "x", status: "idle" }] };
    node.import(ours, { replace: true });
    expect(node.export()).toEqual(ours);
    node.import(context, { replace: true });
    expect(node.export()).toEqual(context);
  },
);
