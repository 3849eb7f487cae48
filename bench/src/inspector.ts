/** The inspector in a real browser: what is loaded first, when a large room is painted, how long lists scroll, what stays in memory. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { type Browser, type BrowserContext, chromium, type Page } from "@playwright/test";
import { join, type Mesh } from "context-mesh";
import { type BenchRelay, startRelay } from "./relay-process.ts";
import type { Figure } from "./result.ts";

const pageFolder = fileURLToPath(new URL("../../apps/inspector/dist/page/", import.meta.url));
const inspectorPackage = "apps/inspector";
const paintRuns = 10;
const tasksOfLongList = 10_000;
const scrollMs = 3_000;
const updatesPerSecond = 20;
const memorySeconds = 150;
const warmUpSeconds = 45;
const roomBytes = 2_500_000;

const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--js-flags=--expose-gc"],
  });

const inspectorOf = ({ url }: BenchRelay): string => `${url.replace(/^ws/, "http")}/`;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const compressed = (file: string): number => gzipSync(readFileSync(joinPath(pageFolder, file)), { level: 9 }).length;

/** What the page names itself, with its styles; everything else is loaded later. */
const bundleFigures = (): readonly Figure[] => {
  const html = readFileSync(joinPath(pageFolder, "index.html"), "utf8");
  const named = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map((match) => match[1] as string);
  const first = compressed("index.html") + named.reduce((sum, file) => sum + compressed(file), 0);
  const all = readdirSync(joinPath(pageFolder, "assets")).reduce((sum, file) => sum + compressed(`assets/${file}`), 0);
  return [
    {
      clause: "UI-7a",
      what: "first load of the inspector, compressed",
      figure: first / 1_000,
      unit: "KB",
      target: 80,
      pass: first <= 80_000,
      baseline: { what: "everything that any view loads", figure: all / 1_000 },
      package: inspectorPackage,
    },
  ];
};

const agentOf = async (relay: BenchRelay, room: string, folder: string): Promise<Mesh> => {
  const storage = joinPath(folder, room.replaceAll("/", "-"));
  return join({ room, agent: { id: "bench", roles: ["bench"] }, relays: [relay.url], storage, cwd: folder });
};

const contextOf = (browser: Browser): Promise<BrowserContext> =>
  browser.newContext({ viewport: { width: 1280, height: 900 } });

const pageIn = async (context: BrowserContext, address: string): Promise<Page> => {
  const page = await context.newPage();
  await page.goto(address, { waitUntil: "commit" });
  return page;
};

const pageOf = async (browser: Browser, address: string): Promise<Page> => pageIn(await contextOf(browser), address);

/** Milliseconds from the start of the navigation until the frame after the one that has this on the page. */
const paintedAfter = (page: Page, selector: string): Promise<number> =>
  page.evaluate(
    (wanted) =>
      new Promise<number>((resolve) => {
        const look = (): void => {
          if (document.querySelector(wanted) === null) requestAnimationFrame(look);
          else requestAnimationFrame(() => resolve(performance.now()));
        };
        look();
      }),
    selector,
  );

const firstCard = "a.card";
const live = '.strip [data-state="live"]';

interface Visit {
  /** Until the first card, in a browser that was never here. */
  readonly first: number;
  /** Until the tab's own node is in sync. */
  readonly live: number;
  /** Until the first card, in a browser that was here before and kept the digest and the page. */
  readonly again: number;
}

const visit = async (browser: Browser, address: string): Promise<Visit> => {
  const context = await contextOf(browser);
  const page = await pageIn(context, address);
  const [first, synced] = await Promise.all([paintedAfter(page, firstCard), paintedAfter(page, live)]);
  await page.waitForFunction(async () => {
    const isDigestKept = Object.keys(localStorage).some((name) => name.includes("digest"));
    return isDigestKept && (await navigator.serviceWorker.getRegistration())?.active?.state === "activated";
  });
  await page.close();
  const again = await paintedAfter(await pageIn(context, address), firstCard);
  await context.close();
  return { first, live: synced, again };
};

const largeContext = (): Parameters<Mesh["import"]>[0] => {
  const text = "What it is about, as somebody would write it down for the others to read. ".repeat(6);
  const tasks = Array.from({ length: Math.ceil(roomBytes / (text.length + 120)) }, (_, at) => ({
    id: `task-${at}`,
    title: `Task number ${at}`,
    status: at % 3 === 0 ? "in_progress" : "pending",
    description: text,
  }));
  return { project_state: { active_tasks: tasks } };
};

const paintFigures = async (browser: Browser, relay: BenchRelay, folder: string): Promise<readonly Figure[]> => {
  const mesh = await agentOf(relay, "bench/large", folder);
  await mesh.import(largeContext()).receipt.reached("durable");
  const address = `${inspectorOf(relay)}?room=bench%2Flarge`;
  await visit(browser, address);
  const visits: Visit[] = [];
  for (let run = 0; run < paintRuns; run += 1) visits.push(await visit(browser, address));
  await mesh.leave();
  const baseline = { what: "until the tab's own node is in sync", figure: median(visits.map((one) => one.live)) };
  const figureOf = (clause: string, what: string, figure: number): Figure => ({
    clause,
    what: `first paint of a 2.5 MB room, p50 of ten ${what}`,
    figure,
    unit: "ms",
    target: 500,
    pass: figure <= 500,
    baseline,
    package: inspectorPackage,
  });
  return [
    figureOf("UI-1a", "first visits", median(visits.map((one) => one.first))),
    figureOf("UI-1c", "return visits", median(visits.map((one) => one.again))),
  ];
};

/** Changes of one field after the other, as many a second as busy agents make. */
const writeFor = async (mesh: Mesh, seconds: number): Promise<void> => {
  const until = performance.now() + seconds * 1_000;
  for (let at = 0; performance.now() < until; at += 1) {
    mesh.tasks.update(`t-${at % 200}`, { progress: `${at}` });
    await new Promise((resolve) => setTimeout(resolve, 1_000 / updatesPerSecond));
  }
};

/** Frames a second while a list is scrolled by 300 px a frame. */
const scrollRate = (page: Page, selector: string): Promise<number> =>
  page.evaluate(
    ([wanted, ms]) =>
      new Promise<number>((resolve) => {
        const list = document.querySelector(wanted as string) as HTMLElement;
        const began = performance.now();
        let frames = 0;
        let step = 300;
        const frame = (): void => {
          frames += 1;
          if (list.scrollTop + list.clientHeight >= list.scrollHeight - 300) step = -300;
          if (list.scrollTop <= 0) step = 300;
          list.scrollTop += step;
          const passed = performance.now() - began;
          if (passed < (ms as number)) requestAnimationFrame(frame);
          else resolve((frames * 1_000) / passed);
        };
        requestAnimationFrame(frame);
      }),
    [selector, scrollMs] as const,
  );

/** The same cards, all on the page at once. */
const plainList = (page: Page): Promise<void> =>
  page.evaluate((count) => {
    const card = document.querySelector('[data-column="ready"] .card') as HTMLElement;
    const list = document.createElement("div");
    list.id = "plain";
    list.style.cssText = "height:32rem;overflow:auto";
    for (let at = 0; at < count; at += 1) list.append(card.cloneNode(true));
    document.body.replaceChildren(list);
  }, tasksOfLongList);

const scrollFigures = async (browser: Browser, relay: BenchRelay, folder: string): Promise<readonly Figure[]> => {
  const mesh = await agentOf(relay, "bench/long", folder);
  const tasks = Array.from({ length: tasksOfLongList }, (_, at) => ({ id: `t-${at}`, title: `Task number ${at}` }));
  await mesh.import({ project_state: { active_tasks: tasks } }).receipt.reached("durable");
  const page = await pageOf(browser, `${inspectorOf(relay)}?room=bench%2Flong#/board`);
  await page.locator('.strip [data-state="live"]').waitFor({ timeout: 120_000 });
  const list = '[data-column="ready"] .scroller:has(> .rows)';
  await page.locator(list).waitFor({ timeout: 120_000 });
  const figure = await scrollRate(page, list);
  const writing = writeFor(mesh, scrollMs / 1_000 + 1);
  const busy = await scrollRate(page, list);
  await writing;
  await plainList(page);
  const baseline = { what: "with all cards on the page", figure: await scrollRate(page, "#plain") };
  await page.context().close();
  await mesh.leave();
  const what = "scrolling 10,000 tasks, frames a second";
  const figureOf = (text: string, value: number) =>
    ({
      what: text,
      figure: value,
      unit: "fps",
      target: 50,
      pass: value >= 50,
      baseline,
      package: inspectorPackage,
    }) as const;
  return [
    { clause: "UI-7b", ...figureOf(what, figure) },
    figureOf(`${what}, while ${updatesPerSecond} updates a second come in`, busy),
  ];
};

const memoryFigures = async (browser: Browser, relay: BenchRelay, folder: string): Promise<readonly Figure[]> => {
  const mesh = await agentOf(relay, "bench/memory", folder);
  for (let at = 0; at < 200; at += 1) mesh.tasks.add({ id: `t-${at}`, title: `Task ${at}` });
  const page = await pageOf(browser, `${inspectorOf(relay)}?room=bench%2Fmemory`);
  await page.locator('.strip [data-state="live"]').waitFor({ timeout: 60_000 });
  const session = await page.context().newCDPSession(page);
  const heapMb = async (): Promise<number> => {
    await session.send("HeapProfiler.collectGarbage");
    return ((await session.send("Runtime.getHeapUsage")) as { usedSize: number }).usedSize / 1e6;
  };
  await writeFor(mesh, warmUpSeconds);
  const before = await heapMb();
  await writeFor(mesh, memorySeconds);
  const after = await heapMb();
  await page.context().close();
  await mesh.leave();
  const perHour = ((after - before) * 3_600) / memorySeconds;
  return [
    {
      clause: "UI-7c",
      what: `heap growth an hour at 20 updates a second, extrapolated from ${memorySeconds} s`,
      figure: perHour,
      unit: "MB/h",
      target: 60,
      pass: perHour <= 60,
      baseline: { what: "the heap after warming up, MB", figure: before },
      package: inspectorPackage,
    },
  ];
};

export const run = async (say: (text: string) => void): Promise<readonly Figure[]> => {
  const folder = mkdtempSync(joinPath(tmpdir(), "context-mesh-bench-inspector-"));
  const relay = await startRelay(joinPath(folder, "relay"));
  const browser = await launch();
  const figures: Figure[] = [...bundleFigures()];
  try {
    for (const part of [paintFigures, scrollFigures, memoryFigures]) {
      say(`  ${part.name}`);
      figures.push(...(await part(browser, relay, folder)));
    }
  } finally {
    await browser.close();
    await relay.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return figures;
};
