/** For everybody: the keyboard alone, links to anything at any moment, the room as a file. */

import { readFileSync } from "node:fs";
import { expect } from "@playwright/test";
import { openLive, pageAddress, sayName } from "./agents.ts";
import { furnishedRoom, test } from "./fixtures.ts";

const room = "e2e/craft";
furnishedRoom(room);

test("[UI-6b] everything can be done with the keyboard alone", async ({ page, relay }) => {
  await openLive(page, pageAddress(relay, room));
  const press = (...keys: readonly string[]) =>
    keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
  await press("Tab");
  await expect(page.getByRole("button", { name: "Skip to content" })).toBeFocused();
  await press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
  await press("g", "b");
  await expect(page.getByRole("heading", { name: "Board", exact: true })).toBeVisible();
  await expect(page.getByRole("main")).toBeFocused();
  await press("Tab");
  await expect(page.getByRole("button", { name: "New task" })).toBeFocused();
  await page.locator('[data-task="task-1"]').focus();
  await press("ArrowRight");
  await expect(page.locator('[data-task="task-2"]')).toBeFocused();
  await press("ArrowLeft", "ArrowDown");
  await expect(page.locator('[data-task="task-4"]')).toBeFocused();
  await press("Enter");
  await expect(page).toHaveURL(/#\/task\/task-4$/);
  await press("?");
  await expect(page.getByRole("dialog", { name: "Keys" })).toBeVisible();
  await press("Escape", "Control+k");
  await expect(page.getByRole("combobox")).toBeFocused();
  await page.keyboard.type("region");
  await expect(page.getByRole("option", { name: /Which region/ })).toBeVisible();
  await press("Enter");
  await expect(page).toHaveURL(/#\/talk\/q-1$/);
  await expect(page.getByRole("main")).toBeFocused();
  await page.getByRole("textbox", { name: /Answer to Which region/ }).focus();
  await page.keyboard.type("eu-west");
  await press("Enter");
  await sayName(page, "ann");
  await expect(page.getByRole("region", { name: "Your writes" }).locator('[data-state="durable"]')).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).focus();
  await press("Enter");
  await expect(page.locator('[data-question="q-1"]').getByRole("textbox")).toBeVisible();
});

test("[UI-6b] a closed dialog does not close the one that a key opened since", async ({ page, relay }) => {
  await openLive(page, pageAddress(relay, room));
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keys" })).toBeVisible();
  // Within one turn: the browser says "closed" only after the key, with one of its next frames.
  await page.evaluate(async () => {
    document.querySelector<HTMLDialogElement>("dialog[open]")?.close();
    dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true }));
    for (let frames = 0; frames < 3; frames += 1) await new Promise(requestAnimationFrame);
  });
  await expect(page.getByRole("combobox")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("combobox")).toHaveCount(0);
});

test("[UI-6b] a deep link leads to an entity, now and at a moment", async ({ page, relay }) => {
  await openLive(page, pageAddress(relay, room, "#/task/task-4"));
  await expect(page.getByRole("heading", { level: 2 })).toContainText("Title by");
  await page.goto(pageAddress(relay, room, "#/task/task-1?at=2"));
  await expect(page.getByText("You look at the room as it was at update 2.")).toBeVisible();
  await page.getByRole("button", { name: "Back to now" }).click();
  await expect(page.getByRole("heading", { level: 2 })).toContainText("Design the login API");
});

test("[UI-6b] the room is exported in four forms", async ({ page, relay }) => {
  await openLive(page, pageAddress(relay, room, "#/document"));
  const content = async (format: string): Promise<string> => {
    const coming = page.waitForEvent("download");
    await page.getByRole("button", { name: format, exact: true }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toBe(`e2e-craft.${format.toLowerCase()}`);
    return readFileSync(await download.path(), "utf8");
  };
  const json = JSON.parse(await content("JSON")) as { shared_context: { project_state: { current_phase: string } } };
  expect(json.shared_context.project_state.current_phase).toBe("build");
  expect(await content("YAML")).toContain("current_phase: build");
  const lines = (await content("NDJSON")).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line) as { kind: string }).filter(({ kind }) => kind === "task").length).toBe(
    4,
  );
  expect(await content("CSV")).toContain("task-2,Write the login tests,progress,in_progress,builder");
});

test("[UI-4a] a claim as the first act, with the name said on the way, is confirmed by the arbiter", async ({
  page,
  relay,
}) => {
  await openLive(page, pageAddress(relay, room, "#/task/task-1"));
  await page.getByRole("button", { name: "Claim and start" }).click();
  await sayName(page, "eve");
  await expect(page.getByRole("main")).toContainText("You hold it · confirmed");
});
