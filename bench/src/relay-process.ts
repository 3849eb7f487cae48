/** A relay in a process of its own, for benchmarks. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const cliFile = fileURLToPath(new URL("../../apps/cli/bin/context-mesh.mjs", import.meta.url));

export interface BenchRelay {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** With `BENCH_PROFILE=FOLDER` it leaves a processor profile of each of its threads there. */
export const startRelay = async (storage: string, port = 0, peers: readonly string[] = []): Promise<BenchRelay> => {
  const folder = process.env.BENCH_PROFILE;
  const profiling = folder === undefined ? [] : ["--cpu-prof", "--cpu-prof-dir", folder];
  const others = peers.flatMap((url) => ["--peer", url]);
  const args = [...profiling, cliFile, "up", "--json", "--port", String(port), "--storage", storage, ...others];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  const [line] = await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), "line");
  const { data } = JSON.parse(String(line)) as { data: { url: string; pid: number } };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  };
  return {
    url: data.url.replace(/\/$/, ""),
    port: Number(new URL(data.url).port),
    pid: data.pid,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
};
