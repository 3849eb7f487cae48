/** The machines of a simulated mesh: agents and relays, each with its own disk, clock and lives. The code they run is the real one. */

import { type Random, silentLogger, systemClock } from "@context-mesh/common";
import { AgentDisk, DocDisk, type MemoryNetwork } from "@context-mesh/memory";
import { createNode, type MeshNode } from "@context-mesh/mesh";
import { createRelay, type Relay } from "@context-mesh/relay";
import { LocalClock, type VirtualClock } from "@context-mesh/testkit";
import { type LocalAppend, Observer } from "./observer.ts";

const room = "sim";

export interface Machinery {
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  readonly random: Random;
}

/** For the report: the simulator itself runs in real time. */
export const realNowMs = (): number => systemClock.monotonicMs();

export class RelayMachine {
  readonly name: string;
  readonly url: string;
  readonly disk: DocDisk;
  readonly #world: Machinery;
  readonly #peers: readonly string[];
  #clock: LocalClock | undefined;
  #relay: Relay | undefined;

  constructor(world: Machinery, name: string, peers: readonly string[], commitDelayMs: () => number) {
    this.#world = world;
    this.name = name;
    this.url = `ws://${name}`;
    this.#peers = peers;
    this.disk = new DocDisk({ clock: world.clock, faults: { commitDelayMs } });
  }

  get isUp(): boolean {
    return this.#relay !== undefined;
  }

  async start(): Promise<void> {
    const { clock, network, random } = this.#world;
    this.#clock = new LocalClock(clock);
    const relay = createRelay({
      store: this.disk.open(),
      clock: this.#clock,
      random,
      logger: silentLogger,
      dialer: network.dialer(this.name),
      peers: this.#peers,
    });
    this.#relay = relay;
    await relay.start();
    network.listen(
      this.url,
      (connection, info) =>
        relay.accept(connection, {
          room: info.path.slice(1),
          offeredSubprotocol: info.subprotocols.length > 0,
          remote: info.remote,
        }),
      { name: this.name },
    );
  }

  /** kill -9: what was not committed is gone, nobody is told anything. */
  crash(): void {
    if (this.#relay === undefined) return;
    this.#clock?.kill();
    this.#world.network.kill(this.name);
    this.disk.crash();
    this.#relay = undefined;
  }
}

export type NodeMode = "live" | "levels";

export class AgentMachine {
  readonly name: string;
  readonly mode: NodeMode;
  readonly #world: Machinery;
  readonly #relays: readonly string[];
  readonly #onLocal: (agent: AgentMachine, append: LocalAppend) => void;
  #disk: AgentDisk;
  #clock: LocalClock | undefined;
  #node: MeshNode | undefined;
  /** One life of the store: changes when the disk is lost. */
  #storeLife = 1;
  wallOffsetMs: number;
  received = new Set<string>();
  readonly changedKeys = new Set<string>();

  constructor(
    world: Machinery,
    options: {
      readonly name: string;
      readonly mode: NodeMode;
      readonly relays: readonly string[];
      readonly wallOffsetMs: number;
      readonly onLocal: (agent: AgentMachine, append: LocalAppend) => void;
    },
  ) {
    this.#world = world;
    this.name = options.name;
    this.mode = options.mode;
    this.#relays = options.relays;
    this.wallOffsetMs = options.wallOffsetMs;
    this.#onLocal = options.onLocal;
    this.#disk = new AgentDisk({ clock: world.clock, random: world.random });
  }

  get lineage(): string {
    return `${this.name}.${this.#storeLife}`;
  }

  get node(): MeshNode | undefined {
    return this.#node;
  }

  async start(): Promise<void> {
    const { clock, network, random } = this.#world;
    this.#clock = new LocalClock(clock, this.wallOffsetMs);
    const node = createNode({
      room,
      agent: { id: this.name, roles: [], groups: [] },
      relays: this.#relays,
      store: this.#disk.open(),
      dialer: network.dialer(this.name),
      clock: this.#clock,
      random,
      logger: silentLogger,
      mode: this.mode,
    });
    await node.start();
    const observer = new Observer(this.received, (append) => this.#onLocal(this, append));
    observer.attach(node.core.replicas.replica.ydoc);
    node.on("change", ({ keys }) => {
      for (const key of keys) this.changedKeys.add(key);
      // A replica that was rebuilt from its store is another Y.Doc.
      observer.attach(node.core.replicas.replica.ydoc);
    });
    this.#node = node;
  }

  /** kill -9; with the disk gone as well, the agent comes back as somebody new. */
  crash(options: { readonly losesDisk: boolean }): void {
    if (this.#node === undefined) return;
    this.#clock?.kill();
    this.#world.network.kill(this.name);
    this.#disk.crash();
    this.#node = undefined;
    // What came in from relays is committed in batches, so the last of it may be gone: only the disk counts now.
    this.received = new Set();
    if (!options.losesDisk) return;
    this.#disk = new AgentDisk({ clock: this.#world.clock, random: this.#world.random });
    this.#storeLife += 1;
  }

  jumpClock(byMs: number): void {
    this.wallOffsetMs += byMs;
    if (this.#clock !== undefined) this.#clock.wallOffsetMs = this.wallOffsetMs;
  }
}
