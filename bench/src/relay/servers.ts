/** The servers that are compared, each as a process of its own: a bare broadcast server, two neighbours, and our relay. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sleep, systemClock } from "@context-mesh/common";
import { startRelay } from "../relay-process.ts";

export type ServerKind = "bare" | "y-websocket" | "hocuspocus" | "ours";
/** Hocuspocus puts the room's name in front of every message and wants a token first. */
type Dialect = "y-websocket" | "hocuspocus";

export interface BenchServer {
  readonly kind: ServerKind;
  readonly dialect: Dialect;
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

const hocuspocusVersion = "4.7.0";
const serversFolder = fileURLToPath(new URL("../../servers/", import.meta.url));

/**
 * Installs Hocuspocus into a temporary folder, once a machine; its SQLite driver is compiled there, which takes minutes.
 * Returns undefined where that fails: the comparison then goes without it and says so.
 */
export const installHocuspocus = (say: (text: string) => void): string | undefined => {
  const folder = join(tmpdir(), `context-mesh-bench-hocuspocus-${hocuspocusVersion}`);
  if (existsSync(join(folder, "ready"))) return folder;
  say(`installing hocuspocus ${hocuspocusVersion} into a temporary folder (minutes, once) …`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }');
  const packages = ["server", "extension-sqlite"].map((name) => `@hocuspocus/${name}@${hocuspocusVersion}`);
  const flags = ["--no-audit", "--no-fund", "--engine-strict=false"];
  try {
    execFileSync("npm", ["install", ...flags, ...packages], { cwd: folder, stdio: "ignore", timeout: 900_000 });
    execFileSync(process.execPath, ["-e", "require('better-sqlite3')(':memory:')"], { cwd: folder, stdio: "ignore" });
  } catch {
    say("hocuspocus could not be installed here; it is left out");
    return undefined;
  }
  writeFileSync(join(folder, "ready"), "");
  return folder;
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
};

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => socket.end(() => resolve(true)));
    socket.once("error", () => resolve(false));
  });

const untilListening = async (port: number): Promise<void> => {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await isListening(port)) return;
    await sleep(systemClock, 50);
  }
  throw new Error(`no server came up on port ${port}`);
};

const stopChild = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
};

const spawned = async (
  kind: ServerKind,
  dialect: Dialect,
  file: string,
  env: Record<string, string>,
): Promise<BenchServer> => {
  const port = await freePort();
  const child = spawn(process.execPath, [file], {
    stdio: "ignore",
    env: { ...process.env, ...env, PORT: String(port) },
  });
  await untilListening(port);
  return { kind, dialect, port, pid: child.pid ?? 0, stop: () => stopChild(child) };
};

export const startServer = async (kind: ServerKind, folder: string, hocuspocus: string): Promise<BenchServer> => {
  switch (kind) {
    case "bare":
      return await spawned(kind, "y-websocket", join(serversFolder, "bare.mjs"), {});
    case "y-websocket": {
      const manifest = createRequire(import.meta.url).resolve("y-websocket-v2/package.json");
      return await spawned(kind, "y-websocket", join(manifest, "../bin/server.cjs"), { HOST: "127.0.0.1" });
    }
    case "hocuspocus":
      return await spawned(kind, "hocuspocus", join(serversFolder, "hocuspocus.mjs"), {
        MODULES: hocuspocus,
        DATABASE: join(folder, "hocuspocus.db"),
      });
    case "ours": {
      const { port, pid, stop } = await startRelay(join(folder, "relay"));
      return { kind, dialect: "y-websocket", port, pid, stop };
    }
  }
};

/** Not one of the compared: pours bytes into sockets, the floor of what a join can cost. */
export const startPour = (bytes: number): Promise<BenchServer> =>
  spawned("bare", "y-websocket", join(serversFolder, "pour.mjs"), { BYTES: String(bytes) });

const ticksPerSecond = 100;

/** Processor time of a process so far, all threads, user and system, in seconds. */
export const cpuSeconds = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
};

/** Resident memory of a process, in bytes. */
export const residentBytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1_024;
