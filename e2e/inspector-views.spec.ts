/** Every view shows what is in the room, follows it live, and goes on after the relay was killed and came back. */

import { expect, type Page, test } from "@playwright/test";
import { type Agent, complaintsOf, joinAgent, openLive, pageAddress } from "./agents.ts";
import { type RelayUnderTest, startRelay } from "./relay-process.ts";
import { fillRoom } from "./room-content.ts";

const room = "e2e/views";
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
  await openLive(page, pageAddress(relay, room));
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

test("[UI-2a] the board shows cards by column, and a new one at once", async () => {
  await go("board");
  await expect(main().locator('[data-column="ready"]')).toContainText("Design the login API");
  await expect(main().locator('[data-task="task-4"]')).toContainText("2 values");
  await expect(main().locator('[data-task="task-3"]')).toContainText("waits for task-1");
  planner.mesh.tasks.add({ id: "task-5", title: "A task added just now" });
  await expect(main().locator('[data-task="task-5"]')).toBeVisible();
});

test("[UI-2a] agents are shown with what each source says, which one counts and why", async () => {
  await go("agents");
  const row = main().locator('[data-agent="builder"]');
  await expect(row).toContainText("coding");
  await expect(row).toContainText("onboarded");
  await expect(row).toContainText("its presence says so, and is fresh");
  await expect(row).toContainText("sources differ");
  await expect(row).toContainText("task-2");
  builder.mesh.presence.set({ status: "reviewing" });
  await expect(row).toContainText("reviewing");
});

test("[UI-2a] conflicts are shown with both values, who, when, what each had seen, and the rule", async () => {
  await go("conflicts");
  const conflict = main().locator('[data-conflict$="[task-4].title"]');
  await expect(conflict).toContainText("Title by planner");
  await expect(conflict).toContainText("Title by builder");
  await expect(conflict).toContainText("not the one by builder");
  await expect(conflict).toContainText("The latest value is shown until somebody decides.");
});

test("[UI-2a] decisions are shown with what they supersede and contradict", async () => {
  await go("decisions");
  await expect(main().locator('[data-decision="dec-1"]')).toContainText("may contradict dec-2");
  planner.mesh.decisions.add({ id: "dec-3", decision: "Sessions in Redis, expiring", supersedes: ["dec-2"] });
  await expect(main().locator('[data-decision="dec-3"]')).toContainText("supersedes dec-2");
  await expect(main().locator('[data-decision="dec-2"]')).toContainText("superseded by dec-3");
});

test("[UI-2a] questions, hand-overs and notes are shown", async () => {
  await go("talk");
  await expect(main().locator('[data-question="q-1"]')).toContainText("Which region?");
  await expect(main().locator('[data-handover="h-1"]')).toContainText("not taken over yet");
  await expect(main()).toContainText("Deploys are frozen on Friday");
  builder.mesh.questions.ask({ id: "q-2", question: "Asked just now?", to: "planner" });
  await expect(main().locator('[data-question="q-2"]')).toBeVisible();
});

test("[UI-2a] messages are shown with how far each recipient is, filtered and paused", async () => {
  await go("messages");
  await expect(main()).toContainText("Please look at task-2");
  await main().getByRole("button", { name: "Pause" }).click();
  await planner.mesh.send({ to: "agent:builder", text: "Said while paused", anyway: true });
  await expect(main().getByRole("button", { name: "Go on (1 new)" })).toBeVisible();
  await expect(main()).not.toContainText("Said while paused");
  await main().getByRole("button", { name: /Go on/ }).click();
  await expect(main()).toContainText("Said while paused");
  await main().getByLabel("Filter").fill("look at");
  await expect(main()).not.toContainText("Said while paused");
});

test("[UI-2a] sync is shown in figures, over time, and with the relay's own", async () => {
  await go("sync");
  await expect(main()).toContainText("Latency p50");
  await expect(main()).toContainText("Relay: backlog");
  await expect(main().locator(".uplot canvas").first()).toBeVisible();
  await expect(main().getByRole("cell", { name: "join" })).toBeVisible();
  await expect(main().getByRole("cell", { name: "live" })).toBeVisible();
});

test("[UI-2a] the document is shown with its size, its writers and its biggest parts", async () => {
  await go("document");
  await expect(main()).toContainText("project_state.active_tasks");
  await expect(main().getByRole("region", { name: /Writers/ })).toContainText("builder");
  await expect(main()).toContainText("Archived items");
});

test("[UI-2a] history is shown update by update", async () => {
  await go("history");
  await expect(main().getByRole("slider")).toBeVisible();
  await expect(main().getByRole("region", { name: /Update \d+ by/ })).toBeVisible();
});

test("[UI-2a] topology is drawn and told as a table", async () => {
  await go("topology");
  await expect(main().locator("svg.graph text", { hasText: "builder" })).toBeVisible();
  await expect(main().getByRole("row", { name: /builder agent here/ })).toBeVisible();
});

test("[UI-2a] every view goes on after the relay was killed and came back", async () => {
  await relay.kill();
  await expect(page.locator('[data-notice="offline"]')).toBeVisible();
  await go("board");
  await expect(main().locator('[data-task="task-1"]')).toBeVisible();
  await relay.restart();
  await expect(page.locator('.strip [data-state="live"]')).toBeVisible({ timeout: 45_000 });
  await expect(page.locator('[data-notice="offline"]')).toHaveCount(0);
  await builder.mesh.tasks.add({ id: "task-9", title: "After the restart" }).reached("durable");
  planner.mesh.decisions.add({ id: "dec-9", decision: "Decided after the restart" });
  await expect(main().locator('[data-task="task-9"]')).toBeVisible();
  await go("decisions");
  await expect(main().locator('[data-decision="dec-9"]')).toBeVisible({ timeout: 45_000 });
  await go("agents");
  await expect(main().locator('[data-agent="builder"]')).toContainText("here");
  await go("history");
  await expect(main().getByRole("region", { name: /Update \d+ by/ })).toBeVisible();
  await go("sync");
  await expect(main().getByRole("cell", { name: "live" })).toBeVisible();
  await go("conflicts");
  await expect(main()).toContainText("Title by builder");
});
