/** The receiving agent of the message benchmark as a process: ordered about, and listened to. */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { wordOf } from "./child-word.ts";
import type { AgentOrder, AgentWord } from "./message-agent.ts";

export class Receiver {
  readonly #child: ChildProcess;
  readonly #ready: Promise<unknown>;

  constructor(relay: string, storage: string, room: string) {
    const file = fileURLToPath(new URL("./message-agent.js", import.meta.url));
    const stdio = ["ignore", "ignore", "inherit", "ipc"] as const;
    this.#child = fork(file, [relay, storage, room], { stdio: [...stdio] });
    this.#ready = this.#next("ready");
  }

  started(): Promise<unknown> {
    return this.#ready;
  }

  async order(order: AgentOrder): Promise<void> {
    const ready = this.#next("ready");
    this.#child.send(order);
    await ready;
  }

  async report(): Promise<AgentWord & { readonly word: "counted" }> {
    const counted = this.#next("counted");
    this.#child.send({ do: "report" } satisfies AgentOrder);
    return counted;
  }

  woken(): Promise<AgentWord & { readonly word: "woken" }> {
    return this.#next("woken");
  }

  async leave(): Promise<void> {
    const gone = once(this.#child, "exit");
    this.#child.send({ do: "leave" } satisfies AgentOrder);
    await gone;
  }

  #next<W extends AgentWord["word"]>(word: W): Promise<AgentWord & { readonly word: W }> {
    return wordOf<AgentWord & { readonly word: W }>(this.#child, (said) => said.word === word, word);
  }
}
