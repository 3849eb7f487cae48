/** The command line as processes: run to the end, or started and spoken to. Everything started here is ended by its own id. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { systemClock } from "@context-mesh/common";
import { root } from "../source-files.ts";

export const cliFile = join(root, "apps", "cli", "bin", "context-mesh.mjs");
export const claudeSyncFile = join(root, "apps", "cli", "bin", "claude-sync.mjs");

/** No variable of the machine's own reaches a command. */
const cleanEnvironment = (home: string, env: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: home,
  XDG_STATE_HOME: join(home, "state"),
  XDG_CONFIG_HOME: join(home, "config"),
  ...env,
});

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The envelope, where stdout holds one. */
  readonly envelope: Envelope;
}

// biome-ignore lint/suspicious/noExplicitAny: reason: tests look into answers of many shapes
type Anything = any;

interface Envelope {
  readonly ok: boolean;
  readonly data: Anything;
  readonly warnings: readonly string[];
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint: string;
    readonly retryable: boolean;
    readonly details?: Anything;
  };
}

const envelopeIn = (text: string): Envelope => {
  try {
    return JSON.parse(text) as Envelope;
  } catch {
    return undefined as unknown as Envelope;
  }
};

export interface Started {
  readonly child: ChildProcess;
  readonly lines: Interface;
  /** The next line of stdout, as JSON. */
  next(): Promise<Anything>;
  stderr(): string;
  /** Sends a signal and resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface RelayUnderTest extends Started {
  readonly url: string;
  readonly inspector: string;
  readonly storage: string;
}

/** A command that takes longer than this hangs: better to hear which one than that a test took too long. */
const hangMs = 40_000;

/** A folder with the processes that work in it. */
export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), "context-mesh-cli-"));
  readonly #running = new Set<ChildProcess>();

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  start(args: readonly string[], env: Readonly<Record<string, string>> = {}, file = cliFile): Started {
    const child = spawn(process.execPath, [file, ...args], {
      cwd: this.folder,
      env: cleanEnvironment(this.folder, env),
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#running.add(child);
    child.once("exit", () => this.#running.delete(child));
    let stderr = "";
    child.stderr.on("data", (text: Buffer) => {
      stderr += text.toString();
    });
    const lines = createInterface({ input: child.stdout });
    const waiting = lines[Symbol.asyncIterator]();
    return {
      child,
      lines,
      stderr: () => stderr,
      next: async () => {
        const { value, done } = await waiting.next();
        if (done === true) throw new Error(`the process ended: ${stderr}`);
        return JSON.parse(value as string) as Anything;
      },
      stop: async (signal = "SIGTERM") => {
        if (child.exitCode === null && child.signalCode === null) {
          const gone = once(child, "exit");
          child.kill(signal);
          await gone;
        }
        return child.exitCode;
      },
    };
  }

  async run(
    args: readonly string[],
    options: {
      readonly env?: Readonly<Record<string, string>>;
      readonly file?: string;
      readonly cwd?: string;
      readonly input?: string;
    } = {},
  ): Promise<Ended> {
    const child = spawn(process.execPath, [options.file ?? cliFile, ...args], {
      cwd: options.cwd ?? this.folder,
      env: cleanEnvironment(this.folder, options.env ?? {}),
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#running.add(child);
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (text: Buffer) => {
      stdout += text.toString();
    });
    child.stderr.on("data", (text: Buffer) => {
      stderr += text.toString();
    });
    child.stdin.end(options.input ?? "");
    const hanging = systemClock.after(hangMs, () => child.kill("SIGKILL"));
    await once(child, "close");
    hanging.cancel();
    this.#running.delete(child);
    if (child.signalCode === "SIGKILL") throw new Error(`hung: ${args.join(" ")}\n${stdout}\n${stderr}`);
    return { code: child.exitCode, stdout, stderr, envelope: envelopeIn(stdout) };
  }

  /** An agent's way to call: its room, name, relays and store, and --json. */
  agent(name: string, relays: readonly string[], room = "test/room") {
    const flags = [
      ...["--room", room, "--agent", name, "--storage", this.path("stores", name)],
      ...relays.flatMap((url) => ["--relay", url]),
    ];
    return (...args: string[]): Promise<Ended> => this.run([...args, ...flags, "--json"]);
  }

  async relay(args: readonly string[] = [], name = "relay"): Promise<RelayUnderTest> {
    const storage = this.path(name);
    const started = this.start(["up", "--json", "--port", "0", "--storage", storage, ...args]);
    const { ok, data, error } = await started.next();
    if (ok !== true) throw new Error(`up: ${JSON.stringify(error)} ${started.stderr()}`);
    return { ...started, url: data.url, inspector: data.inspector, storage };
  }

  async end(): Promise<void> {
    for (const child of this.#running) {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** An address of this machine where nothing listens. */
export const nowhere = "ws://127.0.0.1:9";
