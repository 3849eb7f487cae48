/** The other end of the message benchmark: an agent in a process of its own. Each number counts once, whatever comes. */

import { systemClock } from "@context-mesh/common";
import { join, type Mesh } from "context-mesh";

export type AgentOrder =
  | { readonly do: "count"; readonly numbers: number }
  | { readonly do: "report" }
  /** Says when each of so many messages came, taking one at a time. */
  | { readonly do: "wait"; readonly messages: number }
  | { readonly do: "leave" };

export type AgentWord =
  | { readonly word: "ready" }
  | { readonly word: "counted"; readonly distinct: number; readonly twice: number; readonly cpuMs: number }
  | { readonly word: "woken"; readonly atMs: number; readonly text: string }
  | { readonly word: "left" };

const say = (word: AgentWord): void => void process.send?.(word);

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

class Tally {
  #came = new Uint8Array(0);
  distinct = 0;
  twice = 0;

  reset(numbers: number): void {
    this.#came = new Uint8Array(numbers);
    this.distinct = 0;
    this.twice = 0;
  }

  note(text: string | undefined): void {
    const n = Number.parseInt(text ?? "", 10);
    if (!(n >= 0 && n < this.#came.length)) return;
    if (this.#came[n] === 1) this.twice += 1;
    else this.distinct += 1;
    this.#came[n] = 1;
  }
}

const waitFor = async (mesh: Mesh, messages: number): Promise<void> => {
  for (let n = 0; n < messages; n++) {
    const message = await mesh.inbox.next({ act: true });
    say({ word: "woken", atMs: systemClock.wallMs(), text: message?.text ?? "" });
  }
};

const main = async (): Promise<void> => {
  const [relay = "", storage = "", room = ""] = process.argv.slice(2);
  const mesh = await join({ room, agent: "receiver", relays: [relay], storage, cwd: storage });
  const tally = new Tally();
  let isCounting = false;
  const takeAll = (): void => {
    if (!isCounting) return;
    for (const { text } of mesh.inbox.take({ act: true })) tally.note(text);
  };
  mesh.on("message", takeAll);
  process.on("message", (order: AgentOrder) => {
    if (order.do === "count") {
      tally.reset(order.numbers);
      isCounting = true;
      mesh.inbox.open();
      say({ word: "ready" });
    } else if (order.do === "report") {
      takeAll();
      say({ word: "counted", distinct: tally.distinct, twice: tally.twice, cpuMs: cpuMs() });
    } else if (order.do === "wait") {
      isCounting = false;
      void waitFor(mesh, order.messages);
      say({ word: "ready" });
    } else void mesh.leave({ flushMs: 2_000 }).then(() => process.exit(0));
  });
  say({ word: "ready" });
};

await main();
