/**
 * Rooms that open and close, `node --expose-gc room-cycles.js COUNT`: a whole relay in this process, on connections without
 * a socket, so that a million take minutes. Prints what the process held at a tenth of the way and at the end.
 */

import { type Clock, silentLogger, sleep, systemClock, systemRandom, type Timer } from "@context-mesh/common";
import { DocDisk } from "@context-mesh/memory";
import type { Connection, ConnectionHandlers } from "@context-mesh/ports";
import { encodeAwareness, encodeAwarenessStates, encodeStep1 } from "@context-mesh/protocol";
import { createRelay } from "@context-mesh/relay";

export interface Held {
  readonly heapBytes: number;
  readonly timers: number;
  readonly listeners: number;
  readonly rooms: number;
}

export interface Cycles {
  readonly cycles: number;
  readonly seconds: number;
  readonly before: Held;
  readonly after: Held;
}

const batch = 2_000;
const emptyVector = encodeStep1(Uint8Array.of(0));
const presence = encodeAwareness(encodeAwarenessStates([{ client: 7, clock: 1, state: { name: "x" } }]));

class HandConnection implements Connection {
  readonly subprotocol = "";
  readonly bufferedBytes = 0;
  heard = 0;
  #handlers: ConnectionHandlers | undefined;

  handle(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
  }

  send(): void {
    this.heard += 1;
  }

  say(message: Uint8Array): void {
    this.#handlers?.onMessage(message);
  }

  close(code: number): void {
    const handlers = this.#handlers;
    this.#handlers = undefined;
    handlers?.onClose(code, "");
  }

  terminate(): void {
    this.close(1006);
  }
}

/** Nothing here is limited by address, and rooms go as soon as they may. */
const limits = { roomsPerMinuteMax: 1e9, admissionBatch: 1e9, housekeepingMs: 50, roomIdleMs: 0 };

/** The system's clock, which knows how many timers are set. */
class CountingClock implements Clock {
  readonly #set = new Set<Timer>();

  get timers(): number {
    return this.#set.size;
  }

  wallMs(): number {
    return systemClock.wallMs();
  }

  monotonicMs(): number {
    return systemClock.monotonicMs();
  }

  after(delayMs: number, fn: () => void, options?: Parameters<Clock["after"]>[2]): Timer {
    const ended = (): void => {
      this.#set.delete(timer);
      fn();
    };
    const timer = this.#counted(systemClock.after(delayMs, ended, options));
    return timer;
  }

  every(periodMs: number, fn: () => void): Timer {
    return this.#counted(systemClock.every(periodMs, fn));
  }

  #counted(inner: Timer): Timer {
    const timer: Timer = {
      cancel: () => {
        this.#set.delete(timer);
        inner.cancel();
      },
    };
    this.#set.add(timer);
    return timer;
  }
}

const clock = new CountingClock();
const relay = createRelay({
  store: new DocDisk({ clock }).open(),
  clock,
  random: systemRandom,
  logger: silentLogger,
  limits,
});

const until = async (isDone: () => boolean): Promise<void> => {
  while (!isDone()) await sleep(systemClock, 1);
};

/** Counted as it happens; what `rooms_loaded` says is as old as the last look of the relay's housekeeping. */
const roomsHeld = (): number => {
  const { rooms_opened: opened = 0, rooms_unloaded: unloaded = 0 } = relay.metrics();
  return opened - unloaded;
};

/** Opens so many rooms, each with a client that asks, may say who it is, and goes. */
const cycle = async (from: number): Promise<void> => {
  const connections = Array.from({ length: batch }, (_, n) => {
    const connection = new HandConnection();
    const remote = `visitor-${n % 100}`;
    relay.accept(connection, { room: `room-${from + n}`, offeredSubprotocol: false, remote });
    connection.say(emptyVector);
    if (n % 10 === 0) connection.say(presence);
    return connection;
  });
  // Its question, and the answer to the client's.
  await until(() => connections.every(({ heard }) => heard >= 2));
  for (const connection of connections) connection.close(1000);
  await until(() => roomsHeld() === 0);
};

const listenerCount = (): number =>
  process.eventNames().reduce((sum, name) => sum + process.listenerCount(name as "exit"), 0);

const held = (): Held => {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return { heapBytes: heapUsed + external, timers: clock.timers, listeners: listenerCount(), rooms: roomsHeld() };
};

const total = Number(process.argv[2] ?? 10_000);
await relay.start();
const startMs = systemClock.monotonicMs();
let before: Held | undefined;
for (let done = 0; done < total; done += batch) {
  if (done >= total / 10) before ??= held();
  await cycle(done);
}
const after = held();
await relay.stop();
const seconds = (systemClock.monotonicMs() - startMs) / 1_000;
process.stdout.write(`${JSON.stringify({ cycles: total, seconds, before, after } as Cycles)}\n`);
