/** The real relay, as `context-mesh up` starts it, in a process of its own whose event loop is watched. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { LoopQuestion, LoopReport } from "./loop-watch.ts";

const cliFile = fileURLToPath(new URL("../../../apps/cli/bin/context-mesh.mjs", import.meta.url));
const watchFile = new URL("../dist/loop-watch.js", import.meta.url).href;
const prefix = "context_mesh_relay_";

export class WatchedRelay {
  readonly storage: string;
  #child: ChildProcess | undefined;
  #port = 0;

  constructor(storage: string) {
    this.storage = storage;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  get pid(): number {
    return this.#child?.pid as number;
  }

  get isUp(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** At the port it had before, if it was started before. */
  async start(flags: readonly string[] = [], nodeFlags: readonly string[] = []): Promise<void> {
    const node = ["--expose-gc", "--import", watchFile, ...nodeFlags];
    const args = [...node, cliFile, "up", "--json", "--port", String(this.#port), "--storage", this.storage, ...flags];
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", "pipe", "ignore", "ipc"],
      env: { ...process.env, CONTEXT_MESH_LOG: "error" },
    });
    this.#child = child;
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    const first = await Promise.race([once(lines, "line"), once(child, "exit").then(() => undefined)]);
    if (first === undefined) throw new Error("the relay ended before it was ready");
    const { data } = JSON.parse(String(first[0])) as { data: { url: string } };
    this.#port = Number(new URL(data.url).port);
  }

  /** What `/metrics` says, by the names of the relay's own table. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    const text = await (await fetch(`http://127.0.0.1:${this.#port}/metrics`)).text();
    const values = new Map<string, number>();
    for (const line of text.split("\n")) {
      const match = /^(\w+?)(?:_total)?(\{[^}]*\})? ([\d.e+-]+)$/.exec(line);
      if (match === null || !(match[1] as string).startsWith(prefix)) continue;
      values.set(`${(match[1] as string).slice(prefix.length)}${match[2] ?? ""}`, Number(match[3]));
    }
    return values;
  }

  async report(question: LoopQuestion = "report"): Promise<LoopReport> {
    const child = this.#child as ChildProcess;
    const answer = once(child, "message");
    child.send(question);
    return (await answer)[0] as LoopReport;
  }

  /** Returns how the process ended. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || !this.isUp) return child?.exitCode ?? null;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
    return child.exitCode;
  }
}
