/** A real relay as a process of its own, and the command line against it. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const cliFile = fileURLToPath(new URL("../apps/cli/bin/context-mesh.mjs", import.meta.url));

interface Addresses {
  readonly url: string;
  readonly inspector: string;
}

export interface RelayUnderTest extends Addresses {
  /** Runs one command in a room of this relay and returns its `data`. */
  command(room: string, agent: string, args: readonly string[]): unknown;
  /** kill -9; the store stays. */
  kill(): Promise<void>;
  /** Again on the same store and port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

interface RelayOptions {
  /** Where the relay's log goes; by default to the log of the tests. */
  readonly logFile?: string;
}

const launch = async (
  args: readonly string[],
  { logFile }: RelayOptions,
): Promise<{ child: ChildProcess; addresses: Addresses }> => {
  const log = logFile === undefined ? "inherit" : openSync(logFile, "a");
  const env = { ...process.env, ...(logFile === undefined ? {} : { CONTEXT_MESH_LOG: "debug" }) };
  const child = spawn(process.execPath, [cliFile, "up", "--json", ...args], { stdio: ["ignore", "pipe", log], env });
  if (typeof log === "number") closeSync(log);
  const [line] = await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), "line");
  return { child, addresses: (JSON.parse(String(line)) as { data: Addresses }).data };
};

const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill(signal);
  await gone;
};

export const startRelay = async (
  flags: readonly string[] = [],
  options: RelayOptions = {},
): Promise<RelayUnderTest> => {
  const folder = mkdtempSync(join(tmpdir(), "context-mesh-e2e-"));
  const storage = ["--storage", join(folder, "relay"), ...flags];
  let { child, addresses } = await launch(["--port", "0", ...storage], options);
  return {
    ...addresses,
    command: (room, agent, args) => {
      const own = [
        "--room",
        room,
        "--agent",
        agent,
        "--relay",
        addresses.url,
        "--storage",
        join(folder, agent),
        "--json",
      ];
      const output = execFileSync(process.execPath, [cliFile, ...args, ...own], { cwd: folder, encoding: "utf8" });
      return (JSON.parse(output) as { data: unknown }).data;
    },
    kill: () => end(child, "SIGKILL"),
    async restart() {
      ({ child, addresses } = await launch(["--port", new URL(addresses.url).port, ...storage], options));
    },
    async stop() {
      await end(child, "SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
