/** Every view shows what is in the room, follows it live, and goes on after the relay was killed and came back. */

import { expect } from "@playwright/test";
import { go } from "./agents.ts";
import { furnishedRoom, sharedTab, test } from "./fixtures.ts";

const room = "e2e/views";
const furnished = furnishedRoom(room);
const tab = sharedTab(room);

const main = () => tab.page.getByRole("main");

test("[UI-2a] the board shows cards by column, and a new one at once", async () => {
  await go(tab.page, "board");
  await expect(main().locator('[data-column="ready"]')).toContainText("Design the login API");
  await expect(main().locator('[data-task="task-4"]')).toContainText("2 values");
  await expect(main().locator('[data-task="task-3"]')).toContainText("waits for task-1");
  furnished.planner.mesh.tasks.add({ id: "task-5", title: "A task added just now" });
  await expect(main().locator('[data-task="task-5"]')).toBeVisible();
});

test("[UI-2a] agents are shown with what each source says, which one counts and why", async () => {
  await go(tab.page, "agents");
  const row = main().locator('[data-agent="builder"]');
  await expect(row.getByRole("cell").nth(2)).toContainText("onboarding");
  await expect(row.getByRole("cell").nth(3)).toContainText(/coding.*counts/);
  await expect(row).toContainText("sources differ");
  await expect(row).toContainText("task-2");
  furnished.builder.mesh.presence.set({ status: "reviewing" });
  await expect(row.getByRole("cell").nth(3)).toContainText("reviewing");
  // A reconciler wrote down what it read in the agent's file.
  const evidence = {
    status: "active",
    source: "file",
    word: "ONBOARDED/OPERATIONAL",
    said: "2026-11-28T12:00:00Z",
    discrepancy: "0123456789abcdef",
    why: "The status file says so.",
  };
  furnished.planner.mesh.statuses.show({ agent: "away", status: "active", evidence });
  const away = main().locator('[data-agent="away"]');
  await expect(away.getByRole("cell").nth(1)).toContainText(/ONBOARDED\/OPERATIONAL.*counts/);
  await expect(away).toContainText("active");
});

test("[UI-2a] conflicts are shown with both values, who, when, what each had seen, and the rule", async () => {
  await go(tab.page, "conflicts");
  const conflict = main().locator('[data-conflict$="[task-4].title"]');
  await expect(conflict).toContainText("Title by planner");
  await expect(conflict).toContainText("Title by builder");
  await expect(conflict).toContainText("not the one by builder");
  await expect(conflict).toContainText("The latest value is shown until somebody decides.");
});

test("[UI-2a] decisions are shown with what they supersede and contradict", async () => {
  await go(tab.page, "decisions");
  await expect(main().locator('[data-decision="dec-1"]')).toContainText("may contradict dec-2");
  furnished.planner.mesh.decisions.add({ id: "dec-3", decision: "Sessions in Redis, expiring", supersedes: ["dec-2"] });
  await expect(main().locator('[data-decision="dec-3"]')).toContainText("supersedes dec-2");
  await expect(main().locator('[data-decision="dec-2"]')).toContainText("superseded by dec-3");
});

test("[UI-2a] questions, hand-overs and notes are shown", async () => {
  await go(tab.page, "talk");
  await expect(main().locator('[data-question="q-1"]')).toContainText("Which region?");
  await expect(main().locator('[data-handover="h-1"]')).toContainText("not taken over yet");
  await expect(main()).toContainText("Deploys are frozen on Friday");
  furnished.builder.mesh.questions.ask({ id: "q-2", question: "Asked just now?", to: "planner" });
  await expect(main().locator('[data-question="q-2"]')).toBeVisible();
});

test("[UI-2a] messages are shown with how far each recipient is, filtered and paused", async () => {
  await go(tab.page, "messages");
  await expect(main()).toContainText("Please look at task-2");
  await main().getByRole("button", { name: "Pause" }).click();
  await furnished.planner.mesh.send({ to: "agent:builder", text: "Said while paused", anyway: true });
  await expect(main().getByRole("button", { name: "Go on (1 new)" })).toBeVisible();
  await expect(main()).not.toContainText("Said while paused");
  await main().getByRole("button", { name: /Go on/ }).click();
  await expect(main()).toContainText("Said while paused");
  await main().getByRole("link", { name: "planner → agent:builder" }).first().click();
  await expect(main().getByRole("article", { name: "The message" })).toContainText("Said while paused");
  await main().getByRole("link", { name: "Close" }).click();
  await main().getByLabel("Filter").fill("look at");
  await expect(main()).not.toContainText("Said while paused");
});

test("[UI-2a] sync is shown in figures, over time, and with the relay's own", async () => {
  await go(tab.page, "sync");
  await expect(main()).toContainText("Latency p50");
  await expect(main()).toContainText("Relay: backlog");
  await expect(main().locator(".uplot canvas").first()).toBeVisible();
  await expect(main().getByRole("cell", { name: "join" })).toBeVisible();
  await expect(main().getByRole("cell", { name: "live" })).toBeVisible();
});

test("[UI-2a] the document is shown with its size, its writers and its biggest parts", async () => {
  await go(tab.page, "document");
  await expect(main()).toContainText("project_state.active_tasks");
  await expect(main().getByRole("region", { name: /Writers/ })).toContainText("builder");
  await expect(main()).toContainText("Archived items");
});

test("[UI-2a] history is shown update by update", async () => {
  await go(tab.page, "history");
  await expect(main().getByRole("slider")).toBeVisible();
  await expect(main().getByRole("region", { name: /Update \d+ by/ })).toBeVisible();
});

test("[UI-2a] topology is drawn and told as a table", async () => {
  await go(tab.page, "topology");
  await expect(main().locator("svg.graph text", { hasText: "builder" })).toBeVisible();
  await expect(main().getByRole("row", { name: /builder agent here/ })).toBeVisible();
});

test("[UI-2a] every view goes on after the relay was killed and came back", async () => {
  await furnished.relay.kill();
  await expect(tab.page.locator('[data-notice="offline"]')).toBeVisible();
  await go(tab.page, "board");
  await expect(main().locator('[data-task="task-1"]')).toBeVisible();
  await furnished.relay.restart();
  await expect(tab.page.locator('.strip [data-state="live"]')).toBeVisible({ timeout: 45_000 });
  await expect(tab.page.locator('[data-notice="offline"]')).toHaveCount(0);
  await furnished.builder.mesh.tasks.add({ id: "task-9", title: "After the restart" }).reached("durable");
  furnished.planner.mesh.decisions.add({ id: "dec-9", decision: "Decided after the restart" });
  await expect(main().locator('[data-task="task-9"]')).toBeVisible();
  await go(tab.page, "decisions");
  await expect(main().locator('[data-decision="dec-9"]')).toBeVisible({ timeout: 45_000 });
  await go(tab.page, "agents");
  await expect(main().locator('[data-agent="builder"]')).toContainText("here");
  await go(tab.page, "history");
  await expect(main().getByRole("region", { name: /Update \d+ by/ })).toBeVisible();
  await go(tab.page, "sync");
  await expect(main().getByRole("cell", { name: "live" })).toBeVisible();
  await go(tab.page, "conflicts");
  await expect(main()).toContainText("Title by builder");
});
