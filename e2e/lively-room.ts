/** A room as it looks in the middle of a project: long names, many tasks, open conflicts, things that went wrong. */

import { expect } from "@playwright/test";
import type { Mesh } from "context-mesh";

const hourMs = 3_600_000;
const agoText = (hours: number): string => new Date(Date.now() - hours * hourMs).toISOString();

const titles = [
  "Split the checkout service out of the monolith",
  "Write the contract tests for the payment gateway",
  "Rotate the signing keys and document how it is done",
  "Rate limits for anonymous sessions",
  "Move image resizing into a worker queue",
  "Replace the hand-written CSV parser, which chokes on quoted line breaks and on files of more than two gigabytes",
  "Alert when the replica lags more than thirty seconds",
  "Accessibility pass over the address form",
];
const areas = ["api", "web", "infra", "docs"];
const priorities = ["low", "medium", "high", "critical"];

const addTasks = (planner: Mesh): void => {
  for (let at = 0; at < 40; at += 1) {
    const title =
      at < titles.length ? titles[at] : `${titles[at % titles.length]?.split(" ").slice(0, 5).join(" ")} (part ${at})`;
    planner.tasks.add({
      id: `shop-${100 + at}`,
      title: title ?? "",
      priority: priorities[at % 4] ?? "low",
      area: areas[at % 4] ?? "api",
      created: agoText(at + 1),
      ...(at % 5 === 1
        ? { status: "in_progress", owner: at % 2 === 0 ? "planner" : "builder", started: agoText(at) }
        : {}),
      ...(at === 3 ? { due: agoText(30) } : {}),
      ...(at === 6 ? { blocked_by: ["shop-100", "shop-101"] } : {}),
      ...(at === 7 ? { capability: "screen-reader-testing" } : {}),
    });
  }
  planner.tasks.block("shop-104", {
    reason: "The queue of the staging cluster is full since yesterday and nobody has the key to empty it",
  });
  for (const at of [110, 112, 113]) planner.tasks.done(`shop-${at}`, { summary: "Merged and deployed" });
};

const talk = (planner: Mesh, builder: Mesh): void => {
  planner.decisions.add({
    id: "dec-1",
    decision: "Sessions live in Redis",
    type: "architecture",
    rationale: "Cookies grow past what the load balancer takes, and signing out everywhere must work at once.",
    impact: ["auth", "checkout"],
  });
  builder.decisions.add({
    id: "dec-2",
    decision: "Sessions live in signed cookies",
    type: "architecture",
    rationale: "No state to lose.",
    impact: ["auth", "checkout"],
  });
  planner.decisions.add({
    id: "dec-3",
    decision: "Postgres 16 everywhere",
    type: "platform",
    impact: ["infra"],
    supersedes: ["dec-0"],
  });
  builder.questions.ask({
    id: "q-1",
    question: "Which region do the backups go to? The contract names two and the bucket policy allows one.",
    to: "human",
    priority: "high",
  });
  builder.questions.ask({ id: "q-2", question: "May I drop the legacy invoices table?", to: "planner" });
  planner.handovers.add({
    id: "h-1",
    to: "human",
    summary: "The staging cluster is yours until Monday; the runbook is docs/staging.md",
  });
  planner.notes.add("Deploys are frozen from Friday noon");
};

const act = async (planner: Mesh, builder: Mesh): Promise<void> => {
  builder.agents.register({
    id: "builder",
    roles: ["builder"],
    groups: ["backend"],
    capabilities: ["typescript", "sql"],
  });
  planner.agents.register({
    id: "reviewer-with-a-rather-long-name-that-wraps",
    roles: ["reviewer"],
    groups: ["backend", "frontend"],
    capabilities: ["security"],
  });
  planner.statuses.show({ agent: "builder", status: "onboarding" });
  planner.presence.set({ status: "planning" });
  builder.presence.set({ status: "coding" });
  for (let at = 0; at < 6; at += 1) {
    await planner.send({
      to: at % 2 === 0 ? "agent:builder" : "*",
      text: `Please look at shop-${100 + at} before noon: ${titles[at % titles.length]}`,
      anyway: true,
      priority: at === 2 ? "critical" : "normal",
    });
  }
  await builder.tasks.claim("shop-102", { leaseMs: 900_000 });
  builder.reservations.reserve("src/payments/**");
  planner.reservations.reserve("port:3000", { mode: "shared" });
  await planner.tasks.update("shop-102", { title: "Rotate the signing keys" }).reached("durable");
};

/** Two values of one field: `b` writes on the ground of what it had read before `a` wrote. */
const disagree = async (
  a: Mesh,
  b: Mesh,
  id: string,
  field: string,
  values: readonly [string, string],
): Promise<void> => {
  const path = `project_state.active_tasks[${id}].${field}`;
  await expect.poll(() => b.tasks.get(id)?.title).toBeDefined();
  const { basis } = b.get(path);
  await a.tasks.update(id, { [field]: values[0] }).reached("durable");
  await expect.poll(() => b.get(path).value).toBe(values[0]);
  await b.tasks.update(id, { [field]: values[1] }, { basis }).reached("durable");
};

export const enliven = async (planner: Mesh, builder: Mesh): Promise<void> => {
  planner.phase("hardening before launch");
  addTasks(planner);
  talk(planner, builder);
  await planner.tasks.add({ id: "shop-200", title: "The last one" }).reached("durable");
  await expect.poll(() => builder.tasks.get("shop-200")?.title).toBeDefined();
  await act(planner, builder);
  await disagree(planner, builder, "shop-103", "title", [
    "Rate limits for everybody",
    "Rate limits for anonymous sessions, by address",
  ]);
  await disagree(planner, builder, "shop-105", "priority", ["critical", "low"]);
};
