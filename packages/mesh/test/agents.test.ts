/** Registered agents: one key an agent, the same on every peer, no part of the exported context. */

import { limits } from "@context-mesh/common";
import { describe, expect, it } from "vitest";
import type { NewAgent } from "../src/index.ts";
import { World } from "./world.ts";

const pair = async () => {
  const world = new World();
  await world.relay();
  const [a, b] = [await world.node("a"), await world.node("b")];
  await world.settle();
  return { world, a, b };
};

describe("mesh.agents", () => {
  it("[COO-90] shows a registered agent to every peer, with roles, groups, capabilities, topics and region", async () => {
    const { world, a, b } = await pair();
    const agent = { id: "builder/1", roles: ["dev", "dev"], groups: ["g2", "g1"], capabilities: ["ts"], region: "eu" };
    expect(a.agents.register({ ...agent, topics: ["ci"], host: "h7" })).toMatchObject({ ok: true, subject: agent.id });
    a.agents.register();
    await world.settle();
    expect(b.agents.get("builder/1")).toEqual({
      id: "builder/1",
      roles: ["dev"],
      groups: ["g1", "g2"],
      capabilities: ["ts"],
      topics: ["ci"],
      region: "eu",
      fields: { host: "h7" },
    });
    expect(b.agents.list().map(({ id }) => id)).toEqual(["a", "builder/1"]);
    expect(b.agents.list({ group: "g1", capability: "ts" }).map(({ id }) => id)).toEqual(["builder/1"]);
    expect(b.agents.list({ role: "nobody" })).toEqual([]);
    expect(world.digests()[0]).toBe(world.digests()[1]);
  });

  it("[COO-90] registers again without a write when nothing differs, replaces, removes, and tells who watches", async () => {
    const { world, a, b } = await pair();
    const counts: number[] = [];
    const end = b.agents.live({ group: "g" }).subscribe((agents) => counts.push(agents.length));
    a.agents.register({ id: "x", groups: ["g"] });
    expect(a.agents.register({ id: "x", groups: ["g"] }).paths).toEqual([]);
    await world.settle();
    a.agents.register({ id: "x", groups: ["other"] });
    await world.settle();
    expect(counts).toEqual([0, 1, 0]);
    end();
    expect(b.agents.remove("x")).toMatchObject({ ok: true });
    await world.settle();
    expect(a.agents.list()).toEqual([]);
    expect(a.agents.remove("x")).toMatchObject({ ok: false, reason: "unknown_id" });
  });

  it("[COO-91] is no part of the exported context, survives a replacing import, and is nobody's conflict or news", async () => {
    const { world, a, b } = await pair();
    const before = a.export();
    b.pull();
    a.agents.register({ id: "x", roles: ["dev"] });
    b.agents.register({ id: "x", roles: ["qa"] });
    await world.settle();
    expect(a.export()).toEqual(before);
    expect(a.import(before, { replace: true })).toMatchObject({ written: 0, removed: 0 });
    await world.settle();
    expect(a.agents.get("x")).toEqual(b.agents.get("x"));
    expect(a.agents.get("x")).toBeDefined();
    expect(a.conflicts.list()).toEqual([]);
    expect(b.pull().changes).toEqual([]);
  });

  it.each<[string, unknown]>([
    ["bad_id", { id: "" }],
    ["bad_id", { id: "x".repeat(limits.idLengthMax + 1) }],
    ["bad_labels", { id: "x", roles: "dev" }],
    ["bad_labels", { id: "x", groups: ["a", 7] }],
    ["too_many_labels", { id: "x", topics: Array.from({ length: limits.agentLabelsMax + 1 }, (_, n) => `t${n}`) }],
    ["bad_region", { id: "x", region: 4 }],
    ["value_too_large", { id: "x", text: "y".repeat(limits.agentRecordBytesMax) }],
    ["value_invalid", null],
  ])("[COO-92] refuses a registration that no room should keep: %s", async (code, agent) => {
    const world = new World();
    const node = await world.node("a");
    expect(node.agents.register(agent as NewAgent)).toMatchObject({ ok: false, reason: code });
    expect(node.agents.list()).toEqual([]);
  });

  it("[COO-92] reads what others stored, whatever it is", async () => {
    const { world, a, b } = await pair();
    a.core.writer.write({
      operation: "odd",
      changes: [
        { key: "e/odd", value: { roles: ["ok", 5, ""], region: 9, groups: "no" }, basis: undefined },
        { key: "e/text", value: "no record", basis: undefined },
      ],
    });
    await world.settle();
    expect(b.agents.list()).toMatchObject([{ id: "odd", roles: ["ok"], groups: [], region: undefined }]);
  });
});

describe("mesh.agents, many at once", () => {
  const crowd = (count: number): NewAgent[] =>
    Array.from({ length: count }, (_, n) => ({ id: `agent-${n}`, roles: ["dev"], groups: [`g${n % 30}`] }));

  it("[COO-94] registers in batches of one transaction each, tells failures by agent, and shows them to a peer", async () => {
    const { world, a, b } = await pair();
    const given = [...crowd(1_200), { id: "" }, { id: "bad", roles: 7 as unknown as string[] }];
    const report = await world.clock.waitFor(
      a.agents.registerAll(given, { strategy: { kind: "fixed_size", size: 500 }, durable: 1 }),
    );
    expect(report).toMatchObject({ total: 1_202, completed: 1_200, failed: 2, batches: 3 });
    expect(report.failures.map(({ reason }) => reason)).toEqual(["bad_id", "bad_labels"]);
    await world.settle();
    expect(b.agents.list().length).toBe(1_200);
    expect(b.agents.list({ group: "g7" }).length).toBe(40);
    expect(a.monitor.figures().metrics["agent.register"]?.count).toBe(3);
  });

  it("[COO-94] can be called off, is refused whole on a read-only node, and takes agents over time", async () => {
    const { world, a } = await pair();
    const off = new AbortController();
    off.abort();
    const none = await world.clock.waitFor(a.agents.registerAll(crowd(20), { signal: off.signal }));
    expect(none).toMatchObject({ completed: 0, cancelled: 20 });
    const reader = await world.node("reader", { readOnly: true });
    const refused = await world.clock.waitFor(reader.agents.registerAll(crowd(3)));
    expect(refused.failures.map(({ reason, attempts }) => [reason, attempts])).toEqual([
      ["read_only", 1],
      ["read_only", 1],
      ["read_only", 1],
    ]);
    const registrar = a.agents.registrar({ strategy: "streaming" });
    expect(await world.clock.waitFor(registrar.submit({ id: "x" }))).toMatchObject({ state: "completed" });
    expect(a.agents.get("x")).toBeDefined();
    expect(await world.clock.waitFor(registrar.close())).toMatchObject({ total: 1, batches: 1 });
  });
});
