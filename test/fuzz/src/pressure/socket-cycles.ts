/** The same over real sockets and a real disk, with the relay in a process of its own: fewer, since each costs system calls. */

import { sleep, systemClock } from "@context-mesh/common";
import { encodeStep1, encodeUpdate } from "@context-mesh/protocol";
import { temporaryFolder } from "@context-mesh/testkit";
import { inRoot } from "../hostile-bytes.ts";
import type { LoopReport } from "../loop-watch.ts";
import { RawSocket } from "../raw-socket.ts";
import { WatchedRelay } from "../watched-relay.ts";

export interface SocketCycles {
  readonly cycles: number;
  readonly before: LoopReport;
  readonly after: LoopReport;
}

const atOnce = 50;
/** Below what one address may open a minute. */
const perAddress = 500;
/** Rooms that are written to, in turn: those stay on the disk, and are loaded again and again. */
const writtenRooms = 100;
const restMs = 60_000;

const cycle = async (port: number, n: number): Promise<void> => {
  const at = Math.floor(n / perAddress);
  const isWriter = n % 10 === 0;
  const room = isWriter ? `written-${(n / 10) % writtenRooms}` : `room-${n}`;
  const socket = await RawSocket.open(port, { path: `/${room}`, localAddress: `127.3.${at >> 8}.${(at & 255) + 1}` });
  let messages = 0;
  socket.listen(() => {
    messages += 1;
  });
  socket.send(encodeStep1(Uint8Array.of(0)));
  if (isWriter) socket.send(encodeUpdate(inRoot(1_000 + n, 0, "cycle")));
  await socket.until(() => messages >= 2 || socket.isEnded);
  socket.destroy();
};

/** What the relay holds once every room has gone from its memory. */
const resting = async (relay: WatchedRelay): Promise<LoopReport> => {
  const deadlineMs = systemClock.monotonicMs() + restMs;
  while (((await relay.metrics()).get("rooms_loaded") ?? 0) > 0 && systemClock.monotonicMs() < deadlineMs) {
    await sleep(systemClock, 500);
  }
  return relay.report();
};

export const socketCycles = async (cycles: number): Promise<SocketCycles> => {
  const folder = temporaryFolder();
  const relay = new WatchedRelay(folder.path);
  await relay.start();
  try {
    let before: LoopReport | undefined;
    for (let n = 0; n < cycles; n += atOnce) {
      // Not earlier: over its first five thousand connections a process still compiles, half a megabyte of it.
      if (before === undefined && n >= cycles / 2) before = await resting(relay);
      await Promise.all(Array.from({ length: atOnce }, (_, k) => cycle(relay.port, n + k)));
    }
    const after = await resting(relay);
    return { cycles, before: before ?? after, after };
  } finally {
    await relay.stop("SIGKILL");
    folder.remove();
  }
};
