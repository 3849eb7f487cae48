/** The demo's processes: relays and agents started, spoken to, and ended, each by its own id. */

import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { AgentAnswer, AgentCommand, AgentReport } from "./messages.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
export const repository = join(here, "..", "..", "..");
export const cliFile = join(repository, "apps", "cli", "bin", "context-mesh.mjs");

const running = new Set<ChildProcess>();

const track = (child: ChildProcess): ChildProcess => {
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
};

export const killAll = (): void => {
  for (const child of running) child.kill("SIGKILL");
};

const exited = (child: ChildProcess): Promise<unknown> =>
  child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : once(child, "exit");

export interface RelayProcess {
  readonly url: string;
  readonly port: number;
  readonly storage: string;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts `context-mesh up` and resolves when it says that it is ready. */
export const startRelay = async (options: {
  readonly storage: string;
  readonly port: number;
  readonly peers: readonly string[];
}): Promise<RelayProcess> => {
  const peers = options.peers.flatMap((url) => ["--peer", url]);
  const args = [cliFile, "up", "--json", "--port", String(options.port), "--storage", options.storage, ...peers];
  const child = track(spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] }));
  let narration = "";
  child.stderr?.on("data", (text: Buffer) => {
    narration = (narration + text.toString()).slice(-4_000);
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const ready = await Promise.race([once(lines, "line"), exited(child).then(() => undefined)]);
  if (ready === undefined) throw new Error(`the relay ended before it was ready:\n${narration}`);
  const line = JSON.parse(String(ready[0])) as { ok: boolean; data: { url: string } };
  if (!line.ok) throw new Error(`the relay did not start: ${String(ready[0])}`);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await exited(child);
  };
  return {
    url: line.data.url.replace(/\/$/, ""),
    port: Number(new URL(line.data.url).port),
    storage: options.storage,
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
  };
};

export interface AgentProcess {
  readonly name: string;
  ask(command: AgentCommand): Promise<AgentReport>;
  /** Sends a command without waiting for its answer. */
  tell(command: AgentCommand): void;
  kill(): Promise<void>;
}

/** Answers in order, for whoever asks next; a process that ended fails everybody who waits. */
const answersOf = (child: ChildProcess, name: string): { next(): Promise<AgentAnswer> } => {
  const arrived: AgentAnswer[] = [];
  const waiting: { resolve: (answer: AgentAnswer) => void; reject: (error: Error) => void }[] = [];
  let isGone = false;
  child.on("message", (answer: AgentAnswer) => {
    const first = waiting.shift();
    if (first === undefined) arrived.push(answer);
    else first.resolve(answer);
  });
  child.once("exit", () => {
    isGone = true;
    for (const { reject } of waiting.splice(0)) reject(new Error(`agent ${name} ended`));
  });
  return {
    next: () =>
      new Promise((resolve, reject) => {
        const first = arrived.shift();
        if (first !== undefined) resolve(first);
        else if (isGone) reject(new Error(`agent ${name} ended`));
        else waiting.push({ resolve, reject });
      }),
  };
};

export const startAgent = async (options: {
  readonly name: string;
  readonly room: string;
  readonly storage: string;
  readonly receiptsFile: string;
  readonly relays: readonly string[];
  readonly offline?: boolean;
}): Promise<AgentProcess> => {
  const presence = options.offline === true ? "offline" : "online";
  const args = [options.name, options.room, options.storage, options.receiptsFile, options.relays.join(","), presence];
  const child = track(fork(join(here, "agent.js"), args, { stdio: ["ignore", "inherit", "inherit", "ipc"] }));
  const answers = answersOf(child, options.name);
  const next = (): Promise<AgentAnswer> => answers.next();
  await next();
  const ask = async (command: AgentCommand): Promise<AgentReport> => {
    child.send(command);
    const answer = await next();
    if (answer.is !== "done") throw new Error(`agent ${options.name}: ${JSON.stringify(answer)}`);
    return answer.report;
  };
  return {
    name: options.name,
    ask,
    // Answers come in the order of the questions, so this one is waited for too; a killed agent never gives it.
    tell: (command) => void ask(command).catch(() => {}),
    async kill() {
      child.kill("SIGKILL");
      await exited(child);
    },
  };
};

/** Runs one of our commands to its end. */
export const runNode = async (
  file: string,
  args: readonly string[],
  cwd: string,
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> => {
  const child = track(spawn(process.execPath, [file, ...args], { cwd, stdio: ["ignore", "pipe", "pipe"] }));
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (text: Buffer) => {
    stdout += text.toString();
  });
  child.stderr?.on("data", (text: Buffer) => {
    stderr += text.toString();
  });
  await once(child, "close");
  return { code: child.exitCode ?? 1, stdout, stderr };
};
