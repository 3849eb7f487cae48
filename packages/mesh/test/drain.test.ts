/** Many agents, one list of work: a file of its own, since it takes the longest. */

import { expect, it } from "vitest";
import type { MeshNode } from "../src/index.ts";
import { World } from "./world.ts";

const room = "acme/checkout";

it("[OWN-6a] 50 agents drain 500 dependent tasks, each once", async () => {
  const world = new World(50);
  await world.relay("relay", [], [room]);
  const nodes: MeshNode[] = [];
  for (let at = 0; at < 50; at++) nodes.push(await world.node(`agent-${at}`));
  const [first] = nodes as [MeshNode];
  // Ten at a time can be done: each task waits for the one ten before it.
  const tasks = Array.from({ length: 500 }, (_, at) => ({
    id: `t${at}`,
    status: "pending",
    ...(at < 10 ? {} : { blocked_by: [`t${at - 10}`] }),
  }));
  first.import({ project_state: { active_tasks: tasks } } as never);
  await world.settle();
  const doneBy = new Map<string, string[]>();
  const finishedBefore: string[] = [];
  const work = async (node: MeshNode): Promise<void> => {
    while (doneBy.size < 500) {
      const result = await node.tasks.claim("next", { leaseMs: 600_000, confirmed: true });
      if (!result.ok) {
        await new Promise<void>((resolve) => world.clock.after(200 + world.random.int(2_000), resolve));
        continue;
      }
      const { task, lease } = result;
      const at = Number(task.slice(1));
      if (at >= 10 && !doneBy.has(`t${at - 10}`)) finishedBefore.push(task);
      doneBy.set(task, [...(doneBy.get(task) ?? []), node.agent.id]);
      lease.done({ summary: node.agent.id });
    }
  };
  await world.clock.waitFor(Promise.all(nodes.map(work)), 3_600_000);
  await world.settle();
  expect(doneBy.size).toBe(500);
  expect([...doneBy].filter(([, agents]) => agents.length !== 1)).toEqual([]);
  expect(finishedBefore).toEqual([]);
  const shown = first.tasks.list({ status: "completed" });
  expect(shown.map(({ id, fields }) => [id, fields.summary])).toHaveLength(500);
  for (const { id, fields } of shown) expect(doneBy.get(id)).toEqual([fields.summary]);
  expect(new Set([...doneBy.values()].flat()).size).toBeGreaterThan(8);
}, 240_000);
