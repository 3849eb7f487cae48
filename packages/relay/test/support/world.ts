/** Relays and clients on one virtual clock and one memory network. */

import { type Limits, seededRandom, silentLogger } from "@context-mesh/common";
import { createMemoryNetwork, DocDisk, type MemoryListener, type MemoryNetwork } from "@context-mesh/memory";
import { roomFromPath, subprotocol } from "@context-mesh/protocol";
import { LocalClock, VirtualClock } from "@context-mesh/testkit";
import { createRelay, type Relay, type RelayOptions } from "../../src/index.ts";
import { YClient, type YClientOptions } from "./y-client.ts";

export interface RunningRelay {
  readonly name: string;
  readonly url: string;
  readonly disk: DocDisk;
  readonly relay: Relay;
  /** The process dies; the disk stays. */
  kill(): void;
  stop(): Promise<void>;
}

export interface WorldRelayOptions extends Partial<Omit<RelayOptions, "limits">> {
  readonly disk?: DocDisk;
  readonly limits?: Partial<Limits>;
  /** Rooms whose claims are decided here. */
  readonly arbitrates?: readonly string[];
  readonly wallOffsetMs?: number;
}

export class World {
  readonly clock = new VirtualClock();
  readonly random;
  readonly network: MemoryNetwork;
  #clients = 0;

  constructor(seed = 1, latencyMs = 1) {
    this.random = seededRandom(seed);
    this.network = createMemoryNetwork({ clock: this.clock, random: this.random, latencyMs });
  }

  async relay(name: string, options: WorldRelayOptions = {}): Promise<RunningRelay> {
    const { disk = new DocDisk({ clock: this.clock }), arbitrates, wallOffsetMs = 0, ...rest } = options;
    const url = `ws://${name}`;
    const clock = new LocalClock(this.clock, wallOffsetMs);
    const store = disk.open();
    const relay = createRelay({
      store,
      ...(arbitrates === undefined ? {} : { arbiter: { rooms: arbitrates, store } }),
      clock,
      random: this.random,
      logger: silentLogger,
      dialer: this.network.dialer(name),
      ...rest,
    });
    await this.clock.waitFor(relay.start());
    const listener = this.#listen(url, name, relay);
    return {
      name,
      url,
      disk,
      relay,
      kill: () => {
        listener.close();
        clock.kill();
        this.network.kill(name);
        disk.crash();
      },
      stop: async () => {
        listener.close();
        await this.clock.waitFor(relay.stop());
      },
    };
  }

  async client(relay: RunningRelay, room = "room", options: YClientOptions = {}): Promise<YClient> {
    this.#clients += 1;
    const offers = options.node === undefined ? [] : [subprotocol];
    const dial = this.network
      .dialer(`client-${this.#clients}`)
      .dial(`${relay.url}/${room}`, { subprotocols: offers, timeoutMs: 5_000 });
    return new YClient(await this.clock.waitFor(dial), options);
  }

  /** Lets `ms` pass. */
  pass(ms: number): Promise<void> {
    return this.clock.advance(ms);
  }

  async until(isDone: () => boolean, what: string, maxMs = 60_000): Promise<void> {
    if (!(await this.clock.advanceUntil(isDone, maxMs))) throw new Error(`${what} did not come true`);
  }

  #listen(url: string, name: string, relay: Relay): MemoryListener {
    return this.network.listen(
      url,
      (connection, { path, subprotocols, token, remote }) => {
        const room = roomFromPath(path);
        if (!room.ok) throw new Error(room.reason);
        relay.accept(connection, {
          room: room.value,
          offeredSubprotocol: subprotocols.includes(subprotocol),
          remote,
          ...(token === undefined ? {} : { token }),
        });
      },
      { name },
    );
  }
}
