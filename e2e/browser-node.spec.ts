/** A tab as a full node: reads, edits offline, survives a reload, reconnects and merges with agents on the other side. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, type Page, test } from "@playwright/test";
import { build } from "vite";
import { type RelayUnderTest, startRelay } from "./relay-process.ts";

interface Tab {
  titles(): string[];
  setTitle(id: string, title: string): string;
  title(id: string): string;
  values(id: string): string[];
  digest(): string;
  states(): string[];
  unsent(): number;
}

const room = "e2e/tab";
const folder = mkdtempSync(join(tmpdir(), "context-mesh-tab-"));
let relay: RelayUnderTest;
let origin = "";

/** The tab's own page, on an origin that the relay was told to accept. */
const pages = createServer((request, response) => {
  const isScript = request.url?.startsWith("/tab.js") === true;
  response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
  response.end(isScript ? readFileSync(join(folder, "tab.js")) : '<script type="module" src="/tab.js"></script>');
});

test.beforeAll(async () => {
  const entry = fileURLToPath(new URL("tab/tab.ts", import.meta.url));
  await build({
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["source", "browser", "import", "module", "default"] },
    build: {
      outDir: folder,
      target: "esnext",
      minify: false,
      lib: { entry, formats: ["es"], fileName: () => "tab.js" },
    },
  });
  await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
  const address = pages.address();
  origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  relay = await startRelay(["--allow-origin", origin]);
});

test.afterAll(async () => {
  await relay.stop();
  pages.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = async (page: Page, agent: string): Promise<void> => {
  const query = new URLSearchParams({ room, agent, relay: relay.url.replace(/\/$/, "") });
  await page.goto(`${origin}/?${query}`);
  await page.waitForFunction(() => "tab" in globalThis);
};

const ask = <K extends keyof Tab>(page: Page, name: K, ...args: Parameters<Tab[K]>): Promise<ReturnType<Tab[K]>> =>
  page.evaluate(
    ([method, list]) =>
      (globalThis as unknown as { tab: Record<string, (...a: unknown[]) => unknown> }).tab[method as string]?.(
        ...(list as unknown[]),
      ),
    [name, args] as const,
  ) as Promise<ReturnType<Tab[K]>>;

test("a tab sees what agents write, and agents see what it writes", async ({ page }) => {
  relay.command(room, "planner", ["task", "add", "From the planner", "--id", "task-1"]);
  await open(page, "tab");
  await expect.poll(() => ask(page, "titles")).toContain("From the planner");
  await ask(page, "setTitle", "task-1", "From the tab");
  await expect.poll(() => ask(page, "unsent")).toBe(0);
  const got = relay.command(room, "planner", ["get", "project_state.active_tasks[task-1].title"]) as { value: string };
  expect(got.value).toBe("From the tab");
});

const both = ["Title of the planner", "Title of the tab"];

test("a tab edits offline, reconnects, merges, and shows it all again after a reload without a relay", async ({
  page,
}) => {
  relay.command(room, "planner", ["task", "add", "Shared title", "--id", "task-2"]);
  await open(page, "tab");
  await expect.poll(() => ask(page, "title", "task-2")).toBe("Shared title");
  await expect.poll(() => ask(page, "unsent")).toBe(0);
  await relay.kill();
  await ask(page, "setTitle", "task-2", "Title of the tab");
  relay.command(room, "planner", [
    "push",
    "--path",
    "project_state.active_tasks[task-2].title",
    "--to",
    '"Title of the planner"',
  ]);
  await relay.restart();
  relay.command(room, "planner", ["sync"]);
  await expect.poll(() => ask(page, "states"), { timeout: 45_000 }).toContain("live");
  await expect.poll(() => ask(page, "unsent"), { timeout: 45_000 }).toBe(0);
  await expect.poll(async () => [...(await ask(page, "values", "task-2"))].sort(), { timeout: 45_000 }).toEqual(both);
  // What the browser itself kept, with no relay to ask.
  await relay.kill();
  await page.reload();
  await page.waitForFunction(() => "tab" in globalThis);
  expect([...(await ask(page, "values", "task-2"))].sort()).toEqual(both);
  await relay.restart();
});
