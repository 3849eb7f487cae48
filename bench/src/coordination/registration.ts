/** 10,000 agents registered in batches and one by one, until a second peer sees every one of them. */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join as joinPath } from "node:path";
import { fileURLToPath } from "node:url";
import { nextTurn } from "@context-mesh/common";
import { join, type Mesh, type NewAgent } from "context-mesh";
import { wordOf } from "../child-word.ts";
import { startRelay } from "../relay-process.ts";
import type { Figure } from "../result.ts";
import { inTemporaryFolder, median, nowMs, percentLess } from "./measure.ts";

export const crowd = (count: number): readonly NewAgent[] =>
  Array.from({ length: count }, (_, n) => ({
    id: `agent-${n}`,
    roles: [n % 10 === 0 ? "reviewer" : "developer"],
    groups: [`team-${n % 30}`],
    capabilities: ["typescript", `skill-${n % 7}`],
    region: n % 2 === 0 ? "eu" : "us",
  }));

const said = (child: ChildProcess, word: string): Promise<string> =>
  wordOf<string>(child, (message) => message === word, word);

const startPeer = async (relay: string, storage: string): Promise<ChildProcess> => {
  const file = fileURLToPath(new URL("./registration-peer.js", import.meta.url));
  mkdirSync(storage, { recursive: true });
  const child = fork(file, [relay, storage], { execArgv: [] });
  await said(child, "ready");
  return child;
};

interface Measured {
  readonly tookMs: number;
  readonly failed: number;
}

/** Milliseconds until the second peer lists them all. */
const measure = async (
  folder: string,
  name: string,
  agents: readonly NewAgent[],
  register: (mesh: Mesh) => Promise<number>,
): Promise<Measured> => {
  const relay = await startRelay(joinPath(folder, `relay-${name}`));
  const storage = (agent: string): string => joinPath(folder, name, agent);
  const mesh = await join({
    room: "registration",
    agent: "a",
    relays: [relay.url],
    storage: storage("a"),
    cwd: folder,
  });
  await mesh.sync();
  const peer = await startPeer(relay.url, storage("b"));
  try {
    const watching = said(peer, "watching");
    peer.send(agents.length);
    await watching;
    const seen = said(peer, "seen");
    const beganMs = nowMs();
    const failed = await register(mesh);
    await seen;
    return { tookMs: nowMs() - beganMs, failed };
  } finally {
    peer.removeAllListeners("exit");
    const gone = once(peer, "exit");
    peer.disconnect();
    await gone;
    await mesh.leave({ flushMs: 0 });
    await relay.stop();
  }
};

const inBatches = (agents: readonly NewAgent[]) => async (mesh: Mesh) =>
  (await mesh.agents.registerAll(agents, { strategy: "adaptive" })).failed;

const oneByOne = (agents: readonly NewAgent[]) => async (mesh: Mesh) => {
  let failed = 0;
  for (const agent of agents) {
    if (!mesh.agents.register(agent).ok) failed += 1;
    await nextTurn();
  }
  return failed;
};

/** As a careful caller would: the next one when a relay has the one before on disk. */
const oneByOneDurable = (agents: readonly NewAgent[]) => async (mesh: Mesh) => {
  let failed = 0;
  for (const agent of agents) {
    const receipt = await mesh.agents.register(agent).reached("durable");
    if (receipt.state !== "durable") failed += 1;
  }
  return failed;
};

/** One run is as likely to be the slow one as not; the median is told. The first includes what is compiled on the way. */
const batchRuns = 5;

const failuresOf = (runs: readonly Measured[]): number => runs.reduce((sum, { failed }) => sum + failed, 0);

export const run = (say: (text: string) => void, count = 10_000): Promise<readonly Figure[]> =>
  inTemporaryFolder("registration", async (folder) => {
    const agents = crowd(count);
    const runs: Measured[] = [];
    for (let n = 0; n < batchRuns; n += 1) runs.push(await measure(folder, `batches-${n}`, agents, inBatches(agents)));
    say(`in batches: ${runs.map(({ tookMs }) => Math.round(tookMs)).join(", ")} ms`);
    const batches = { tookMs: median(runs.map(({ tookMs }) => tookMs)), failed: failuresOf(runs) };
    const single = await measure(folder, "single", agents, oneByOne(agents));
    say(`one by one: ${Math.round(single.tookMs)} ms`);
    const few = agents.slice(0, Math.ceil(count / 10));
    const careful = await measure(folder, "careful", few, oneByOneDurable(few));
    const saved = percentLess(batches.tookMs, single.tookMs);
    const failures = failuresOf([batches, single, careful]);
    const shared = { package: "packages/coordination" } as const;
    return [
      {
        ...shared,
        clause: "COORD-2a",
        what: `${count} agents registered in batches, validated and visible to a second peer`,
        figure: batches.tookMs / 1_000,
        unit: "s",
        target: 2,
        pass: batches.tookMs <= 2_000 && batches.failed === 0,
        baseline: { what: "one by one, s", figure: single.tookMs / 1_000 },
      },
      {
        ...shared,
        clause: "COORD-2b",
        what: "registration in batches, less time than one by one",
        figure: saved,
        unit: "%",
        target: 60,
        pass: saved >= 60,
        baseline: { what: "one by one, s", figure: single.tookMs / 1_000 },
      },
      {
        ...shared,
        what: `${few.length} agents one by one, each on a relay's disk before the next`,
        figure: careful.tookMs / 1_000,
        unit: "s",
      },
      { ...shared, what: "registrations that failed", figure: failures, unit: "" },
    ];
  });
