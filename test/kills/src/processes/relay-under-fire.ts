/** A relay process that is killed with -9 and started again on the same store and port. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { within } from "./patience.ts";

const cliFile = fileURLToPath(new URL("../../../../apps/cli/bin/context-mesh.mjs", import.meta.url));

export class RelayUnderFire {
  readonly storage: string;
  #port = 0;
  #child: ChildProcess | undefined;

  constructor(storage: string) {
    this.storage = storage;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const args = [cliFile, "up", "--json", "--port", String(this.#port), "--storage", this.storage];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
    this.#child = child;
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    const word = Promise.race([once(lines, "line"), once(child, "exit").then(() => undefined)]);
    const first = await within(word, "the relay starts");
    if (first === undefined) throw new Error("the relay ended before it was ready");
    const { data } = JSON.parse(String(first[0])) as { data: { url: string } };
    this.#port = Number(new URL(data.url).port);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
}
