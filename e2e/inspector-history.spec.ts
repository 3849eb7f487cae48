/** History in the tab: the slider over the relay's log, what each update changed, who changed a field, bringing it back. */

import { expect } from "@playwright/test";
import { type Agent, complaintsOf, joinAgent, openLive, pageAddress, sayName } from "./agents.ts";
import { test } from "./fixtures.ts";

const room = "e2e/history";
let planner: Agent;
let builder: Agent;

test.beforeAll(async ({ relay }) => {
  [planner, builder] = await Promise.all([joinAgent(relay, room, "planner"), joinAgent(relay, room, "builder")]);
  await planner.mesh.tasks.add({ id: "task-1", title: "First title" }).reached("durable");
  await expect.poll(() => builder.mesh.tasks.get("task-1")?.title).toBe("First title");
  await builder.mesh.tasks.update("task-1", { title: "Second title" }).reached("durable");
  await planner.mesh.tasks.add({ id: "task-2", title: "Another" }).reached("durable");
  await builder.mesh.tasks.update("task-1", { title: "Third title" }).reached("durable");
});

test.afterAll(async () => {
  await Promise.all([planner.leave(), builder.leave()]);
});

test("[UI-5a] a slider, a diff, who changed what, and restoring as a new change work", async ({ page, relay }) => {
  const complaints = complaintsOf(page);
  await openLive(page, pageAddress(relay, room, "#/history"));
  const main = page.getByRole("main");
  const update = main.getByRole("region", { name: /^Update \d+/ });
  await expect(update).toContainText("Third title");
  await main.getByRole("slider").focus();
  const row = update.getByRole("row", { name: /task-1\]\.title/ });
  // Back to the update by which builder gave the second title.
  await expect(async () => {
    await page.keyboard.press("ArrowLeft");
    await expect(row).toContainText("First titleSecond title", { timeout: 1_500 });
  }).toPass();
  await expect(update.getByRole("heading")).toContainText("by builder");
  await update.getByRole("button", { name: "Compared with now" }).click();
  await expect(row).toContainText("Second titleThird title");
  await row.getByRole("button", { name: /Restore/ }).click();
  await sayName(page, "ann");
  await expect.poll(() => planner.mesh.tasks.get("task-1")?.title).toBe("Second title");
  expect(planner.mesh.get("project_state.active_tasks[task-1].title").candidates.map(({ agent }) => agent)).toEqual([
    "ann",
  ]);
  await page.goto(pageAddress(relay, room, "#/task/task-1"));
  await main.getByRole("button", { name: "Who changed title?" }).click();
  const changes = main.locator(".changes").getByRole("listitem");
  await expect(changes).toHaveText(
    [/ann → Second title/, /builder → Third title/, /builder → Second title/, /planner → First title/],
    {
      timeout: 15_000,
    },
  );
  await changes.last().getByRole("link").click();
  await expect(page.getByText(/You look at the room as it was at update/)).toBeVisible();
  await expect(main.getByRole("heading", { level: 2 })).toHaveText("First title");
  expect(complaints).toEqual([]);
});
