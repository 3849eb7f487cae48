/**
 * An agent that writes until it is killed, fast while a kill may come and slowly while stores are judged: `agent.js NAME STORAGE RELAY RECEIPTS GENERATION`. Every receipt
 * goes to a file of its own, fsynced, so that a judge knows afterwards what was said to be safe: `q` on the agent's own
 * disk, `d` on the relay's.
 */

import { fdatasyncSync, openSync, writeSync } from "node:fs";
import { seededRandom, sleep, systemClock } from "@context-mesh/common";
import { join } from "context-mesh";

const [agent = "", storage = "", relay = "", receipts = "", generation = "0"] = process.argv.slice(2);
const mesh = await join({ room: "kills", agent, relays: [relay], storage });
const random = seededRandom(Number(generation) * 1_009 + agent.length);
const file = openSync(receipts, "a");
let lines: string[] = [];
let isWriting = true;
/** Kills come soon after a sync. What is written between a kill and the next sync makes a run longer and tests nothing. */
const eagerMs = 400;
let eagerUntilMs = 0;

const pauseMs = (): number => (systemClock.monotonicMs() < eagerUntilMs ? 1 + random.int(12) : 150 + random.int(150));

const keep = (): void => {
  if (lines.length === 0) return;
  writeSync(file, lines.join(""));
  fdatasyncSync(file);
  lines = [];
};

const write = async (): Promise<void> => {
  // One task a life: a task of ten thousand fields would measure something else.
  const id = `task-${agent}-${generation}`;
  mesh.tasks.add({ id, title: agent });
  for (let n = 0; isWriting; n += 1) {
    const value = `${agent} ${generation}.${n}`;
    const receipt = mesh.tasks.update(id, { [`field_${n}`]: value });
    if (receipt.ok) lines.push(`q ${value}\n`);
    void receipt.reached("durable").then((now) => {
      if (now.state === "durable") lines.push(`d ${value}\n`);
    });
    keep();
    await sleep(systemClock, pauseMs());
  }
};

const writing = write();

/** Tries again at once: the pauses of a reconnect schedule would leave nothing in flight to lose. */
const answer = async (message: unknown): Promise<void> => {
  if (message === "sync") {
    await mesh.sync({ timeoutMs: 5_000 });
    eagerUntilMs = systemClock.monotonicMs() + eagerMs;
  }
  if (message === "stop") {
    isWriting = false;
    await writing;
    const { unsent } = await mesh.leave({ flushMs: 20_000 });
    keep();
    process.send?.({ unsent });
    process.disconnect?.();
    return;
  }
  process.send?.("done");
};

process.on("message", (message) => void answer(message));
process.send?.("ready");
