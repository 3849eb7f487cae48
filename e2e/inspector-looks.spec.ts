/** How every view looks: axe in both themes, nothing cut off on narrow screens or with large text, pictures of all of them. */

import { AxeBuilder } from "@axe-core/playwright";
import { listedViews } from "@context-mesh/inspector";
import { expect, type Page } from "@playwright/test";
import { type Agent, go, joinAgent, openLive, pageAddress } from "./agents.ts";
import { test } from "./fixtures.ts";
import { enliven } from "./lively-room.ts";

const room = "acme/shop";
const views = [...listedViews, "task/shop-103"];
const themes = ["light", "dark"] as const;
let agents: readonly Agent[] = [];

test.beforeAll(async ({ relay }) => {
  const [planner, builder] = await Promise.all([joinAgent(relay, room, "planner"), joinAgent(relay, room, "builder")]);
  agents = [planner, builder];
  await enliven(planner.mesh, builder.mesh);
});

test.afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.leave()));
});

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

/** Kept beside the results of the tests. */
const picture = (page: Page, view: string, name: string) =>
  page.screenshot({ path: `test-results/views/${view.replace("/", "-")}-${name}.png` });

/** Pixels by which the page is wider than its window. */
const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

for (const theme of themes) {
  test(`[UI-6a] every view is free of findings in the ${theme} theme, and keeps within a narrow window`, async ({
    browser,
    relay,
  }) => {
    test.setTimeout(180_000);
    const context = await browser.newContext({ colorScheme: theme, viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    await openLive(page, pageAddress(relay, room));
    const found: Record<string, readonly string[]> = {};
    for (const view of views) {
      await go(page, view);
      if (view === "history") await expect(page.getByRole("region", { name: /^Update \d+/ })).toBeVisible();
      await picture(page, view, `1280-${theme}`);
      const list = await findings(page);
      if (list.length > 0) found[view] = list;
      await page.setViewportSize({ width: 375, height: 800 });
      await picture(page, view, `375-${theme}`);
      if ((await overflow(page)) > 0) found[`${view} at 375`] = [`${await overflow(page)} px too wide`];
      await page.setViewportSize({ width: 1280, height: 900 });
    }
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("combobox")).toBeFocused();
    await picture(page, "palette", `1280-${theme}`);
    found.palette = await findings(page);
    await context.close();
    expect(found).toEqual({ palette: [] });
  });
}

test("[UI-6a] nothing is cut off at 320 px, nor at 200 % text", async ({ browser, relay }) => {
  const page = await browser.newPage({ viewport: { width: 320, height: 700 }, reducedMotion: "reduce" });
  await openLive(page, pageAddress(relay, room));
  const wide: Record<string, number> = {};
  for (const view of views) {
    await go(page, view);
    if ((await overflow(page)) > 0) wide[`${view} at 320`] = await overflow(page);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.evaluate(() => {
    document.documentElement.style.fontSize = "200%";
    document.body.style.fontSize = "1.75rem";
  });
  for (const view of views) {
    await go(page, view);
    if ((await overflow(page)) > 0) wide[`${view} at 200 %`] = await overflow(page);
  }
  await page.close();
  expect(wide).toEqual({});
});
