/** A person acts in the tab: with an agent on the other side, with every write's state, with undo, and offline. */

import { expect } from "@playwright/test";
import { go, openLive, pageAddress, sayName } from "./agents.ts";
import { furnishedRoom, sharedTab, test } from "./fixtures.ts";

// One person in one tab, from the first write on.
test.describe.configure({ mode: "serial" });

const room = "e2e/acting";
const furnished = furnishedRoom(room);
const tab = sharedTab(room, "#/conflicts");

const main = () => tab.page.getByRole("main");
const writes = () => tab.page.getByRole("region", { name: "Your writes" });
const durable = async (what: string): Promise<void> => {
  const write = writes().getByRole("listitem").filter({ hasText: what }).first();
  await expect(write.locator('[data-state="durable"]')).toBeVisible();
};
const titleOf = (id: string): unknown => furnished.planner.mesh.get(`project_state.active_tasks[${id}].title`).value;

const holderOf = (id: string) => furnished.planner.mesh.tasks.holder(id);

test("[UI-4a] a conflict is decided in the tab after saying a name, seen by an agent, and taken back", async () => {
  await main().getByLabel("Reason").fill("it is shorter");
  await main().getByRole("button", { name: 'Take "Title by planner"' }).click();
  await sayName(tab.page, "ann");
  await durable("Title by planner");
  await expect.poll(() => furnished.planner.mesh.conflicts.list().length).toBe(0);
  expect(titleOf("task-4")).toBe("Title by planner");
  expect(JSON.stringify(furnished.planner.mesh.conflicts.records())).toContain("ann decided for");
  await writes().getByRole("button", { name: "Undo" }).first().click();
  await expect.poll(() => furnished.planner.mesh.conflicts.list().length).toBe(1);
  await expect(main()).toContainText("Title by builder");
  await main().getByLabel("Another value").fill("Title by ann");
  await main().getByRole("button", { name: "Decide" }).click();
  await expect.poll(() => titleOf("task-4")).toBe("Title by ann");
});

test("[UI-4a] a question is answered, and taken back", async () => {
  await go(tab.page, "talk");
  const question = main().locator('[data-question="q-1"]');
  await question.getByRole("textbox").fill("eu-west");
  await question.getByRole("button", { name: "Answer" }).click();
  await durable("Which region?");
  const pending = () => furnished.builder.mesh.questions.list({ pending: true }).map(({ id }) => id);
  await expect.poll(pending).toEqual([]);
  expect(furnished.builder.mesh.questions.list()[0]).toMatchObject({ answer: "eu-west" });
  await writes().getByRole("button", { name: "Undo" }).first().click();
  await expect.poll(pending).toEqual(["q-1"]);
});

test("[UI-4a] a hand-over is taken over, a decision is recorded", async () => {
  await main().locator('[data-handover="h-1"]').getByRole("button", { name: "Take over" }).click();
  await expect.poll(() => furnished.planner.mesh.handovers.list()[0]?.acknowledged).toBe(true);
  await go(tab.page, "decisions");
  await main().getByLabel("New decision").fill("Ship on Monday");
  await main().getByRole("button", { name: "Record" }).click();
  await durable("Ship on Monday");
  await expect
    .poll(() => furnished.planner.mesh.decisions.list().map(({ decision }) => decision))
    .toContain("Ship on Monday");
  await expect(main()).toContainText("ann");
});

test("[UI-4a] what is destructive is asked about first, and can be undone", async () => {
  await go(tab.page, "task/task-1");
  await main().getByRole("button", { name: "Remove" }).click();
  await main().getByRole("button", { name: "No" }).click();
  expect(furnished.planner.mesh.tasks.get("task-1")?.title).toBe("Design the login API");
  await main().getByRole("button", { name: "Remove" }).click();
  await main().getByRole("button", { name: "Yes" }).click();
  await expect.poll(() => furnished.planner.mesh.tasks.get("task-1")).toBeUndefined();
  await writes().getByRole("button", { name: "Undo" }).first().click();
  await expect.poll(() => furnished.planner.mesh.tasks.get("task-1")?.title).toBe("Design the login API");
});

test("[UI-4a] a task is claimed, shown with what is left of its lease, and given back", async () => {
  await furnished.builder.mesh.tasks.add({ id: "task-7", title: "To be claimed" }).reached("durable");
  await go(tab.page, "task/task-7");
  await main().getByRole("button", { name: "Claim and start" }).click();
  await expect(main()).toContainText(/You hold it · confirmed, 14 min \d\d s left/);
  await expect.poll(() => holderOf("task-7")).toMatchObject({ agent: "ann", kind: "confirmed" });
  await go(tab.page, "board");
  await expect(main().locator('[data-column="progress"] [data-task="task-7"]')).toContainText(/ann.*14:\d\d/);
  await go(tab.page, "task/task-7");
  await main().getByRole("button", { name: "Give back" }).click();
  await expect.poll(() => holderOf("task-7")).toBeUndefined();
  await expect(main().getByRole("button", { name: "Claim and start" })).toBeVisible();
});

test("[UI-4a] another's claim is counted down, and taken over once its lease has run out", async () => {
  const claimed = await furnished.builder.mesh.tasks.claim("task-7", { leaseMs: 3_000, autoRenew: false });
  expect(claimed.ok).toBe(true);
  await expect(main()).toContainText(/builder holds it · confirmed, up to \d s left/);
  await expect(main().getByRole("button", { name: /Claim|Take over/ })).toHaveCount(0);
  await expect(main()).toContainText("lease ran out");
  await main().getByRole("button", { name: "Take over" }).click();
  await main().getByRole("button", { name: "Yes" }).click();
  await expect(main()).toContainText("You hold it");
  await expect.poll(() => holderOf("task-7")?.agent).toBe("ann");
});

test("[UI-4a] what others write into the person's task is a proposal, accepted and rejected in the tab", async () => {
  const propose = (title: string) => furnished.planner.mesh.tasks.update("task-7", { title });
  expect(propose("Proposed by planner").reason).toBe("owned_by_other");
  await go(tab.page, "");
  await expect(tab.page.getByRole("region", { name: /Needs attention/ })).toContainText(
    "planner proposes Proposed by planner",
  );
  await go(tab.page, "conflicts");
  await main().getByRole("button", { name: 'Accept "Proposed by planner"' }).click();
  await expect.poll(() => titleOf("task-7")).toBe("Proposed by planner");
  propose("Not wanted");
  await main().getByRole("button", { name: 'Reject "Not wanted"' }).click();
  await expect.poll(() => furnished.planner.mesh.proposals.list().length).toBe(0);
  expect(titleOf("task-7")).toBe("Proposed by planner");
});

test("[UI-4a] a file pattern is reserved, keeps others out, and is released", async () => {
  await go(tab.page, "agents");
  await main().getByLabel("Reserve").fill("src/auth/**");
  await main().getByRole("button", { name: "Reserve" }).click();
  const taken = () => furnished.planner.mesh.reservations.list().map(({ resource, agent }) => `${agent} ${resource}`);
  await expect.poll(taken).toEqual(["ann files:src/auth/**"]);
  expect(furnished.planner.mesh.reservations.reserve("src/auth/login.ts").ok).toBe(false);
  await main().getByRole("button", { name: "Release files:src/auth/**" }).click();
  await expect.poll(taken).toEqual([]);
});

test("[UI-4a] two tabs follow each other", async ({ browser }) => {
  const other = await browser.newPage();
  await openLive(other, pageAddress(furnished.relay, room, "#/board"));
  await go(tab.page, "board");
  await main().getByRole("button", { name: "New task" }).click();
  await main().getByLabel("Title").fill("From the first tab");
  await main().getByRole("button", { name: "Add" }).click();
  await expect(other.getByText("From the first tab")).toBeVisible();
  await other.close();
});

test("[UI-3a] reading, editing, reloading, reconnecting and merging work with the network cut", async () => {
  await go(tab.page, "task/task-2");
  // The page itself is kept by the browser once its worker has it.
  await tab.page.evaluate(() => navigator.serviceWorker.ready);
  await expect
    .poll(() => tab.page.evaluate(async () => (await (await caches.open("context-mesh page")).keys()).length))
    .toBeGreaterThan(8);
  await furnished.relay.kill();
  await expect(tab.page.locator('[data-notice="offline"]')).toBeVisible();
  await main().getByRole("button", { name: "Edit title" }).click();
  await main().getByRole("textbox", { name: "title" }).fill("Edited offline by ann");
  await main().getByRole("button", { name: "Save" }).click();
  await expect(writes().locator('[data-state="queued"]').first()).toBeVisible();
  await expect(main()).toContainText("Edited offline by ann");
  furnished.builder.mesh.tasks.update("task-2", { title: "Edited offline by builder" });
  await tab.page.reload();
  await expect(main()).toContainText("Edited offline by ann");
  await main().getByRole("button", { name: "Edit priority" }).click();
  await main().getByRole("textbox", { name: "priority" }).fill("low");
  await main().getByRole("button", { name: "Save" }).click();
  await furnished.relay.restart();
  await expect(tab.page.locator('.strip [data-state="live"]')).toBeVisible({ timeout: 45_000 });
  const values = () =>
    furnished.planner.mesh
      .get("project_state.active_tasks[task-2].title")
      .candidates.map(({ value }) => value)
      .sort();
  await expect.poll(values, { timeout: 45_000 }).toEqual(["Edited offline by ann", "Edited offline by builder"]);
  await expect.poll(() => furnished.planner.mesh.tasks.get("task-2")?.fields.priority).toBe("low");
  await go(tab.page, "conflicts");
  await expect(main()).toContainText("Edited offline by builder");
});
