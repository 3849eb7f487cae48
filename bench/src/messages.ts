/**
 * Messages between two processes through a relay in a third: distinct texts of 200 bytes, counted at the recipient, each once and
 * after its acknowledgement, beside one message at a time. And what waiting and presence in groups cost.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { sleep, systemClock } from "@context-mesh/common";
import { join, type Mesh, type OutgoingMessage, type SendAnswer } from "context-mesh";
import { groupBytes } from "./message-groups.ts";
import { Receiver } from "./message-process.ts";
import { cpuSeconds } from "./relay/servers.ts";
import { type BenchRelay, startRelay } from "./relay-process.ts";
import type { Figure } from "./result.ts";

const room = "messages";
const quietRoom = "bench/quiet";
const sourcePerSecond = 1_280;
const ephemeralCount = 600_000;
const durableCount = 80_000;
const serialMs = 3_000;
const singleCount = 100_000;
const idleMs = 60_000;
/** Past the one time that the engine's collector makes the heap of a quiet process small, some 15 s after its start. */
const restMs = 30_000;
const wakes = 20;
/** Messages between one look at the clock and the next. */
const chunk = 1_000;

const filler = "x".repeat(191);
const textOf = (n: number): string => String(n).padStart(9, "0") + filler;
const message = (n: number, durable: boolean): OutgoingMessage => ({ to: "agent:receiver", text: textOf(n), durable });

interface Run {
  readonly perSecond: number;
  readonly lost: number;
  readonly twice: number;
  readonly cpu: Cpu;
}

/** Who takes part: the sender is this process. */
interface Ends {
  readonly mesh: Mesh;
  readonly receiver: Receiver;
  readonly relay: BenchRelay;
}

/** Seconds of processor time. */
interface Cpu {
  readonly sender: number;
  readonly relay: number;
  readonly receiver: number;
}

const cpuNow = async ({ receiver, relay }: Ends): Promise<Cpu> => {
  const { user, system } = process.cpuUsage();
  return {
    sender: (user + system) / 1e6,
    relay: cpuSeconds(relay.pid),
    receiver: (await receiver.report()).cpuMs / 1_000,
  };
};

const since = (before: Cpu, now: Cpu): Cpu => ({
  sender: now.sender - before.sender,
  relay: now.relay - before.relay,
  receiver: now.receiver - before.receiver,
});

const secondsSince = (startMs: number): number => (systemClock.monotonicMs() - startMs) / 1_000;

/** Sends chunk after chunk, several of them in flight, and counts what the recipient has after the last acknowledgement. */
const ephemeral = async (ends: Ends, count: number, send: Send): Promise<Run> => {
  const { mesh, receiver } = ends;
  await receiver.order({ do: "count", numbers: count });
  const before = await cpuNow(ends);
  const startMs = systemClock.monotonicMs();
  const flying: Promise<unknown>[] = [];
  for (let from = 0; from < count; from += chunk) {
    flying.push(send(mesh, chunkOf(from, count, false)).then(whole));
    if (flying.length > 6) await flying.shift();
  }
  await Promise.all(flying);
  const { distinct, twice } = await receiver.report();
  const took = secondsSince(startMs);
  return { perSecond: distinct / took, lost: count - distinct, twice, cpu: since(before, await cpuNow(ends)) };
};

type Send = (mesh: Mesh, messages: readonly OutgoingMessage[]) => Promise<readonly SendAnswer[]>;
const together: Send = (mesh, messages) => mesh.sendAll(messages);
/** A call and a promise for each. */
const singly: Send = (mesh, messages) => Promise.all(messages.map((one) => mesh.send(one)));

const chunkOf = (from: number, count: number, durable: boolean): readonly OutgoingMessage[] =>
  Array.from({ length: Math.min(chunk, count - from) }, (_, n) => message(from + n, durable));

/** A refused message would be counted as lost; it says more than that. */
const whole = (answers: readonly SendAnswer[]): void => {
  const refused = answers.find(({ ok }) => !ok);
  if (refused !== undefined) throw new Error(JSON.stringify(refused));
};

/** Acted upon by the recipient, and known to be by the sender. */
const durable = async (ends: Ends, count: number): Promise<Run> => {
  const { mesh, receiver } = ends;
  await receiver.order({ do: "count", numbers: count });
  const before = await cpuNow(ends);
  let acted = 0;
  let wake: (() => void) | undefined;
  const off = mesh.on("delivery", (notice) => {
    if (notice.acted < notice.total) return;
    acted += notice.total;
    wake?.();
  });
  const until = async (isDone: () => boolean): Promise<void> => {
    while (!isDone()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const startMs = systemClock.monotonicMs();
  for (let from = 0; from < count; from += chunk) {
    await until(() => from - acted <= 6_000);
    whole(await mesh.sendAll(chunkOf(from, count, true)));
  }
  await until(() => acted >= count);
  off();
  const { distinct, twice } = await receiver.report();
  const took = secondsSince(startMs);
  return { perSecond: distinct / took, lost: count - distinct, twice, cpu: since(before, await cpuNow(ends)) };
};

/** One at a time: the next one leaves when the one before is acknowledged. */
const serial = async (mesh: Mesh, receiver: Receiver, isDurable: boolean): Promise<number> => {
  await receiver.order({ do: "count", numbers: 1_000_000 });
  const startMs = systemClock.monotonicMs();
  let sent = 0;
  while (systemClock.monotonicMs() - startMs < serialMs) {
    const isActed = new Promise<void>((resolve) => {
      const off = mesh.on("delivery", ({ acted }) => {
        if (acted === 0) return;
        off();
        resolve();
      });
      if (!isDurable) off();
    });
    const answer = await mesh.send(message(sent, isDurable));
    if (!answer.ok) throw new Error(JSON.stringify(answer));
    if (isDurable) await isActed;
    sent += 1;
  }
  return sent / secondsSince(startMs);
};

interface Place {
  readonly url: string;
  readonly folder: string;
}

/** What an agent costs that has only ever waited for a message, in a room of its own, and how soon it is awake. */
const waiting = async ({ url, folder }: Place): Promise<{ readonly share: number; readonly wokenMs: number }> => {
  const receiver = new Receiver(url, joinPath(folder, "waiter"), quietRoom);
  const mesh = await join({
    room: quietRoom,
    agent: "sender",
    relays: [url],
    storage: joinPath(folder, "waker"),
    cwd: folder,
  });
  try {
    await receiver.started();
    await known(mesh);
    return await waitingOn(mesh, receiver);
  } finally {
    await mesh.leave({ flushMs: 0 });
    await receiver.leave();
  }
};

const waitingOn = async (
  mesh: Mesh,
  receiver: Receiver,
): Promise<{ readonly share: number; readonly wokenMs: number }> => {
  await receiver.order({ do: "wait", messages: wakes });
  await sleep(systemClock, restMs);
  const before = await receiver.report();
  await sleep(systemClock, idleMs);
  const after = await receiver.report();
  let slowestMs = 0;
  for (let n = 0; n < wakes; n++) {
    const woken = receiver.woken();
    const sentMs = systemClock.wallMs();
    await mesh.send(message(n, true));
    slowestMs = Math.max(slowestMs, (await woken).atMs - sentMs);
    await sleep(systemClock, 50);
  }
  return { share: ((after.cpuMs - before.cpuMs) / idleMs) * 100, wokenMs: slowestMs };
};

const known = async (mesh: Mesh): Promise<void> => {
  while (!mesh.presence.list().some(({ agent }) => agent === "receiver")) await sleep(systemClock, 50);
};

const cpuText = ({ sender, relay, receiver }: Cpu): string =>
  `processor seconds: sender ${sender.toFixed(1)}, relay ${relay.toFixed(1)}, recipient ${receiver.toFixed(1)}; load ${loadavg()[0]?.toFixed(1)}`;

const flow = (clause: string, what: string, run: Run, target: number, one: number): readonly Figure[] => {
  const isWhole = run.lost === 0 && run.twice === 0;
  return [
    {
      clause,
      what: `${what} messages of 200 bytes through a relay, ${run.lost} lost, ${run.twice} twice; ${cpuText(run.cpu)}`,
      figure: run.perSecond,
      unit: "/s",
      target,
      pass: isWhole && run.perSecond >= target,
      baseline: { what: "one at a time, /s", figure: one },
      package: "packages/mesh",
    },
    {
      what: `${what}, times one at a time`,
      figure: run.perSecond / one,
      unit: "×",
      target: 12.8,
      pass: run.perSecond / one >= 12.8,
      package: "packages/mesh",
    },
  ];
};

export const run = async (say: (text: string) => void): Promise<readonly Figure[]> => {
  const folder = mkdtempSync(joinPath(tmpdir(), "context-mesh-messages-"));
  const relay = await startRelay(joinPath(folder, "relay"));
  const receiver = new Receiver(relay.url, joinPath(folder, "receiver"), room);
  await receiver.started();
  const mesh = await join({
    room,
    agent: "sender",
    relays: [relay.url],
    storage: joinPath(folder, "sender"),
    cwd: folder,
  });
  const ends = { mesh, receiver, relay };
  try {
    await receiver.order({ do: "count", numbers: 1 });
    await known(mesh);
    const serialEphemeral = await serial(mesh, receiver, false);
    say(`ephemeral, one at a time: ${Math.round(serialEphemeral)}/s`);
    await ephemeral(ends, 50_000, together);
    const quick = await ephemeral(ends, ephemeralCount, together);
    say(`ephemeral: ${Math.round(quick.perSecond)}/s, ${quick.lost} lost; ${cpuText(quick.cpu)}`);
    const single = await ephemeral(ends, singleCount, singly);
    say(`ephemeral, a call each: ${Math.round(single.perSecond)}/s`);
    const serialDurable = await serial(mesh, receiver, true);
    say(`durable, one at a time: ${Math.round(serialDurable)}/s`);
    const kept = await durable(ends, durableCount);
    say(`durable: ${Math.round(kept.perSecond)}/s, ${kept.lost} lost; ${cpuText(kept.cpu)}`);
    const wait = await waiting({ url: relay.url, folder });
    say(`waiting: ${wait.share.toFixed(3)} % of a core, awake after ${wait.wokenMs} ms at most`);
    const bytes = await groupBytes(relay.url, say);
    return [
      ...flow("CAST-7a", "ephemeral", quick, 100 * sourcePerSecond, serialEphemeral),
      {
        what: `ephemeral messages with a call of send() each, ${single.lost} lost, ${single.twice} twice`,
        figure: single.perSecond,
        unit: "/s",
        package: "packages/mesh",
      },
      ...flow("CAST-7b", "durable", kept, 10 * sourcePerSecond, serialDurable),
      {
        clause: "CAST-6a",
        what: `an idle waiter over ${idleMs / 1_000} s, ${restMs / 1_000} s after it began; awake after ${wait.wokenMs} ms at most`,
        figure: wait.share,
        unit: "% of a core",
        target: 0.1,
        pass: wait.share < 0.1 && wait.wokenMs <= 100,
        package: "packages/mesh",
      },
      ...bytes,
    ];
  } finally {
    await mesh.leave({ flushMs: 0 });
    await receiver.leave();
    await relay.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};
