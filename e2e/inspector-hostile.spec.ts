/** What must not harm: hostile text, odd entries, refused tokens, a database that is missing or full, a wrong clock. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listedViews } from "@context-mesh/inspector";
import { expect, type Page } from "@playwright/test";
import { type Agent, complaintsOf, go, joinAgent, openLive, pageAddress } from "./agents.ts";
import { test } from "./fixtures.ts";
import { startRelay } from "./relay-process.ts";

const room = "e2e/hostile";
const attacks = [
  '<img src=x onerror="document.title=`hacked`;alert(1)">',
  "<script>alert(2)</script>",
  "javascript:alert(3)",
  "\u202Egnp.exe {{7*7}} <%= alert(4) %>",
  `"><svg/onload=alert(5)>`,
];
let agent: Agent;

test.beforeAll(async ({ relay }) => {
  agent = await joinAgent(relay, room, attacks[0] as string);
  const { mesh } = agent;
  const [image, script, link, odd, svg] = attacks as [string, string, string, string, string];
  mesh.phase(svg);
  mesh.tasks.add({ id: "x-1", title: image, owner: script, priority: link, area: odd, description: svg });
  mesh.tasks.add({ id: "../..//#?&", title: script });
  mesh.tasks.block("x-1", { reason: image });
  mesh.decisions.add({ id: "x-2", decision: script, rationale: image, type: link, impact: [svg] });
  mesh.questions.ask({ id: "x-3", question: image, to: "human", context: script });
  mesh.handovers.add({ id: "x-4", to: "human", summary: svg });
  mesh.notes.add(image);
  mesh.presence.set({ status: script });
  await mesh.send({ to: "agent:nobody", text: image, anyway: true });
  await mesh.tasks.add({ id: "x-9", title: "Sound" }).reached("durable");
});

test.afterAll(() => agent.leave());

const main = (page: Page) => page.getByRole("main");
const notice = (page: Page, id: string) => page.locator(`[data-notice="${id}"]`);

test("[UI-8a] hostile text in every field is shown as text and never runs", async ({ page, relay }) => {
  const complaints = complaintsOf(page);
  await openLive(page, pageAddress(relay, room));
  await expect(
    main(page)
      .getByText(attacks[1] as string)
      .first(),
  ).toBeVisible();
  for (const view of [...listedViews, "task/x-1"]) await go(page, view);
  await expect(main(page)).toContainText(attacks[0] as string);
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox")).toBeFocused();
  await page.keyboard.type("script");
  await expect(page.getByRole("option").first()).toBeVisible();
  expect(await page.title()).not.toBe("hacked");
  expect(await page.locator("main img, main script, a[href^='javascript:']").count()).toBe(0);
  expect(complaints).toEqual([]);
});

test("[UI-8a] entries of an odd form are shown as they are, named in words, and the rest works", async ({
  page,
  relay,
}) => {
  const odd = { project_state: { active_tasks: [{ id: "odd-1", title: { nested: [1, null] }, status: 7 }] } };
  agent.mesh.import(odd as never);
  await openLive(page, pageAddress(relay, room));
  await expect(main(page)).toContainText('{"nested":[1,null]}');
  await expect(notice(page, "odd")).toContainText("shown as they are");
  await expect(main(page)).toContainText("Sound");
});

test("[UI-8a] a room that nobody wrote to is said so", async ({ page, relay }) => {
  await page.goto(pageAddress(relay, "e2e/nobody-was-here"));
  await expect(notice(page, "room")).toContainText("Nothing was written to this room yet.");
});

test("[UI-8a] a schema of a later generation is said so, shown, and not written to", async ({ page, relay }) => {
  const later = "e2e/later-schema";
  const writer = await joinAgent(relay, later, "writer");
  writer.mesh.push({ changes: [{ path: "version", to: "3.1" }] });
  await writer.mesh.tasks.add({ id: "t1", title: "From the future" }).reached("durable");
  await openLive(page, pageAddress(relay, later, "#/board"));
  await expect(notice(page, "schema")).toContainText("This room uses schema 3.1");
  await expect(main(page)).toContainText("From the future");
  await expect(main(page).getByRole("button", { name: "New task" })).toBeDisabled();
  await writer.leave();
});

test("[UI-8a] without a database the tab works on and says that it keeps nothing", async ({ page, relay }) => {
  await page.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException("denied", "SecurityError");
    };
  });
  await openLive(page, pageAddress(relay, room));
  await expect(notice(page, "store")).toContainText("keeps nothing for a reload");
  await expect(main(page)).toContainText("Sound");
});

test("[UI-8a] a full database is said so, and nothing is lost", async ({ page, relay }) => {
  await page.addInitScript(() => {
    IDBObjectStore.prototype.add = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  await openLive(page, pageAddress(relay, room));
  await expect(notice(page, "full")).toContainText("The browser's storage is full");
  await expect(main(page)).toContainText("Sound");
});

test("[UI-8a] a clock that is wrong by hours is said so, and order stays right", async ({ page, relay }) => {
  await page.addInitScript(() => {
    const now = Date.now.bind(Date);
    Date.now = () => now() - 3 * 3_600_000;
  });
  await openLive(page, pageAddress(relay, room));
  await expect(notice(page, "clock")).toContainText("3 h behind the relay's");
  await expect(main(page)).toContainText("Sound");
});

test("[UI-9a] a relay that lets pages only read is obeyed", async ({ page }) => {
  const readers = await startRelay(["--inspector", "read"]);
  const writer = await joinAgent(readers, room, "writer");
  await writer.mesh.tasks.add({ id: "t1", title: "Only to be read" }).reached("durable");
  await page.addInitScript(() => localStorage.setItem("context-mesh name", "ann"));
  await openLive(page, pageAddress(readers, room, "#/task/t1"));
  await expect(page.getByRole("region", { name: "Sync status" })).toContainText("Accessread only");
  await expect(main(page)).toContainText("The relay lets this page read only.");
  for (const button of await main(page)
    .getByRole("button", { name: /Edit|Start|Done|Remove|Block/ })
    .all()) {
    await expect(button).toBeDisabled();
  }
  expect(writer.mesh.tasks.get("t1")?.status).toBe("pending");
  await writer.leave();
  await readers.stop();
});

test("[UI-9a] the policy of the page is strict, and nothing breaks it", async ({ page, relay }) => {
  const complaints = complaintsOf(page);
  const response = await page.goto(pageAddress(relay, room));
  const policy = response?.headers()["content-security-policy"] ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|\*|data:/);
  await expect(page.locator('.strip [data-state="live"]')).toBeVisible();
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "document.title = 'hacked'";
    document.body.append(script);
  });
  expect(await page.title()).not.toBe("hacked");
  expect(complaints.filter((text) => !text.includes("inline script"))).toEqual([]);
});

test("[UI-8a] [UI-9a] a token: taken from the fragment, in no address and no log, refused in words, at the start and while open", async ({
  browser,
}) => {
  const folder = mkdtempSync(join(tmpdir(), "context-mesh-token-"));
  const token = "s3cret-token-of-the-test";
  const tokenFile = join(folder, "token");
  writeFileSync(tokenFile, token);
  const guarded = await startRelay(["--token-file", tokenFile], { logFile: join(folder, "log") });
  const writer = await joinAgent(guarded, room, "writer", { token });
  await writer.mesh.tasks.add({ id: "t1", title: "Behind a token" }).reached("durable");
  const page = await browser.newPage();
  const addresses: string[] = [];
  page.on("request", (request) => addresses.push(request.url()));
  await page.goto(pageAddress(guarded, room, "#token=wrong"));
  await expect(notice(page, "refused")).toContainText("The relay refused the token.");
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(main(page)).toContainText("Behind a token", { timeout: 15_000 });
  const other = await browser.newPage();
  other.on("request", (request) => addresses.push(request.url()));
  await openLive(other, pageAddress(guarded, room, `#token=${token}`));
  await expect(main(other)).toContainText("Behind a token");
  expect(other.url()).not.toContain(token);
  await other.reload();
  await expect(other.locator('.strip [data-state="live"]')).toBeVisible({ timeout: 20_000 });
  expect(addresses.filter((address) => address.includes(token))).toEqual([]);
  // The secret is changed while the tab is open: it is refused when it comes back, and keeps what it shows.
  await guarded.kill();
  writeFileSync(tokenFile, "another-secret");
  await guarded.restart();
  await expect(notice(other, "refused")).toContainText("The relay refused the token.", { timeout: 45_000 });
  await expect(main(other)).toContainText("Behind a token");
  expect(readFileSync(join(folder, "log"), "utf8")).not.toContain(token);
  await Promise.all([page.close(), other.close(), writer.leave()]);
  await guarded.stop();
  rmSync(folder, { recursive: true, force: true });
});
