/** The inspector's first screen: painted from a digest, live right after, from a node in the tab. */

import { expect } from "@playwright/test";
import { type Agent, complaintsOf, joinAgent, openLive, pageAddress } from "./agents.ts";
import { test } from "./fixtures.ts";

// Requests are cut off in some of these tests; a service worker would answer them.
test.use({ serviceWorkers: "block" });

const room = "e2e/overview";
let planner: Agent;

test.beforeAll(async ({ relay }) => {
  planner = await joinAgent(relay, room, "planner");
  const { mesh } = planner;
  mesh.phase("build");
  mesh.tasks.add({ id: "task-1", title: "Design the login API" });
  mesh.tasks.add({ id: "task-2", title: "Write the login tests", status: "in_progress", owner: "ghost" });
  mesh.tasks.add({ id: "task-3", title: "Ship", blocked_by: ["task-1"] });
  mesh.questions.ask({ id: "q-1", question: "Which region?", to: "human" });
  await mesh.tasks.block("task-3", { reason: "no access to the cluster" }).reached("durable");
});

test.afterAll(async () => {
  await planner.leave();
});

test("[NODE-5b] [UI-1b] status, what needs attention, the board and the last events are there and stay live", async ({
  page,
  relay,
}) => {
  const complaints = complaintsOf(page);
  await openLive(page, pageAddress(relay, room));
  const strip = page.getByRole("region", { name: "Sync status" });
  await expect(strip).toContainText("Relays1 of 1");
  await expect(strip).toContainText("Phasebuild");
  const needs = page.getByRole("region", { name: /Needs attention/ });
  await expect(needs.getByRole("listitem").nth(0)).toContainText("Which region?");
  await expect(needs).toContainText("no access to the cluster");
  await expect(needs).toContainText("not here, while task-2 is in progress");
  const column = (name: string) => page.locator(`[data-column="${name}"]`);
  await expect(column("ready")).toContainText("Design the login API");
  await expect(column("progress")).toContainText("ghost away");
  await expect(column("blocked")).toContainText("Ship");
  await planner.mesh.tasks.update("task-1", { status: "in_progress", owner: "planner" }).reached("durable");
  await expect(column("progress")).toContainText("Design the login API");
  await expect(column("progress")).toContainText("planner here");
  await expect(page.getByRole("region", { name: /Last events/ })).toContainText("planner");
  expect(complaints).toEqual([]);
});

test("[UI-1b] the first screen is painted from the browser's own digest when nothing else answers", async ({
  page,
  relay,
}) => {
  await openLive(page, pageAddress(relay, room));
  await expect(page.locator('[data-task="task-2"]')).toBeVisible();
  await expect
    .poll(() => page.evaluate((name) => localStorage.getItem(`context-mesh digest ${name}`)?.includes("task-2"), room))
    .toBe(true);
  await page.route("**/v1/**", (route) => route.abort());
  await page.route("**/tab-node-*.js", (route) => route.abort());
  await page.reload();
  await expect(page.locator('[data-task="task-2"]')).toBeVisible();
  await expect(page.getByRole("region", { name: "Sync status" })).toContainText("As of");
});

test("[UI-1b] the first screen is painted from the relay's overview before the node has loaded", async ({
  page,
  relay,
}) => {
  await page.route("**/tab-node-*.js", (route) => route.abort());
  await page.goto(pageAddress(relay, room));
  await expect(page.locator('[data-task="task-2"]')).toBeVisible();
  await expect(page.getByRole("heading", { name: "Ready" })).toBeVisible();
});

test("without a room the page lists those of the relay", async ({ page, relay }) => {
  await page.goto(relay.inspector);
  await page.getByRole("link", { name: room }).click();
  await expect(page.locator('[data-task="task-2"]')).toBeVisible();
});
