/**
 * Starting what a working agent is made of, in parallel and one after another: a store with a 2 MB document, four relays at
 * 50 ms round trip, 200 status files, the inspector. The same components, the same steps; nothing sleeps but the link.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join as joinPath } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { orThrow, Starter, type StartMode, type StartReport, type Step, systemClock } from "@context-mesh/common";
import { readStatusFile } from "@context-mesh/coordination/status";
import { inspectorFiles } from "@context-mesh/inspector";
import { statusFiles } from "@context-mesh/status-files";
import { join, type Mesh } from "context-mesh";
import { type BenchRelay, startRelay } from "../relay-process.ts";
import type { Figure } from "../result.ts";
import { eventually, inTemporaryFolder, median, percentLess } from "./measure.ts";

const relayCount = 4;
const roundTripMs = 50;
const statusFileCount = 200;
const room = "start";

const tasks = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    id: `task-${n}`,
    status: "pending",
    title: `Task number ${n}`,
    description: Array.from({ length: 24 }, (_, word) => `word${(n * 31 + word * 17) % 9_973}`).join(" "),
  }));

/** About 2 MB of JSON. */
const context = { version: "2.0", project_state: { active_tasks: tasks(7_000) } };

const startProxies = async (ports: readonly number[]): Promise<{ urls: readonly string[]; stop(): void }> => {
  const file = fileURLToPath(new URL("./delay-proxy.js", import.meta.url));
  const child = spawn(process.execPath, [file, String(roundTripMs), ...ports.map(String)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const urls = (JSON.parse(String(line)) as number[]).map((port) => `ws://127.0.0.1:${port}`);
  return { urls, stop: () => child.stdin.end() };
};

const writeStatusFiles = (folder: string): readonly string[] => {
  mkdirSync(folder, { recursive: true });
  return Array.from({ length: statusFileCount }, (_, n) => {
    const file = joinPath(folder, `agent-${n}.json`);
    const current = Array.from({ length: 12 }, (_, k) => ({
      id: `t${n}-${k}`,
      status: "in_progress",
      title: `Work ${k}`,
    }));
    const status = { agent_id: `agent-${n}`, status: "active", last_updated: "2026-02-03T04:05:06Z", tasks: current };
    writeFileSync(file, JSON.stringify(status, null, 2));
    return file;
  });
};

interface Place {
  readonly storage: string;
  readonly home: string;
  readonly statusFiles: readonly string[];
}

const enter = (place: Place, relays: readonly string[], startMode: StartMode): Promise<Mesh> =>
  join(
    { room, agent: "starter", relays, storage: place.storage, cwd: place.home },
    { env: { CONTEXT_MESH_HOME: place.home, XDG_CONFIG_HOME: place.home }, node: { startMode } },
  );

const untilLive = (mesh: Mesh, count: number): Promise<void> =>
  new Promise((resolve) => {
    const live = new Set(mesh.relays().flatMap(({ url, state }) => (state === "live" ? [url] : [])));
    const off = mesh.on("relay", ({ url, state }) => {
      if (state === "live") live.add(url);
      if (live.size < count) return;
      off();
      resolve();
    });
    if (live.size >= count) resolve();
  });

const steps = (place: Place, relays: readonly string[], mode: StartMode): readonly Step[] => {
  let mesh: Mesh | undefined;
  const files = place.statusFiles.map(
    (file, n): Step => ({
      name: `status file ${n}`,
      group: "status files",
      start: async () => {
        const [found] = await statusFiles({ files: [file], cwd: "/", clock: systemClock }).read();
        readStatusFile(found?.bytes ?? new Uint8Array(), { file, nowMs: systemClock.wallMs() });
        return undefined;
      },
    }),
  );
  return [
    {
      name: "agent",
      start: async () => {
        const joined = await enter(place, relays, mode);
        mesh = joined;
        return async () => void (await joined.leave({ flushMs: 0 }));
      },
    },
    {
      name: "relays",
      needs: { agent: "blocking" },
      start: async () => {
        await untilLive(mesh as Mesh, relays.length);
        return undefined;
      },
    },
    ...files,
    {
      name: "status watch",
      start: () => statusFiles({ files: place.statusFiles, cwd: "/", clock: systemClock }).watch(() => {}),
    },
    {
      name: "inspector",
      start: async () => {
        const pages = inspectorFiles();
        const server = createServer((request, response) => response.end(pages.get(request.url ?? "/")?.body));
        server.listen(0, "127.0.0.1");
        await once(server, "listening");
        return () => void server.close();
      },
    },
  ];
};

const startOnce = async (place: Place, relays: readonly string[], mode: StartMode): Promise<StartReport> => {
  const starter = new Starter({
    clock: systemClock,
    mode,
    workersMax: 32,
    groups: { "status files": 16 },
    steps: steps(place, relays, mode),
  });
  const report = orThrow(await starter.start());
  await starter.stop();
  return report;
};

interface Compared {
  readonly serialMs: number;
  readonly parallelMs: number;
  readonly detail: string;
}

/** In turn, so that both meet the same machine. */
const compare = async (place: Place, relays: readonly string[], runs: number): Promise<Compared> => {
  await startOnce(place, relays, "parallel");
  const [serial, parallel]: [StartReport[], StartReport[]] = [[], []];
  for (let n = 0; n < runs; n += 1) {
    serial.push(await startOnce(place, relays, "serial"));
    parallel.push(await startOnce(place, relays, "parallel"));
  }
  const long = serial[0]?.steps
    .filter(({ tookMs }) => tookMs > 5)
    .map(({ name, tookMs }) => `${name} ${Math.round(tookMs)}`);
  return {
    serialMs: median(serial.map(({ tookMs }) => tookMs)),
    parallelMs: median(parallel.map(({ tookMs }) => tookMs)),
    detail: long?.join(", ") ?? "",
  };
};

const prepare = async (place: Place, urls: readonly string[]): Promise<void> => {
  const mesh = await enter(place, urls, "parallel");
  mesh.import(context as Parameters<Mesh["import"]>[0]);
  await eventually(() => mesh.relays().every(({ synced, lagMs }) => synced && lagMs === 0), "all relays have it");
  await mesh.leave();
};

export const run = (say: (text: string) => void, runs = 7): Promise<readonly Figure[]> =>
  inTemporaryFolder("start", async (folder) => {
    const relays: BenchRelay[] = [];
    for (let n = 0; n < relayCount; n += 1) relays.push(await startRelay(joinPath(folder, `relay-${n}`)));
    const place: Place = {
      storage: joinPath(folder, "agent"),
      home: folder,
      statusFiles: writeStatusFiles(joinPath(folder, "status")),
    };
    const direct = relays.map(({ url }) => url);
    await prepare(place, direct);
    const proxies = await startProxies(relays.map(({ port }) => port));
    const slow = await compare(place, proxies.urls, runs);
    say(`one after another with the link: ${slow.detail}`);
    const fast = await compare(place, direct, runs);
    say(`one after another without the link: ${fast.detail}`);
    proxies.stop();
    for (const relay of relays) await relay.stop();
    const saved = percentLess(slow.parallelMs, slow.serialMs);
    const what = `a 2 MB document, ${relayCount} relays, ${statusFileCount} status files, the inspector`;
    const common = { unit: "ms", package: "packages/common" } as const;
    return [
      {
        clause: "COORD-1a",
        what: `start in parallel, less time than one after another: ${what}, ${roundTripMs} ms round trip`,
        figure: saved,
        unit: "%",
        target: 70,
        pass: saved >= 70,
        baseline: { what: "one after another, ms", figure: slow.serialMs },
        package: "packages/common",
      },
      {
        ...common,
        what: "start in parallel, with the round trips",
        figure: slow.parallelMs,
        target: 500,
        pass: slow.parallelMs <= 500,
      },
      {
        ...common,
        what: "start in parallel, without the round trips",
        figure: fast.parallelMs,
        baseline: { what: "one after another, ms", figure: fast.serialMs },
      },
    ];
  });
