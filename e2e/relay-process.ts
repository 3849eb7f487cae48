/** A real relay as a process of its own, and the command line against it. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const cliFile = fileURLToPath(new URL("../apps/cli/bin/context-mesh.mjs", import.meta.url));

export interface RelayUnderTest {
  readonly url: string;
  readonly inspector: string;
  /** Runs one command against this relay and returns its `data`. */
  command(agent: string, args: readonly string[]): unknown;
  stop(): Promise<void>;
}

export const startRelay = async (room: string): Promise<RelayUnderTest> => {
  const folder = mkdtempSync(join(tmpdir(), "context-mesh-e2e-"));
  const relay: ChildProcess = spawn(
    process.execPath,
    [cliFile, "up", "--json", "--port", "0", "--storage", join(folder, "relay")],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [line] = await once(createInterface({ input: relay.stdout as NodeJS.ReadableStream }), "line");
  const { data } = JSON.parse(String(line)) as { data: { url: string; inspector: string } };
  return {
    url: data.url,
    inspector: data.inspector,
    command: (agent, args) => {
      const flags = ["--room", room, "--agent", agent, "--relay", data.url, "--storage", join(folder, agent), "--json"];
      const output = execFileSync(process.execPath, [cliFile, ...args, ...flags], { cwd: folder, encoding: "utf8" });
      return (JSON.parse(output) as { data: unknown }).data;
    },
    async stop() {
      const gone = once(relay, "exit");
      relay.kill("SIGTERM");
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
