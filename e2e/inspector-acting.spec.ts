/** A person acts in the tab: with an agent on the other side, with every write's state, with undo, and offline. */

import { expect, type Page, test } from "@playwright/test";
import { type Agent, complaintsOf, joinAgent, openLive, pageAddress, sayName } from "./agents.ts";
import { type RelayUnderTest, startRelay } from "./relay-process.ts";
import { fillRoom } from "./room-content.ts";

// One person in one tab, from the first write on.
test.describe.configure({ mode: "serial" });

const room = "e2e/acting";
let relay: RelayUnderTest;
let planner: Agent;
let builder: Agent;
let page: Page;
let complaints: string[];

test.beforeAll(async ({ browser }) => {
  relay = await startRelay(room);
  [planner, builder] = await Promise.all([joinAgent(relay, room, "planner"), joinAgent(relay, room, "builder")]);
  await fillRoom(planner.mesh, builder.mesh);
  page = await browser.newPage();
  complaints = complaintsOf(page);
  await openLive(page, pageAddress(relay, room, "#/conflicts"));
});

test.afterAll(async () => {
  await page.close();
  await Promise.all([planner.leave(), builder.leave()]);
  await relay.stop();
});

test.afterEach(() => expect(complaints).toEqual([]));

const go = async (view: string): Promise<void> => {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, `#/${view}`);
};
const main = () => page.getByRole("main");
const writes = () => page.getByRole("region", { name: "Your writes" });
const durable = async (what: string): Promise<void> => {
  const write = writes().getByRole("listitem").filter({ hasText: what }).first();
  await expect(write.locator('[data-state="durable"]')).toBeVisible();
};
const titleOf = (id: string): unknown => planner.mesh.get(`project_state.active_tasks[${id}].title`).value;

test("[UI-4a] a conflict is decided in the tab after saying a name, seen by an agent, and taken back", async () => {
  await main().getByLabel("Reason").fill("it is shorter");
  await main().getByRole("button", { name: 'Take "Title by planner"' }).click();
  await sayName(page, "ann");
  await durable("Title by planner");
  await expect.poll(() => planner.mesh.conflicts.list().length).toBe(0);
  expect(titleOf("task-4")).toBe("Title by planner");
  expect(JSON.stringify(planner.mesh.conflicts.records())).toContain("ann decided for");
  await writes().getByRole("button", { name: "Undo" }).first().click();
  await expect.poll(() => planner.mesh.conflicts.list().length).toBe(1);
  await expect(main()).toContainText("Title by builder");
  await main().getByLabel("Another value").fill("Title by ann");
  await main().getByRole("button", { name: "Decide" }).click();
  await expect.poll(() => titleOf("task-4")).toBe("Title by ann");
});

test("[UI-4a] a question is answered, and taken back", async () => {
  await go("talk");
  const question = main().locator('[data-question="q-1"]');
  await question.getByRole("textbox").fill("eu-west");
  await question.getByRole("button", { name: "Answer" }).click();
  await durable("Which region?");
  const pending = () => builder.mesh.questions.list({ pending: true }).map(({ id }) => id);
  await expect.poll(pending).toEqual([]);
  expect(builder.mesh.questions.list()[0]).toMatchObject({ answer: "eu-west" });
  await writes().getByRole("button", { name: "Undo" }).first().click();
  await expect.poll(pending).toEqual(["q-1"]);
});

test("[UI-4a] a hand-over is taken over, a decision is recorded", async () => {
  await main().locator('[data-handover="h-1"]').getByRole("button", { name: "Take over" }).click();
  await expect.poll(() => planner.mesh.handovers.list()[0]?.acknowledged).toBe(true);
  await go("decisions");
  await main().getByLabel("New decision").fill("Ship on Monday");
  await main().getByRole("button", { name: "Record" }).click();
  await durable("Ship on Monday");
  await expect.poll(() => planner.mesh.decisions.list().map(({ decision }) => decision)).toContain("Ship on Monday");
  await expect(main()).toContainText("ann");
});

test("[UI-4a] what is destructive is asked about first, and can be undone", async () => {
  await go("task/task-1");
  await main().getByRole("button", { name: "Remove" }).click();
  await main().getByRole("button", { name: "No" }).click();
  expect(planner.mesh.tasks.get("task-1")?.title).toBe("Design the login API");
  await main().getByRole("button", { name: "Remove" }).click();
  await main().getByRole("button", { name: "Yes" }).click();
  await expect.poll(() => planner.mesh.tasks.get("task-1")).toBeUndefined();
  await writes().getByRole("button", { name: "Undo" }).first().click();
  await expect.poll(() => planner.mesh.tasks.get("task-1")?.title).toBe("Design the login API");
});

test("[UI-4a] two tabs follow each other", async ({ browser }) => {
  const other = await browser.newPage();
  await openLive(other, pageAddress(relay, room, "#/board"));
  await go("board");
  await main().getByRole("button", { name: "New task" }).click();
  await main().getByLabel("Title").fill("From the first tab");
  await main().getByRole("button", { name: "Add" }).click();
  await expect(other.getByText("From the first tab")).toBeVisible();
  await other.close();
});

test("[UI-3a] reading, editing, reloading, reconnecting and merging work with the network cut", async () => {
  await go("task/task-2");
  // The page itself is kept by the browser once its worker has it.
  await page.evaluate(() => navigator.serviceWorker.ready);
  await expect
    .poll(() => page.evaluate(async () => (await (await caches.open("context-mesh page")).keys()).length))
    .toBeGreaterThan(8);
  await relay.kill();
  await expect(page.locator('[data-notice="offline"]')).toBeVisible();
  await main().getByRole("button", { name: "Edit title" }).click();
  await main().getByRole("textbox", { name: "title" }).fill("Edited offline by ann");
  await main().getByRole("button", { name: "Save" }).click();
  await expect(writes().locator('[data-state="queued"]').first()).toBeVisible();
  await expect(main()).toContainText("Edited offline by ann");
  builder.mesh.tasks.update("task-2", { title: "Edited offline by builder" });
  await page.reload();
  await expect(main()).toContainText("Edited offline by ann");
  await main().getByRole("button", { name: "Edit priority" }).click();
  await main().getByRole("textbox", { name: "priority" }).fill("low");
  await main().getByRole("button", { name: "Save" }).click();
  await relay.restart();
  await expect(page.locator('.strip [data-state="live"]')).toBeVisible({ timeout: 45_000 });
  const values = () =>
    planner.mesh
      .get("project_state.active_tasks[task-2].title")
      .candidates.map(({ value }) => value)
      .sort();
  await expect.poll(values, { timeout: 45_000 }).toEqual(["Edited offline by ann", "Edited offline by builder"]);
  await expect.poll(() => planner.mesh.tasks.get("task-2")?.fields.priority).toBe("low");
  await go("conflicts");
  await expect(main()).toContainText("Edited offline by builder");
});
