/** Everybody returns at once: a relay is killed under two crowds and started again; meanwhile all of them try in vain. */

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { systemClock } from "@context-mesh/common";
import { temporaryFolder, until } from "@context-mesh/testkit";
import { WatchedRelay } from "../watched-relay.ts";

const crowdFile = fileURLToPath(new URL("../../dist/pressure/crowd-process.js", import.meta.url));
const patienceMs = 60_000;

export interface Returned {
  readonly clients: number;
  /** From the relay's first word until the last client was in sync again. */
  readonly lastMs: number;
  readonly halfMs: number;
  /** Longest time in ms that one turn kept the relay's loop meanwhile. */
  readonly stallMs: number;
}

class Crowd {
  inSync = 0;
  readonly #child: ChildProcess;

  constructor(kind: "own" | "stock", url: string, count: number) {
    this.#child = fork(crowdFile, [kind, url, String(count)], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    this.#child.on("message", (inSync) => {
      this.inSync = Number(inSync);
    });
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }
}

export const everybodyReturns = async (perKind: number): Promise<Returned> => {
  const folder = temporaryFolder();
  const relay = new WatchedRelay(folder.path);
  await relay.start();
  const crowds = (["own", "stock"] as const).map((kind) => new Crowd(kind, relay.url, perKind));
  const inSync = (): number => crowds.reduce((sum, crowd) => sum + crowd.inSync, 0);
  const clients = perKind * crowds.length;
  try {
    await until(() => inSync() === clients, "everybody is in", 2 * patienceMs);
    await relay.stop("SIGKILL");
    await until(() => inSync() === 0, "everybody has noticed", patienceMs);
    await relay.start();
    await relay.report("reset");
    const startMs = systemClock.monotonicMs();
    await until(() => inSync() >= clients / 2, "half of them are back", patienceMs);
    const halfMs = systemClock.monotonicMs() - startMs;
    await until(() => inSync() === clients, "everybody is back", patienceMs);
    const lastMs = systemClock.monotonicMs() - startMs;
    return { clients, lastMs, halfMs, stallMs: (await relay.report()).stallMs };
  } finally {
    for (const crowd of crowds) crowd.stop();
    await relay.stop("SIGKILL");
    folder.remove();
  }
};
