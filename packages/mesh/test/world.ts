/** A small world for tests: agents and relays on a memory network under a virtual clock. */

import { type Limits, type Logger, type Random, seededRandom, silentLogger } from "@context-mesh/common";
import { AgentDisk, createMemoryNetwork, DocDisk, type MemoryNetwork } from "@context-mesh/memory";
import { roomFromPath, subprotocol } from "@context-mesh/protocol";
import { createRelay, type Relay } from "@context-mesh/relay";
import { VirtualClock } from "@context-mesh/testkit";
import { createNode, type MeshNode, type NodeOptions } from "../src/index.ts";

export interface WorldRelay {
  readonly url: string;
  readonly name: string;
  readonly disk: DocDisk;
  relay: Relay;
  start(): Promise<void>;
  /** kill -9: links drop, memory is gone, the disk stays. */
  kill(): void;
}

export class World {
  readonly clock = new VirtualClock();
  readonly random: Random;
  readonly network: MemoryNetwork;
  readonly logger: Logger = silentLogger;
  readonly nodes: MeshNode[] = [];
  readonly relays: WorldRelay[] = [];

  constructor(seed = 1) {
    this.random = seededRandom(seed);
    this.network = createMemoryNetwork({ clock: this.clock, random: this.random });
  }

  disk(): AgentDisk {
    return new AgentDisk({ clock: this.clock, random: this.random });
  }

  async relay(
    name = "relay",
    peers: readonly string[] = [],
    arbitrates: readonly string[] = [],
    limits: Partial<Limits> = {},
  ): Promise<WorldRelay> {
    const { clock, random, network, logger } = this;
    const url = `ws://${name}:7420`;
    const disk = new DocDisk({ clock });
    const make = (): Relay => {
      const store = disk.open();
      const arbiter = arbitrates.length === 0 ? {} : { arbiter: { rooms: arbitrates, store } };
      return createRelay({ store, clock, random, logger, dialer: network.dialer(name), peers, limits, ...arbiter });
    };
    let isDead = false;
    const world: WorldRelay = {
      url,
      name,
      disk,
      relay: make(),
      async start() {
        if (isDead) world.relay = make();
        isDead = false;
        await world.relay.start();
        network.listen(
          url,
          (connection, info) => {
            const room = roomFromPath(info.path);
            if (!room.ok) return connection.close(4400, room.reason);
            world.relay.accept(connection, {
              room: room.value,
              offeredSubprotocol: info.subprotocols.includes(subprotocol),
              remote: info.remote,
              ...(info.token === undefined ? {} : { token: info.token }),
            });
          },
          { name },
        );
      },
      kill() {
        network.kill(name);
        disk.crash();
        isDead = true;
      },
    };
    await this.clock.waitFor(world.start());
    this.relays.push(world);
    return world;
  }

  async node(id: string, options: Partial<NodeOptions> & { readonly disk?: AgentDisk } = {}): Promise<MeshNode> {
    const { clock, random, network, logger } = this;
    const { disk = this.disk(), ...rest } = options;
    const node = createNode({
      room: "acme/checkout",
      agent: { id },
      relays: this.relays.map((relay) => relay.url),
      store: disk.open(),
      dialer: network.dialer(id),
      clock,
      random,
      logger,
      ...rest,
    });
    this.nodes.push(node);
    await node.start();
    return node;
  }

  /** Moves on until every node is connected and nothing waits. */
  async settle(maxMs = 120_000): Promise<void> {
    const isDone = (): boolean =>
      this.nodes.every((node) => {
        const { links, replicas } = node.core;
        return !node.core.isStarted || (links.every((link) => link.isLive) && replicas.queue.size === 0);
      }) && this.areEqual();
    if (!(await this.clock.advanceUntil(isDone, maxMs))) throw new Error("the world did not come to rest");
  }

  areEqual(): boolean {
    return new Set(this.nodes.map((node) => node.core.replicas.replica.fingerprint())).size <= 1;
  }

  digests(): readonly string[] {
    return this.nodes.map((node) => node.core.replicas.replica.digest());
  }

  /** Ends a node as kill -9 would. */
  crash(node: MeshNode, disk: AgentDisk): void {
    this.network.kill(node.agent.id);
    disk.crash();
    this.forget(node);
  }

  forget(node: MeshNode): void {
    this.nodes.splice(this.nodes.indexOf(node), 1);
  }

  async leave(node: MeshNode): Promise<void> {
    await this.clock.waitFor(node.leave());
    this.forget(node);
  }
}
