/** An agent on its own machine: a disk that outlives it, clocks of its own, and as many lives as it is given. */

import { silentLogger } from "@context-mesh/common";
import { type AgentBackup, AgentDisk, type StorePoint } from "@context-mesh/memory";
import { createNode, type MeshNode } from "@context-mesh/mesh";
import { LocalClock } from "@context-mesh/testkit";
import { Observer } from "../observer.ts";
import type { Oracle, OwnWrites } from "../oracle.ts";
import { type DeathWish, type Machinery, room } from "./machinery.ts";

export type NodeMode = "live" | "levels";

export interface AgentMachineOptions {
  /** Its name on the network. */
  readonly name: string;
  /** Who it says it is: the copy of a store speaks for the same agent. */
  readonly family: string;
  readonly mode: NodeMode;
  readonly relays: readonly string[];
  readonly wallOffsetMs: number;
  readonly drift: number;
  readonly oracle: Oracle;
  readonly onLocal: (agent: AgentMachine, values: readonly string[]) => void;
  readonly disk?: AgentDisk;
}

/** A backup, with what the judge knows of it. */
export interface Snapshot {
  readonly backup: AgentBackup;
  readonly own: OwnWrites;
}

type Outcome = "ok" | "ENOSPC";

export class AgentMachine {
  readonly name: string;
  readonly family: string;
  readonly mode: NodeMode;
  readonly options: AgentMachineOptions;
  readonly #world: Machinery;
  #disk: AgentDisk;
  #clock: LocalClock | undefined;
  #node: MeshNode | undefined;
  #life = 1;
  wallOffsetMs: number;
  received = new Set<string>();
  readonly changedKeys = new Set<string>();
  snapshot: Snapshot | undefined;
  outcome: Outcome = "ok";
  deathWish: DeathWish | undefined;
  /** A write whose call the process did not outlive: whether it is on disk shows at the next start. */
  #doubtful: string | undefined;
  #isAsleep = false;

  constructor(world: Machinery, options: AgentMachineOptions) {
    this.#world = world;
    this.options = options;
    this.name = options.name;
    this.family = options.family;
    this.mode = options.mode;
    this.wallOffsetMs = options.wallOffsetMs;
    this.#disk = options.disk ?? this.#newDisk();
    if (options.disk !== undefined) this.#watch(options.disk);
  }

  /** One life of the store: changes when the disk is lost or put back. */
  get lineage(): string {
    return `${this.family}.${this.name === this.family ? "" : "c"}${this.#life}`;
  }

  get node(): MeshNode | undefined {
    return this.#node;
  }

  get isAsleep(): boolean {
    return this.#isAsleep;
  }

  async start(): Promise<void> {
    const { clock, network, random, ledger } = this.#world;
    const localClock = new LocalClock(clock, this.wallOffsetMs);
    localClock.drift = this.options.drift;
    this.#clock = localClock;
    this.outcome = "ok";
    const node = createNode({
      room,
      agent: { id: this.family, roles: [], groups: [] },
      relays: this.options.relays,
      store: this.#disk.open(),
      dialer: network.dialer(this.name),
      clock: localClock,
      random,
      logger: silentLogger,
      mode: this.mode,
    });
    node.core.replicas.on("renewed", ({ reason }) => {
      if (reason !== "first_start") ledger.note("a new incarnation while others worked");
    });
    await node.start();
    const observer = new Observer(this.received, (values) => this.options.onLocal(this, values));
    observer.attach(node.core.replicas.replica.ydoc);
    node.on("change", ({ keys }) => {
      for (const key of keys) this.changedKeys.add(key);
      // A replica that was rebuilt from its store is another Y.Doc.
      observer.attach(node.core.replicas.replica.ydoc);
    });
    this.#node = node;
    this.#settleDoubt();
  }

  /** kill -9; with the disk gone as well, the agent comes back as somebody new. */
  crash(options: { readonly losesDisk: boolean } = { losesDisk: false }): void {
    if (this.#node === undefined) return;
    this.#clock?.kill();
    this.#world.network.kill(this.name);
    this.#disk.crash();
    this.#node = undefined;
    this.deathWish = undefined;
    this.#isAsleep = false;
    // What came in from relays is committed in batches, so the last of it may be gone: only the disk counts now.
    this.received = new Set();
    if (!options.losesDisk) return;
    this.#disk = this.#newDisk();
    this.snapshot = undefined;
    this.#life += 1;
  }

  /** Leaves in order: says what could not be sent. */
  async leave(flushMs: number): Promise<number> {
    const node = this.#node;
    try {
      const report = await node?.leave({ flushMs });
      return report?.unsent ?? 0;
    } catch (error) {
      if (this.#node === node) throw error;
      return 0;
    } finally {
      if (this.#node === node) this.crash();
    }
  }

  takeSnapshot(): void {
    const backup = this.#disk.backup();
    if (backup !== undefined) this.snapshot = { backup, own: this.options.oracle.ownWrites(this.lineage) };
  }

  /** The machine dies and comes back later with the older disk. */
  restore({ backup, own }: Snapshot, keepsHighWater: boolean): void {
    this.crash();
    this.#disk.restore(backup, { keepsHighWater });
    this.#begin(own);
  }

  damage(): void {
    this.crash();
    const own = this.options.oracle.ownWrites(this.lineage);
    this.#disk.damage();
    this.#begin(own);
  }

  /** `cp -r` of the store to another machine. */
  copy(name: string): AgentMachine {
    const copy = new AgentMachine(this.#world, { ...this.options, name, disk: this.#disk.clone() });
    this.options.oracle.begin(copy.lineage, this.options.oracle.ownWrites(this.lineage));
    return copy;
  }

  /** Runs a write; the process may die inside it. True when it outlived it. */
  write(value: string, run: (node: MeshNode) => void): boolean {
    const node = this.#node;
    if (node === undefined) return false;
    try {
      run(node);
    } catch (error) {
      if (this.#node === node) throw error;
    }
    if (this.#node === node) return true;
    this.#doubtful = value;
    return false;
  }

  jumpClock(byMs: number): void {
    this.wallOffsetMs += byMs;
    if (this.#clock !== undefined) this.#clock.wallOffsetMs = this.wallOffsetMs;
  }

  /** The lid is closed: the process stands still, and so does its reading. */
  sleep(): void {
    if (this.#clock === undefined) return;
    this.#isAsleep = true;
    this.#clock.sleep();
    for (const link of this.#links()) link.pauseReading("dialer");
  }

  wake(): void {
    if (!this.#isAsleep) return;
    this.#isAsleep = false;
    for (const link of this.#links()) link.resumeReading("dialer");
    this.#clock?.wake();
  }

  #links() {
    return this.#world.network.links(({ from }) => from === this.name);
  }

  #begin(own: OwnWrites): void {
    this.#life += 1;
    this.options.oracle.begin(this.lineage, own);
    this.#doubtful = undefined;
  }

  #settleDoubt(): void {
    const value = this.#doubtful;
    this.#doubtful = undefined;
    if (value === undefined || this.received.has(value)) return;
    if (this.#node?.queue().some((item) => item.value === value) === true) return;
    this.options.oracle.forget(value);
  }

  #newDisk(): AgentDisk {
    const { clock, random } = this.#world;
    const disk = new AgentDisk({ clock, random });
    this.#watch(disk);
    return disk;
  }

  #watch(disk: AgentDisk): void {
    disk.faults.commit = () => {
      if (this.outcome === "ENOSPC") this.#world.ledger.note("an agent's disk was full");
      return this.outcome;
    };
    disk.faults.at = (point) => this.#pass(point);
  }

  #pass(point: StorePoint): void {
    const wish = this.deathWish;
    if (wish === undefined || this.#node === undefined) return;
    wish.after -= 1;
    if (wish.after > 0) return;
    const { ledger } = this.#world;
    if (point === "prepared") ledger.note("an agent died with a write prepared");
    if (point === "kept") ledger.note("an agent died with a write on disk and nobody told");
    this.crash();
  }
}
