/** One history: agents with bad clocks claim a few tasks over a relay that dies, through partitions and pauses. Real code. */

import { type Random, seededRandom, silentLogger } from "@context-mesh/common";
import { AgentDisk, createMemoryNetwork, DocDisk, type MemoryNetwork } from "@context-mesh/memory";
import { createNode, type LeaseApi, type MeshNode } from "@context-mesh/mesh";
import { createRelay, type Relay } from "@context-mesh/relay";
import { VirtualClock } from "@context-mesh/testkit";
import { isLinearizable, type Operation } from "./linearizable.ts";
import { MachineClock } from "./machine-clock.ts";

const room = "claims";
const relayUrl = "ws://relay";
const tasks = ["t0", "t1"];
const leaseMs = 4_000;
/** The arbiter's maximal lease, short so that a wait fits into a history. */
const maximalMs = 8_000;
const driftMax = 0.02;
const skewMsMax = 3_600_000;
const pauseMsMax = 30_000;
const latencyMsMax = 40;
const stepsMax = 60;
const stepMsMax = 700;
const partitionMsMax = 8_000;
const downMsMax = 4_000;

export interface HistoryReport {
  readonly seed: number;
  readonly arbitrated: boolean;
  readonly violations: readonly string[];
  readonly granted: number;
  readonly acts: number;
  readonly restarts: number;
  /** Longest time that two tentative holders of one task were both in reach of the relay; 0 for none. */
  readonly overlapMs: number;
}

interface Machine {
  readonly name: string;
  readonly clock: MachineClock;
  readonly node: MeshNode;
  readonly leases: Map<string, LeaseApi>;
  /** Tasks that it asks for now. */
  readonly claiming: Set<string>;
  heal: (() => void) | undefined;
  isStopped: boolean;
}

interface Overlap {
  readonly task: string;
  readonly sinceMs: number;
}

class History {
  readonly #seed: number;
  readonly #random: Random;
  readonly #clock = new VirtualClock();
  readonly #network: MemoryNetwork;
  readonly #disk: DocDisk;
  readonly #isArbitrated: boolean;
  readonly #machines: Machine[] = [];
  readonly #operations = new Map<string, Operation[]>();
  readonly #violations: string[] = [];
  readonly #running = new Set<Promise<void>>();
  #relay: Relay | undefined;
  #starting: Promise<void> | undefined;
  #relayClock: MachineClock | undefined;
  #counts = { granted: 0, acts: 0, restarts: 0 };
  #overlap: Overlap | undefined;
  #overlapMs = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = seededRandom(seed);
    this.#isArbitrated = seed % 4 !== 0;
    const latencyMs = () => 1 + this.#random.int(latencyMsMax);
    this.#network = createMemoryNetwork({ clock: this.#clock, random: this.#random, latencyMs });
    this.#disk = new DocDisk({ clock: this.#clock, faults: { commitDelayMs: () => this.#random.int(8) } });
  }

  async run(): Promise<HistoryReport> {
    await this.#clock.waitFor(this.#startRelay());
    for (let at = 0; at < 3; at++) await this.#startMachine(`a${at}`);
    for (const id of tasks) this.#machines[0]?.node.tasks.add({ id });
    await this.#clock.advance(2_000);
    for (let step = 0; step < stepsMax && this.#violations.length === 0; step++) {
      await this.#step();
      await this.#clock.advance(this.#random.int(stepMsMax));
    }
    await this.#heal();
    this.#judge();
    for (const { clock, name } of this.#machines) {
      clock.kill();
      this.#network.kill(name);
    }
    this.#relayClock?.kill();
    const { granted, acts, restarts } = this.#counts;
    const report = { seed: this.#seed, arbitrated: this.#isArbitrated, violations: this.#violations };
    return { ...report, granted, acts, restarts, overlapMs: this.#overlapMs };
  }

  #between(low: number, high: number): number {
    return low + this.#random.float() * (high - low);
  }

  #machineClock(): MachineClock {
    const rate = this.#between(1 - driftMax, 1 + driftMax);
    return new MachineClock(this.#clock, { rate, skewMs: this.#between(-skewMsMax, skewMsMax) });
  }

  async #startRelay(): Promise<void> {
    const store = this.#disk.open();
    this.#relayClock = this.#machineClock();
    const relay = createRelay({
      store,
      clock: this.#relayClock,
      random: this.#random,
      logger: silentLogger,
      limits: { leaseMsMax: maximalMs },
      ...(this.#isArbitrated ? { arbiter: { rooms: [room], store } } : {}),
    });
    this.#relay = relay;
    await relay.start();
    if (this.#relay !== relay) return;
    this.#network.listen(
      relayUrl,
      (connection, { path, subprotocols, remote }) =>
        relay.accept(connection, { room: path.slice(1), offeredSubprotocol: subprotocols.length > 0, remote }),
      { name: "relay" },
    );
  }

  /** kill -9; it comes back on the same disk. */
  #crashRelay(): void {
    if (this.#relay === undefined) return;
    this.#relayClock?.kill();
    this.#network.kill("relay");
    this.#disk.crash();
    this.#relay = undefined;
    this.#counts.restarts += 1;
    // A start that was struck in its midst never ends: nobody waits for it any more.
    if (this.#starting !== undefined) this.#running.delete(this.#starting);
    this.#clock.after(this.#random.int(downMsMax), () => {
      this.#starting = this.#startRelay();
      this.#track(this.#starting);
    });
  }

  async #startMachine(name: string): Promise<void> {
    const clock = this.#machineClock();
    const node = createNode({
      room,
      agent: { id: name },
      relays: [relayUrl],
      store: new AgentDisk({ clock: this.#clock, random: this.#random }).open(),
      dialer: this.#network.dialer(name),
      clock,
      random: this.#random,
      logger: silentLogger,
    });
    await node.start();
    const machine: Machine = {
      name,
      clock,
      node,
      leases: new Map(),
      claiming: new Set(),
      heal: undefined,
      isStopped: false,
    };
    node.on("claim_lost", () => this.#noteOverlap());
    this.#machines.push(machine);
  }

  async #step(): Promise<void> {
    const machine = this.#machines[this.#random.int(this.#machines.length)] as Machine;
    const task = tasks[this.#random.int(tasks.length)] as string;
    const chance = this.#random.float();
    if (chance < 0.03) this.#crashRelay();
    else if (chance < 0.07) this.#separate(machine);
    else if (chance < 0.09) this.#pause(machine);
    else if (machine.isStopped) return;
    else if (chance < 0.4) this.#claim(machine, task);
    else if (chance < 0.6) this.#keep(machine, task, "renew");
    else if (chance < 0.68) this.#keep(machine, task, "release");
    else this.#act(machine, task);
  }

  #separate(machine: Machine): void {
    if (machine.heal !== undefined) return;
    machine.heal = this.#network.partition((a, b) => a === machine.name && b === "relay");
    this.#clock.after(this.#random.int(partitionMsMax), () => {
      machine.heal?.();
      machine.heal = undefined;
    });
  }

  /** Stopped as by SIGSTOP, or asleep with its lid closed: nothing of it runs, nothing reaches it. */
  #pause(machine: Machine): void {
    if (machine.isStopped) return;
    machine.isStopped = true;
    const heal = this.#network.partition((a, b) => a === machine.name && b === "relay");
    machine.clock.stop(this.#random.float() < 0.3);
    this.#clock.after(this.#random.int(pauseMsMax), () => {
      machine.isStopped = false;
      // It acts at once on waking, before it hears of anything.
      for (const task of tasks) this.#act(machine, task);
      machine.clock.goOn();
      heal();
    });
  }

  /** Of confirmed claims only: tentative ones promise no order. */
  #record(task: string, operation: Operation): void {
    if (!this.#isArbitrated) return;
    const known = this.#operations.get(task);
    if (known === undefined) this.#operations.set(task, [operation]);
    else known.push(operation);
  }

  #track(work: Promise<void>): void {
    this.#running.add(work);
    void work.finally(() => this.#running.delete(work));
  }

  #claim(machine: Machine, task: string): void {
    if (machine.leases.get(task)?.isHeld || machine.claiming.has(task)) return;
    machine.claiming.add(task);
    const startMs = this.#clock.monotonicMs();
    const { name, node } = machine;
    const work = async (): Promise<void> => {
      const answer = await node.tasks.claim(task, { leaseMs, autoRenew: false, confirmed: this.#isArbitrated });
      machine.claiming.delete(task);
      const base = { agent: name, kind: "claim", startMs } as const;
      if (answer.ok) {
        machine.leases.set(task, answer.lease);
        this.#counts.granted += 1;
        this.#noteOverlap();
        if (answer.kind !== "confirmed") return;
        const endMs = this.#clock.monotonicMs();
        this.#record(task, { ...base, endMs, result: "ok", fence: answer.lease.fence });
      } else if (answer.reason === "held") {
        this.#record(task, { ...base, endMs: this.#clock.monotonicMs(), result: "refused", fence: 0 });
      } else if (answer.reason === "no_arbiter") {
        this.#record(task, { ...base, endMs: Number.POSITIVE_INFINITY, result: "unknown", fence: 0 });
      }
    };
    this.#track(work());
  }

  #keep(machine: Machine, task: string, kind: "renew" | "release"): void {
    const lease = machine.leases.get(task);
    if (lease === undefined || lease.signal.aborted) return;
    const startMs = this.#clock.monotonicMs();
    const work = async (): Promise<void> => {
      const answer = kind === "renew" ? await lease.renew() : await lease.release();
      if (lease.kind !== "confirmed") return;
      const { fence } = lease;
      const base = { agent: machine.name, kind, startMs, fence } as const;
      // A release whose answer did not come may have been heard; a renewal that was not even sent changes nothing.
      const isUnknown = answer.ok ? kind === "release" : answer.reason === "no_arbiter";
      if (isUnknown) this.#record(task, { ...base, endMs: Number.POSITIVE_INFINITY, result: "unknown" });
      else if (answer.ok) this.#record(task, { ...base, endMs: this.#clock.monotonicMs(), result: "ok" });
    };
    this.#track(work());
  }

  /** A protected act: done if the lease says, at that moment, that it is held. */
  #act(machine: Machine, task: string): void {
    const lease = machine.leases.get(task);
    if (lease === undefined || !lease.isHeld) return;
    const nowMs = this.#clock.monotonicMs();
    this.#counts.acts += 1;
    if (lease.kind !== "confirmed") return;
    this.#record(task, {
      agent: machine.name,
      kind: "act",
      startMs: nowMs,
      endMs: nowMs,
      result: "ok",
      fence: lease.fence,
    });
  }

  /** Two tentative holders of one task, both in reach of the relay: how long until one of them is told. */
  #noteOverlap(): void {
    const nowMs = this.#clock.monotonicMs();
    const doubled = tasks.find((task) => this.#connectedHolders(task) > 1);
    if (doubled === undefined) {
      if (this.#overlap !== undefined) this.#overlapMs = Math.max(this.#overlapMs, nowMs - this.#overlap.sinceMs);
      this.#overlap = undefined;
    } else this.#overlap ??= { task: doubled, sinceMs: nowMs };
  }

  #connectedHolders(task: string): number {
    const holding = this.#machines.filter(
      ({ leases, isStopped, heal, node }) =>
        !isStopped && heal === undefined && leases.get(task)?.isHeld && node.relays().every(({ synced }) => synced),
    );
    return this.#isArbitrated ? 0 : holding.length;
  }

  async #heal(): Promise<void> {
    // Whoever is stopped wakes up, whatever is separated heals, the relay is back.
    await this.#clock.advanceUntil(() => this.#machines.every(({ isStopped }) => !isStopped), pauseMsMax);
    await this.#clock.advance(Math.max(partitionMsMax, downMsMax));
    this.#network.heal();
    const isWhole = (): boolean =>
      this.#running.size === 0 &&
      this.#machines.every(({ node }) => {
        const { relays, queued, unconfirmed } = node.status();
        return queued.count === 0 && unconfirmed === 0 && relays.every(({ synced }) => synced);
      }) &&
      new Set(this.#machines.map(({ node }) => node.status().fingerprint)).size === 1;
    for (let tries = 0; tries < 300 && !isWhole(); tries++) await this.#clock.advance(1_000);
    if (!isWhole()) this.#violations.push("no convergence after healing");
  }

  #judge(): void {
    for (const task of tasks) {
      const operations = this.#operations.get(task) ?? [];
      const holders = new Map<number, string>();
      for (const { kind, result, fence, agent } of operations) {
        if (kind !== "claim" || result !== "ok") continue;
        if ((holders.get(fence) ?? agent) !== agent) this.#violations.push(`${task}: two holders of token ${fence}`);
        holders.set(fence, agent);
      }
      const rules = { leaseMs: leaseMs / (1 + driftMax) };
      if (!isLinearizable(operations, rules)) {
        this.#violations.push(`${task}: no order explains ${JSON.stringify(operations)}`);
      }
      const owners = new Set(this.#machines.map(({ node }) => node.tasks.holder(task)?.agent));
      if (owners.size !== 1) this.#violations.push(`${task}: owners ${[...owners].join(" ")}`);
      const [owner] = owners;
      for (const { name, leases } of this.#machines) {
        if (leases.get(task)?.isHeld && owner !== name)
          this.#violations.push(`${task}: ${name} still believes in its lease`);
      }
    }
  }
}

export const runHistory = (seed: number): Promise<HistoryReport> => new History(seed).run();
