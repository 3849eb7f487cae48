/**
 * `npm run fuzz -- --frames N --seed S`: mutated traffic against the real relay in a process of its own. Exits non-zero when
 * the relay ended, stood still for over 50 ms, kept memory, left a branch of admission untouched, or did not serve an honest client.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { seededRandom, sleep, systemClock } from "@context-mesh/common";
import { refusals } from "@context-mesh/protocol";
import { scriptWith } from "@context-mesh/testkit/script";
import { HandClient } from "./hand-client.ts";
import { inRoot } from "./hostile-bytes.ts";
import { RawSocket } from "./raw-socket.ts";
import { heavyFrames, Traffic } from "./traffic.ts";
import { WatchedRelay } from "./watched-relay.ts";

const { parse, wholeNumber } = scriptWith("npm run fuzz -- --frames 20000 --seed 1");

const { values: options } = parse({
  options: {
    frames: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});

const frames = wholeNumber(options.frames, "--frames");
const random = seededRandom(wholeNumber(options.seed, "--seed"));
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const roundFrames = 1_000;
const socketCount = 12;
/** So often the relay is given time to read: a connection that is closed for one frame takes with it what lies unread behind that. */
const readFrames = 200;
/** What was sent last may still be under way in the background. */
const lastWordsMs = 20_000;
/** Memory is compared over whole runs: after the rooms of the first part are unloaded, and after those of the last. */
const memoryFramesMin = 200_000;
const shareMax = 0.05;
/** Memory is looked at once this share of the frames has been sent, and at the end: what grows without bound shows twice. */
const memoryParts = [0.2, 0.6];
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

/** Where a frame was broken the relay may wait for its end: how long it is waited for there, and 0 once that was in vain. */
const outOfStep = new WeakMap<RawSocket, number>();
const brokenReadMs = 20;

/** Cannot be reached from outside: the scan comes before, a frame is no larger, nobody here may only read. */
const unreachable = new Set(["too_large", "not_decodable", "read_only"]);

const folder = mkdtempSync(join(tmpdir(), "context-mesh-fuzz-"));
const relay = new WatchedRelay(folder);
const sockets: (RawSocket | undefined)[] = Array.from({ length: socketCount }, () => undefined);
const apart: RawSocket[] = [];
let opened = 0;
let honestAcks = 0;

/** Each connection from an address of its own: as many visitors, so that none is slowed down for another's refusals. */
const open = (round: number): Promise<RawSocket> => {
  opened += 1;
  const localAddress = `127.${1 + (opened % 250)}.${Math.floor(opened / 250) % 250}.${2 + (Math.floor(opened / 62_500) % 250)}`;
  return RawSocket.open(relay.port, { path: `/fuzz-${Math.floor(round / 20)}`, localAddress });
};

const socketAt = async (at: number, round: number): Promise<RawSocket> => {
  const there = sockets[at];
  if (there !== undefined && !there.isEnded && there.closeCode === undefined) return there;
  const socket = await open(round);
  sockets[at] = socket;
  return socket;
};

const closeAll = (): void => {
  for (const socket of sockets) socket?.destroy();
  sockets.fill(undefined);
};

const read = async (socket: RawSocket): Promise<void> => {
  const timeoutMs = outOfStep.get(socket);
  if (timeoutMs === 0) return;
  await socket.read(timeoutMs).catch(() => outOfStep.set(socket, 0));
};

const runRound = async (round: number, traffic: Traffic, honest: HandClient): Promise<void> => {
  for (let n = 0; n < roundFrames; n++) {
    const socket = await socketAt(random.int(socketCount), round);
    socket.write(traffic.next());
    if (n % 50 === 49) await Promise.all(sockets.map((each) => each?.drained()));
    if (traffic.isFrameBroken) outOfStep.set(socket, brokenReadMs);
    if (n % readFrames === readFrames - 1) await Promise.all(sockets.map((each) => each && read(each)));
  }
  honest.send(inRoot(4_711, honestAcks, "h"));
  await honest.settled(60_000);
  honestAcks += 1;
};

const countersToHit = (metrics: ReadonlyMap<string, number>): readonly string[] => {
  const of = (name: string): number => metrics.get(name) ?? 0;
  return [
    ...Object.keys(refusals.update)
      .filter((reason) => !unreachable.has(reason) && of(`refusals{place="update",reason="${reason}"}`) === 0)
      .map((reason) => `update ${reason}`),
    ...["updates_new", "updates_known", "updates_held", "parts_set_aside", "presence_ignored"].filter(
      (name) => of(name) === 0,
    ),
  ];
};

/** Branches of admission that nothing reached, once what was sent has been dealt with. */
const missedBranches = async (): Promise<readonly string[]> => {
  const deadlineMs = performance.now() + lastWordsMs;
  for (;;) {
    const missed = countersToHit(await relay.metrics());
    if (missed.length === 0 || performance.now() > deadlineMs) return missed;
    await sleep(systemClock, 250);
  }
};

interface Heap {
  readonly frames: number;
  readonly bytes: number;
  readonly codeBytes: number;
}

/** The heap once no room is left, after all that was sent has been dealt with: what a room holds is no growth of the relay. */
const restingHeap = async (honest: HandClient, round: number): Promise<Heap> => {
  closeAll();
  honest.socket.destroy();
  for (const socket of apart.splice(0)) socket.destroy();
  const deadlineMs = performance.now() + 120_000;
  while (((await relay.metrics()).get("rooms_loaded") ?? 0) > 0 && performance.now() < deadlineMs) {
    await sleep(systemClock, 1_000);
  }
  const { heapBytes, codeBytes } = await relay.report();
  const heap = { frames: (round + 1) * roundFrames, bytes: heapBytes, codeBytes };
  say(
    `${heap.frames} frames: ${megabytes(heap.bytes)} MB of heap, ${megabytes(heap.codeBytes)} MB of it compiled code`,
  );
  return heap;
};

const openHonest = (): Promise<HandClient> => HandClient.open(relay.port, "honest", "honest");

const main = async (): Promise<boolean> => {
  await relay.start();
  let honest = await openHonest();
  const startMs = performance.now();
  const rounds = Math.ceil(frames / roundFrames);
  let traffic = new Traffic(random);
  const heaps: Heap[] = [];
  const heavy = heavyFrames();
  let heavyAt = 0;
  await relay.report("reset");
  for (let round = 0; round < rounds; round++) {
    if (round % 20 === 0) {
      closeAll();
      traffic = new Traffic(random);
    }
    if (round % 10 === 0 || round < heavy.length) {
      // On a connection of its own: on one that other frames end, it would be dropped unread.
      const socket = await open(round);
      socket.write(heavy[heavyAt % heavy.length] as Uint8Array);
      await socket.drained();
      apart.push(socket);
      heavyAt += 1;
    }
    await runRound(round, traffic, honest);
    if (memoryParts.some((part) => frames >= memoryFramesMin && round === Math.floor(rounds * part))) {
      heaps.push(await restingHeap(honest, round));
      honest = await openHonest();
    }
    if (round % 50 === 49) say(`${(round + 1) * roundFrames} frames, ${opened} connections`);
  }
  const seconds = (performance.now() - startMs) / 1_000;
  if (heaps.length > 0) heaps.push(await restingHeap(honest, rounds - 1));
  closeAll();
  const missed = await missedBranches();
  for (const socket of apart) socket.destroy();
  const metrics = await relay.metrics();
  const { stallMs, busyMs } = await relay.report();
  const of = (name: string): number => metrics.get(name) ?? 0;
  const unreadable = [...metrics].filter(([name]) => name.startsWith('refusals{place="message"'));
  const refused = unreadable.reduce((sum, [, count]) => sum + count, 0);
  const result = {
    frames: rounds * roundFrames,
    seed: Number(options.seed),
    seconds,
    connections: opened,
    parsedShare: (of("messages_in") - refused) / (rounds * roundFrames),
    missed,
    stallMs,
    busyMs,
    honestAcks,
    heaps,
    heapBefore: heaps.at(0)?.bytes,
    heapAfter: heaps.at(-1)?.bytes,
    isUp: relay.isUp,
    exitCode: await relay.stop(),
  };
  rmSync(folder, { recursive: true, force: true });
  const kept = (heaps.at(-1)?.bytes ?? 1) / (heaps.at(0)?.bytes ?? 1) - 1;
  const isGood =
    result.isUp &&
    result.exitCode === 0 &&
    missed.length === 0 &&
    result.parsedShare >= 0.5 &&
    honestAcks === rounds &&
    busyMs < 50 &&
    kept <= shareMax;
  if (options.json) process.stdout.write(`${JSON.stringify({ v: 1, ok: isGood, data: result })}\n`);
  else say(`${isGood ? "✓" : "✗"} ${JSON.stringify(result, null, 2)}`);
  return isGood;
};

process.exit((await main()) ? 0 : 1);
