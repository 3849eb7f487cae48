/** Jobs: how many a second in one process and with their state in the room, beside running them one after another. */

import { join as joinPath } from "node:path";
import { sleep, systemClock, systemRandom } from "@context-mesh/common";
import { JobRunner, join, type Mesh } from "context-mesh";
import { startRelay } from "../relay-process.ts";
import type { Figure } from "../result.ts";
import { inTemporaryFolder, nowMs, percentileOf, sorted, timed } from "./measure.ts";

const runner = (): JobRunner => new JobRunner({ clock: systemClock, random: systemRandom });
const groups = ["a", "b", "c", "d"];
const priorities = ["low", "normal", "high", "critical"] as const;

/** Jobs with priorities and groups, a tenth of them behind others. */
const perSecond = async (count: number): Promise<number> => {
  const jobs = Array.from({ length: count }, (_, n) => ({
    id: `j${n}`,
    group: groups[n % groups.length] ?? "a",
    priority: priorities[n % 3] ?? "normal",
    after: n % 10 === 9 ? [`j${n - 1}`] : [],
    run: () => n,
  }));
  const all = runner();
  const tookMs = await timed(async () => {
    all.addAll(jobs);
    await all.waitAll();
  });
  return (count / tookMs) * 1_000;
};

/** What a job waits beyond its own work, one every half a millisecond or so. */
const overheads = async (count: number): Promise<readonly number[]> => {
  const all = runner();
  const times: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const beganMs = nowMs();
    const added = all.add({ run: () => n });
    if (added.ok) void added.value.outcome.then(() => times.push(nowMs() - beganMs));
    if (n % 4 === 3) await sleep(systemClock, 1);
  }
  await all.waitAll();
  await sleep(systemClock, 5);
  return sorted(times);
};

const waitingMs = 4;
const ioJob = (): Promise<void> => sleep(systemClock, waitingMs);

const speedUp = async (count: number): Promise<{ readonly serial: number; readonly parallel: number }> => {
  const serialMs = await timed(async () => {
    for (let n = 0; n < count; n += 1) await ioJob();
  });
  const all = runner();
  const parallelMs = await timed(async () => {
    all.addAll(Array.from({ length: count }, () => ({ run: ioJob })));
    await all.waitAll();
  });
  return { serial: (count / serialMs) * 1_000, parallel: (count / parallelMs) * 1_000 };
};

/** Added by one node, carried out by another, each seen as completed by the first. */
const sharedPerSecond = (folder: string, count: number): Promise<{ readonly rate: number; readonly failed: number }> =>
  withNodes(folder, async (boss, worker) => {
    worker.jobs.work({ square: (input) => Number(input) ** 2 }, { workers: 64 });
    await worker.sync();
    const jobs = Array.from({ length: count }, (_, n) => ({ id: `j${n}`, handler: "square", input: n }));
    const beganMs = nowMs();
    const added = boss.jobs.add(jobs);
    const done = await boss.jobs.waitAll(jobs.map(({ id }) => id));
    const tookMs = nowMs() - beganMs;
    const good = done.filter(({ state, value }, n) => state === "completed" && value === n ** 2).length;
    return { rate: (count / tookMs) * 1_000, failed: added.ok ? count - good : count };
  });

const withNodes = async <T>(folder: string, act: (boss: Mesh, worker: Mesh) => Promise<T>): Promise<T> => {
  const relay = await startRelay(joinPath(folder, "relay"));
  const enter = (agent: string): Promise<Mesh> =>
    join({ room: "jobs", agent, relays: [relay.url], storage: joinPath(folder, agent), cwd: folder });
  const [boss, worker] = [await enter("boss"), await enter("worker")];
  await Promise.all([boss.sync(), worker.sync()]);
  try {
    return await act(boss, worker);
  } finally {
    await boss.leave({ flushMs: 0 });
    await worker.leave({ flushMs: 0 });
    await relay.stop();
  }
};

export const run = (say: (text: string) => void, scale = 1): Promise<readonly Figure[]> =>
  inTemporaryFolder("jobs", async (folder) => {
    await perSecond(10_000 * scale);
    const rate = await perSecond(90_000 * scale);
    say(`in one process: ${Math.round(rate)} a second`);
    const times = await overheads(8_000 * scale);
    const p99 = percentileOf(times, 0.99);
    const io = await speedUp(1_000 * scale);
    say(
      `waiting jobs: ${Math.round(io.serial)} a second one after another, ${Math.round(io.parallel)} with the runner`,
    );
    const shared = await sharedPerSecond(folder, 20_000 * scale);
    say(`in the room: ${Math.round(shared.rate)} a second`);
    const gain = io.parallel / io.serial;
    const common = { package: "packages/coordination" } as const;
    return [
      {
        ...common,
        clause: "COORD-3a",
        what: "what a job takes beyond its own work, p99",
        figure: p99,
        unit: "ms",
        target: 10,
        pass: p99 < 10,
      },
      {
        ...common,
        clause: "COORD-3b",
        what: `throughput of jobs that wait ${waitingMs} ms, as many times that of one after another`,
        figure: gain,
        unit: "×",
        target: 6.2,
        pass: gain >= 6.2,
        baseline: { what: "one after another, jobs/s", figure: io.serial },
      },
      { ...common, what: "jobs in one process", figure: rate, unit: "/s", target: 31_000, pass: rate >= 31_000 },
      {
        ...common,
        what: "jobs with their state in the room, between two nodes through a relay",
        figure: shared.rate,
        unit: "/s",
        target: 3_100,
        pass: shared.rate >= 3_100 && shared.failed === 0,
      },
      { ...common, what: "jobs that failed", figure: shared.failed, unit: "" },
    ];
  });
