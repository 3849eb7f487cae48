/** For everybody: axe on every view in both themes, large text, narrow screens, the keyboard alone. */

import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { type Agent, joinAgent, openLive, pageAddress, sayName } from "./agents.ts";
import { type RelayUnderTest, startRelay } from "./relay-process.ts";
import { fillRoom } from "./room-content.ts";

const room = "e2e/craft";
const views = [
  "",
  "board",
  "agents",
  "conflicts",
  "decisions",
  "talk",
  "messages",
  "history",
  "sync",
  "document",
  "topology",
  "task/task-4",
];
let relay: RelayUnderTest;
let agents: readonly Agent[];

test.beforeAll(async () => {
  relay = await startRelay(room);
  agents = await Promise.all([joinAgent(relay, room, "planner"), joinAgent(relay, room, "builder")]);
  const [planner, builder] = agents as readonly [Agent, Agent];
  await fillRoom(planner.mesh, builder.mesh);
});

test.afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.leave()));
  await relay.stop();
});

const go = async (page: Page, view: string): Promise<void> => {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, `#/${view}`);
  await expect(page.getByRole("main").getByRole("heading").first()).toBeVisible();
  await expect(page.getByRole("main").getByText("Loading …")).toHaveCount(0);
};

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** There are no frames to look into, so axe need not open a page of its own. */
const findings = async (page: Page): Promise<readonly string[]> => {
  const axe = new AxeBuilder({ page })
    .options({ resultTypes: ["violations"] })
    .withTags(tags)
    .setLegacyMode();
  const { violations } = await axe.analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
};

/** Pictures of every view, kept beside the results of the tests. */
const picture = (page: Page, view: string, name: string) =>
  page.screenshot({ path: `test-results/views/${view === "" ? "overview" : view.replace("/", "-")}-${name}.png` });

for (const theme of ["light", "dark"] as const) {
  test(`[UI-6a] every view is free of findings in the ${theme} theme`, async ({ browser }) => {
    test.setTimeout(180_000);
    const context = await browser.newContext({ colorScheme: theme, viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    await openLive(page, pageAddress(relay, room));
    const found: Record<string, readonly string[]> = {};
    for (const view of views) {
      await go(page, view);
      await picture(page, view, `1280-${theme}`);
      const list = await findings(page);
      if (list.length > 0) found[view] = list;
    }
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("combobox")).toBeFocused();
    found.palette = await findings(page);
    await page.keyboard.press("Escape");
    await context.close();
    expect(found).toEqual({ palette: [] });
  });
}

test("[UI-6a] nothing is cut off at 320 px, nor at 200 % text", async ({ browser }) => {
  const page = await browser.newPage({ viewport: { width: 320, height: 700 }, reducedMotion: "reduce" });
  await openLive(page, pageAddress(relay, room));
  const overflow = () =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  const wide: Record<string, number> = {};
  for (const view of views) {
    await go(page, view);
    await picture(page, view, "320-light");
    if ((await overflow()) > 0) wide[`${view} at 320`] = await overflow();
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.evaluate(() => {
    document.documentElement.style.fontSize = "200%";
    document.body.style.fontSize = "1.75rem";
  });
  for (const view of views) {
    await go(page, view);
    if ((await overflow()) > 0) wide[`${view} at 200 %`] = await overflow();
  }
  await page.close();
  expect(wide).toEqual({});
});

test("[UI-6b] everything can be done with the keyboard alone", async ({ page }) => {
  await openLive(page, pageAddress(relay, room));
  const press = (...keys: readonly string[]) =>
    keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
  await press("Tab");
  await expect(page.getByRole("button", { name: "Skip to content" })).toBeFocused();
  await press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
  await press("g", "b");
  await expect(page.getByRole("heading", { name: "Board", exact: true })).toBeVisible();
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
  await page.getByRole("textbox", { name: /Answer to Which region/ }).focus();
  await page.keyboard.type("eu-west");
  await press("Enter");
  await sayName(page, "ann");
  await expect(page.getByRole("region", { name: "Your writes" }).locator('[data-state="durable"]')).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).focus();
  await press("Enter");
  await expect(page.locator('[data-question="q-1"]').getByRole("textbox")).toBeVisible();
});

test("[UI-6b] a deep link leads to an entity, now and at a moment", async ({ page }) => {
  await openLive(page, pageAddress(relay, room, "#/task/task-4"));
  await expect(page.getByRole("heading", { level: 2 })).toContainText("Title by");
  await page.goto(pageAddress(relay, room, "#/task/task-1?at=2"));
  await expect(page.getByText("You look at the room as it was at update 2.")).toBeVisible();
  await page.getByRole("button", { name: "Back to now" }).click();
  await expect(page.getByRole("heading", { level: 2 })).toContainText("Design the login API");
});
