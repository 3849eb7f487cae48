/** A relay on its own machine: a disk that outlives it, a clock, and as many lives as it is given. The code it runs is the real one. */

import { type Limits, silentLogger } from "@context-mesh/common";
import { type DocBackup, DocDisk, type StoreOperation, type StorePoint } from "@context-mesh/memory";
import type { DocStore } from "@context-mesh/ports";
import { createRelay, type Relay } from "@context-mesh/relay";
import { LocalClock } from "@context-mesh/testkit";
import { valuesIn } from "../values.ts";
import { type DeathWish, type Machinery, room } from "./machinery.ts";

export interface RelayMachineOptions {
  readonly name: string;
  readonly peers: readonly string[];
  readonly limits: Partial<Limits>;
  readonly commitDelayMs: () => number;
}

type Outcome = "ok" | "ENOSPC" | "EIO";

export class RelayMachine {
  readonly name: string;
  readonly url: string;
  readonly disk: DocDisk;
  /** Values that were ever on this disk: what an acknowledgement or a fan-out may speak of. */
  readonly everOnDisk = new Set<string>();
  /** Links whose other end has asked and is not answered yet. */
  readonly joining = new Set<object>();
  outcome: Outcome = "ok";
  deathWish: DeathWish | undefined;
  readonly #world: Machinery;
  readonly #options: RelayMachineOptions;
  readonly #running = new Map<StoreOperation, number>();
  #clock: LocalClock | undefined;
  #relay: Relay | undefined;

  constructor(world: Machinery, options: RelayMachineOptions) {
    this.#world = world;
    this.#options = options;
    this.name = options.name;
    this.url = `ws://${options.name}`;
    this.disk = new DocDisk({
      clock: world.clock,
      faults: {
        commitDelayMs: options.commitDelayMs,
        loadDelayMs: options.commitDelayMs,
        commit: () => this.#outcomeNow(),
        at: (point, operation) => this.#pass(point, operation),
      },
    });
  }

  get isUp(): boolean {
    return this.#relay !== undefined;
  }

  get relay(): Relay | undefined {
    return this.#relay;
  }

  async start(): Promise<void> {
    const { clock, network, random } = this.#world;
    this.#readDisk();
    this.#clock = new LocalClock(clock);
    const relay = createRelay({
      store: this.#watched(this.disk.open()),
      clock: this.#clock,
      random,
      logger: silentLogger,
      dialer: network.dialer(this.name),
      peers: this.#options.peers,
      limits: this.#options.limits,
    });
    this.#relay = relay;
    try {
      await relay.start();
    } catch {
      // A disk that takes nothing: the process ends with an error and is started again later.
      this.crash();
    }
    if (this.#relay !== relay) return;
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
    const relay = this.#relay;
    if (relay === undefined) return;
    const { ledger, network } = this.#world;
    if (this.#isRunning("append")) ledger.note("a commit of a relay under way at its death");
    if (this.#isRunning("load")) ledger.note("a relay died while it loaded a room");
    if (this.#isRunning("compact")) ledger.note("a relay died while it compacted");
    if (this.joining.size > 0) ledger.note("a relay died while a join was being served");
    this.noteMetrics();
    this.#clock?.kill();
    network.kill(this.name);
    this.disk.crash();
    this.#relay = undefined;
    this.#running.clear();
    this.joining.clear();
    this.deathWish = undefined;
  }

  /** The disk is an older one from now on. */
  restore(backup: DocBackup, keepsHead: boolean): void {
    this.crash();
    this.disk.restore(backup, { keepsHead });
  }

  /** Records of the room no longer pass their check; what `up` does then is to cut it back and to ask the peers. */
  async damage(): Promise<void> {
    this.crash();
    this.outcome = "ok";
    this.disk.corrupt(room);
    const store = this.disk.open();
    await store.mend(room);
    await store.close();
  }

  noteMetrics(): void {
    const { ledger } = this.#world;
    const metrics = this.#relay?.metrics() ?? {};
    const noteIf = (name: string, state: Parameters<typeof ledger.note>[0]): void => {
      if ((metrics[name] ?? 0) > 0) ledger.note(state);
    };
    noteIf("readers_lagged", "a reader that lagged behind");
    noteIf("updates_known", "an update came to a relay by two ways");
  }

  #isRunning(operation: StoreOperation): boolean {
    return (this.#running.get(operation) ?? 0) > 0;
  }

  #outcomeNow(): Outcome {
    if (this.outcome === "ENOSPC") this.#world.ledger.note("a relay's disk was full");
    if (this.outcome === "EIO") this.#world.ledger.note("a relay's disk failed");
    return this.outcome;
  }

  #pass(point: StorePoint, operation: StoreOperation): void {
    if (this.#relay === undefined) return;
    if (point === "asked") this.#running.set(operation, (this.#running.get(operation) ?? 0) + 1);
    if (point === "kept") this.#running.set(operation, Math.max(0, (this.#running.get(operation) ?? 0) - 1));
    this.#noteMeeting(point, operation);
    const wish = this.deathWish;
    if (wish === undefined || operation === "other") return;
    wish.after -= 1;
    if (wish.after > 0) return;
    if (operation === "append") this.#noteDeath(point);
    this.crash();
  }

  #noteMeeting(point: StorePoint, operation: StoreOperation): void {
    const { ledger } = this.#world;
    if (operation === "compact" && point === "prepared") {
      if (this.joining.size > 0) ledger.note("compaction while a join was being served");
      if (this.#isRunning("append")) ledger.note("compaction while a commit was under way");
    }
    if (operation === "load" && point === "kept" && this.joining.size > 1) {
      ledger.note("several joiners waited for one load");
    }
  }

  #noteDeath(point: StorePoint): void {
    const { ledger } = this.#world;
    if (point === "prepared") ledger.note("a relay died before a commit was on disk");
    if (point === "kept") ledger.note("a relay died with a commit on disk and nobody told");
    if (point === "told") ledger.note("a relay died just after it was told of a commit");
  }

  /** A commit may be on disk although the process that made it never heard of it. */
  #readDisk(): void {
    const stored = this.disk.backup().state.rooms.get(room);
    for (const { bytes } of [...(stored?.bases ?? []), ...(stored?.log ?? [])]) this.#note(bytes);
  }

  #note(bytes: Uint8Array): void {
    for (const value of valuesIn(bytes)) this.everOnDisk.add(value);
  }

  /** The judge learns what is on disk before the relay does. */
  #watched(store: DocStore): DocStore {
    const append = store.append.bind(store);
    store.append = async (batch) => {
      const seqs = await append(batch);
      for (const { bytes } of batch) this.#note(bytes);
      return seqs;
    };
    return store;
  }
}
