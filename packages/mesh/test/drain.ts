/** Many agents, one list of dependent work: who did what, and whether anything was done twice or too early. */

import { expect } from "vitest";
import type { MeshNode } from "../src/index.ts";
import { World } from "./world.ts";

const room = "acme/checkout";
/** So many tasks can be done at a time: each waits for the one that many before it. */
const lanes = 10;

/** Throws what vitest's `expect` throws. */
export const drain = async (agents: number, count: number): Promise<void> => {
  const world = new World(50);
  await world.relay("relay", [], [room]);
  const nodes: MeshNode[] = [];
  for (let at = 0; at < agents; at++) nodes.push(await world.node(`agent-${at}`));
  const [first] = nodes as [MeshNode];
  const tasks = Array.from({ length: count }, (_, at) => ({
    id: `t${at}`,
    status: "pending",
    ...(at < lanes ? {} : { blocked_by: [`t${at - lanes}`] }),
  }));
  first.import({ project_state: { active_tasks: tasks } } as never);
  await world.settle();
  const doneBy = new Map<string, string[]>();
  const tooEarly: string[] = [];
  const work = async (node: MeshNode): Promise<void> => {
    while (doneBy.size < count) {
      const result = await node.tasks.claim("next", { leaseMs: 600_000, confirmed: true });
      if (!result.ok) {
        await new Promise<void>((resolve) => world.clock.after(200 + world.random.int(2_000), resolve));
        continue;
      }
      const { task, lease } = result;
      const at = Number(task.slice(1));
      if (at >= lanes && !doneBy.has(`t${at - lanes}`)) tooEarly.push(task);
      doneBy.set(task, [...(doneBy.get(task) ?? []), node.agent.id]);
      lease.done({ summary: node.agent.id });
    }
  };
  await world.clock.waitFor(Promise.all(nodes.map(work)), 3_600_000);
  await world.settle();
  expect(doneBy.size).toBe(count);
  expect([...doneBy].filter(([, by]) => by.length !== 1)).toEqual([]);
  expect(tooEarly).toEqual([]);
  const shown = first.tasks.list({ status: "completed" });
  expect(shown).toHaveLength(count);
  for (const { id, fields } of shown) expect(doneBy.get(id)).toEqual([fields.summary]);
  expect(new Set([...doneBy.values()].flat()).size).toBeGreaterThan(agents / 10);
};
