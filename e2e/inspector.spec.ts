/** The plain first inspector page: shows what agents write, runs nothing that they write. */

import { expect, test } from "@playwright/test";
import { type RelayUnderTest, startRelay } from "./relay-process.ts";

const room = "e2e/inspector";
let relay: RelayUnderTest;

test.beforeAll(async () => {
  relay = await startRelay(room);
});

test.afterAll(async () => {
  await relay.stop();
});

test("[NODE-5b] the relay serves an inspector page that shows the room and what changes in it", async ({ page }) => {
  relay.command("planner", ["task", "add", "Design the login API", "--id", "task-1"]);
  await page.goto(`${relay.inspector}?room=${encodeURIComponent(room)}`);
  await expect(page.getByText("Design the login API")).toBeVisible();
  relay.command("builder", ["task", "add", "Write the login tests", "--id", "task-2"]);
  await expect(page.getByText("Write the login tests")).toBeVisible();
});

test("text of agents is shown as text and never runs", async ({ page }) => {
  const dialogs: string[] = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  relay.command("planner", [
    "task",
    "add",
    '<img src=x onerror="alert(1)"><script>alert(2)</script>',
    "--id",
    "task-3",
  ]);
  await page.goto(`${relay.inspector}?room=${encodeURIComponent(room)}`);
  await expect(page.getByText("<script>alert(2)</script>")).toBeVisible();
  expect(dialogs).toEqual([]);
});
