/** An agent process that is killed with -9 and started again on the same store. */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { within } from "./patience.ts";

export interface Receipts {
  /** Said to be on the agent's own disk. */
  readonly queued: readonly string[];
  /** Said to be on the relay's disk. */
  readonly durable: readonly string[];
}

export class AgentUnderFire {
  readonly name: string;
  readonly storage: string;
  readonly #receiptsFile: string;
  readonly #program: string;
  #generation = 0;
  #child: ChildProcess | undefined;

  constructor(name: string, folder: string, program: string) {
    this.name = name;
    this.storage = join(folder, name);
    this.#program = program;
    this.#receiptsFile = join(folder, `${name}.receipts`);
  }

  async start(relay: string): Promise<void> {
    const args = [this.name, this.storage, relay, this.#receiptsFile, String(this.#generation)];
    this.#generation += 1;
    const child = fork(this.#program, args, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    this.#child = child;
    await within(this.#next(child), `${this.name} starts`);
  }

  async sync(): Promise<void> {
    await this.#ask("sync");
  }

  /** Sends everything and ends. Returns how many writes could not be sent. */
  async stop(): Promise<number> {
    const gone = once(this.#child as ChildProcess, "exit");
    const answer = (await this.#ask("stop")) as { readonly unsent: number };
    await within(gone, `${this.name} ends`);
    return answer.unsent;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  /** A line that was cut short was not written yet. */
  receipts(): Receipts {
    const lines = readFileSync(this.#receiptsFile, "utf8").split("\n").slice(0, -1);
    const of = (mark: string): string[] => lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(2));
    return { queued: of("q"), durable: of("d") };
  }

  #ask(question: string): Promise<unknown> {
    const child = this.#child as ChildProcess;
    const answer = this.#next(child);
    child.send(question);
    return within(answer, `${this.name} is asked to ${question}`);
  }

  async #next(child: ChildProcess): Promise<unknown> {
    const settled = new AbortController();
    // Not its exit, of which a busy parent may hear before it reads the last message: the channel ends behind that.
    const ended = once(child, "disconnect", { signal: settled.signal }).then(() => {
      throw new Error(`${this.name} ended by itself`);
    });
    ended.catch(() => undefined);
    try {
      const [message] = await Promise.race([once(child, "message", { signal: settled.signal }), ended]);
      return message;
    } finally {
      settled.abort();
    }
  }
}
