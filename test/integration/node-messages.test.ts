/** Messages between real processes: killed with -9 on either side, and over a stock server. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { seededRandom } from "@context-mesh/common";
import { until } from "@context-mesh/testkit";
import type { Mesh } from "context-mesh";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NodeBench } from "./node-bench.ts";
import { type StockServer, startStockServer } from "./support/stock.ts";

let bench: NodeBench;
let server: StockServer | undefined;
const running = new Set<ChildProcess>();
beforeEach(() => {
  bench = new NodeBench();
});
afterEach(async () => {
  for (const child of running) child.kill("SIGKILL");
  await bench.close();
  await server?.stop();
  server = undefined;
});

const script = fileURLToPath(new URL("./message-actor.mjs", import.meta.url));

/** One life of an agent: it ends with -9 once it has told so many lines (or all it has). Returns what it told. */
const live = async (
  role: string,
  relay: string,
  args: readonly string[],
  lines: number,
): Promise<readonly number[]> => {
  const { storage, home } = bench.places;
  const child = spawn(process.execPath, [script, role, storage, home, relay, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  let problems = "";
  child.stderr.on("data", (bytes) => {
    problems += bytes;
  });
  const told: number[] = [];
  const gone = once(child, "close");
  createInterface({ input: child.stdout }).on("line", (line) => {
    told.push(Number(line));
    if (told.length >= lines) child.kill("SIGKILL");
  });
  await gone;
  running.delete(child);
  if (child.signalCode !== "SIGKILL") throw new Error(`${role} ended by itself: ${problems}`);
  return told;
};

describe("kill -9 of either side", () => {
  it("[CAST-4c] loses no message and has none acted upon twice", async () => {
    const random = seededRandom(11);
    const relay = await bench.relay();
    const count = 30;
    const sender = async (): Promise<void> => {
      let next = 1;
      while (next <= count) {
        const lines = Math.min(count - next + 1, 6 + random.int(8));
        const told = await live("sender", relay.url, [`${next}`, `${count}`], lines);
        if (told.at(-1) === count) return;
        // Whoever sent it may not have heard so before it ended: it is sent again under its id.
        next = told.at(-1) ?? next;
      }
    };
    let isOver = false;
    const actor = async (): Promise<void> => {
      while (!isOver) await live("actor", relay.url, [], 5 + random.int(8));
    };
    const acting = actor();
    await sender();
    const judge = await bench.join("sender", [relay.url]);
    const answers: number[] = [];
    judge.inbox.open();
    const collect = (): void => {
      for (const { text, answers: about } of judge.inbox.take({ act: true })) {
        if (about !== undefined) answers.push(Number(text));
      }
    };
    await until(
      () => {
        collect();
        return new Set(answers).size === count;
      },
      "every message is answered",
      40_000,
    );
    isOver = true;
    for (const child of running) child.kill("SIGKILL");
    await acting;
    collect();
    expect([...answers].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n + 1));
    const late = await bench.join("actor", [relay.url]);
    await until(() => late.status().relays.every(({ state }) => state === "live"), "the actor is back");
    expect(late.inbox.list()).toEqual([]);
  });
});

describe("a stock y-websocket server", () => {
  it("[CAST-8a] carries durable messages, states and answers in the document, and ephemeral ones in presence", async () => {
    server = await startStockServer();
    const isLive = (mesh: Mesh): boolean => mesh.status().relays.every(({ state }) => state === "live");
    const a = await bench.join("a", [server.url]);
    const b = await bench.join("b", [server.url]);
    b.inbox.open();
    await until(() => isLive(a) && isLive(b), "both are live");
    await until(() => a.presence.list().length === 2, "they see each other");
    const sent = await a.send({ to: "agent:b", text: "kept" });
    if (!sent.ok) throw new Error(sent.reason);
    expect(await b.inbox.next({ timeoutMs: 10_000 })).toMatchObject({ text: "kept", from: "a", isDurable: true });
    await until(() => a.inbox.states(sent.id)?.b === "injected", "a knows that b was shown it");
    const waiting = a.inbox.next({ answers: sent.id, timeoutMs: 10_000 });
    expect(b.inbox.act([sent.id], { text: "done" })[0]?.ok).toBe(true);
    expect(await waiting).toMatchObject({ text: "done", from: "b" });
    expect(await a.send({ to: "agent:b", text: "now", durable: false })).toMatchObject({
      ok: true,
      state: "delivered",
    });
    expect(await b.inbox.next({ timeoutMs: 10_000 })).toMatchObject({ text: "now", isDurable: false });
    expect(a.status().relays[0]?.kind).toBe("stock");
  });
});
