/** A room with something in every view. */

import { expect } from "@playwright/test";
import type { Mesh } from "context-mesh";

/** Two values of one title: `b` writes on the ground of what it had read before `a` wrote. */
const disagree = async (a: Mesh, b: Mesh, id: string): Promise<void> => {
  const path = `project_state.active_tasks[${id}].title`;
  await expect.poll(() => b.tasks.get(id)?.title).toBeDefined();
  const { basis } = b.get(path);
  await a.tasks.update(id, { title: `Title by ${a.agent.id}` }).reached("durable");
  await expect.poll(() => b.get(path).value).toBe(`Title by ${a.agent.id}`);
  await b.tasks.update(id, { title: `Title by ${b.agent.id}` }, { basis }).reached("durable");
};

export const fillRoom = async (planner: Mesh, builder: Mesh): Promise<void> => {
  planner.phase("build");
  planner.tasks.add({ id: "task-1", title: "Design the login API", priority: "high" });
  planner.tasks.add({ id: "task-2", title: "Write the login tests", status: "in_progress", owner: "builder" });
  planner.tasks.add({ id: "task-3", title: "Ship", blocked_by: ["task-1"] });
  planner.decisions.add({ id: "dec-1", decision: "Sessions in cookies", type: "architecture", impact: ["auth"] });
  planner.decisions.add({ id: "dec-2", decision: "Sessions in Redis", type: "architecture", impact: ["auth"] });
  planner.questions.ask({ id: "q-1", question: "Which region?", to: "human" });
  planner.handovers.add({ id: "h-1", to: "human", summary: "The cluster is yours" });
  planner.notes.add("Deploys are frozen on Friday");
  planner.presence.set({ status: "planning" });
  builder.agents.register({ id: "builder", roles: ["builder"], capabilities: ["typescript"] });
  planner.statuses.show({ agent: "builder", status: "onboarding" });
  builder.presence.set({ status: "coding" });
  await planner.send({ to: "agent:builder", text: "Please look at task-2", anyway: true });
  await planner.tasks.add({ id: "task-4", title: "First title" }).reached("durable");
  await disagree(planner, builder, "task-4");
};
