/** One relay and its agents, struck with -9 at random instants. The stores of the dead are read before anybody is started again. */

import { join as joinPath } from "node:path";
import { pick, type Random, sleep, systemClock } from "@context-mesh/common";
import { AgentUnderFire } from "./agent-under-fire.ts";
import { BulkWriter, bulkRoom } from "./bulk-writer.ts";
import { RelayUnderFire } from "./relay-under-fire.ts";
import { queuedValues, storedRooms, valuesIn } from "./stored-values.ts";

const room = "kills";
/** The longest wait before a kill: several commits, and now and then a compaction. */
const waitMsMax = 300;
const victims = ["relay", "agent", "both"] as const;

export interface FireOptions {
  readonly folder: string;
  readonly agents: number;
  /** What an agent's process runs. */
  readonly program: string;
  readonly random: Random;
}

export class Fire {
  readonly #relay: RelayUnderFire;
  readonly #agents: readonly AgentUnderFire[];
  readonly #bulk = new BulkWriter();
  readonly #random: Random;
  /** Rooms and the update up to which they were compacted, as far as dead stores showed. */
  readonly #compactions = new Set<string>();
  readonly lost = new Set<string>();
  readonly counts = { strikes: 0, relay: 0, agent: 0 };

  constructor({ folder, agents, program, random }: FireOptions) {
    this.#relay = new RelayUnderFire(joinPath(folder, "relay"));
    this.#agents = Array.from({ length: agents }, (_, at) => new AgentUnderFire(`agent-${at}`, folder, program));
    this.#random = random;
  }

  get compactions(): number {
    return this.#compactions.size;
  }

  get bulkAcknowledged(): number {
    return this.#bulk.acknowledged;
  }

  async start(): Promise<void> {
    await this.#relay.start();
    await Promise.all([
      this.#bulk.connect(this.#relay.url),
      ...this.#agents.map((agent) => agent.start(this.#relay.url)),
    ]);
  }

  async strike(): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.sync()));
    this.#bulk.write(true);
    await sleep(systemClock, this.#random.int(waitMsMax));
    const victim = pick(this.#random, victims);
    const agent = victim === "relay" ? undefined : pick(this.#random, this.#agents);
    const isRelayHit = victim !== "agent";
    await Promise.all([isRelayHit ? this.#relay.kill() : undefined, agent?.kill()]);
    this.#bulk.write(false);
    this.counts.strikes += 1;
    await Promise.all([
      isRelayHit ? this.#raiseRelay() : undefined,
      agent === undefined ? undefined : this.#raiseAgent(agent),
    ]);
  }

  /** Everybody sends what waits and ends; then the relay must hold all that was ever queued. Returns what could not be sent. */
  async end(): Promise<number> {
    const unsent = await Promise.all(this.#agents.map((agent) => agent.stop()));
    await this.#relay.kill();
    await this.#judgeRelay("queued");
    return unsent.reduce((sum, count) => sum + count, 0);
  }

  /** By their own ids, whatever state they are in. */
  async kill(): Promise<void> {
    await Promise.all([this.#relay.kill(), ...this.#agents.map((agent) => agent.kill())]);
  }

  receipts(kind: "queued" | "durable"): readonly string[] {
    return this.#agents.flatMap((agent) => agent.receipts()[kind]);
  }

  async #raiseRelay(): Promise<void> {
    this.counts.relay += 1;
    await this.#judgeRelay("durable");
    await this.#relay.start();
    await this.#bulk.connect(this.#relay.url);
  }

  async #raiseAgent(agent: AgentUnderFire): Promise<void> {
    this.counts.agent += 1;
    const { queued } = agent.receipts();
    this.#compare(queued, await queuedValues(agent.storage, agent.name, room));
    await agent.start(this.#relay.url);
  }

  async #judgeRelay(kind: "queued" | "durable"): Promise<void> {
    const claimed = this.receipts(kind);
    const stored = await storedRooms(this.#relay.storage, [room, bulkRoom]);
    for (const [name, { compactedTo }] of Object.entries(stored))
      if (compactedTo !== undefined) this.#compactions.add(`${name} ${compactedTo}`);
    this.#compare(claimed, valuesIn(stored[room].doc));
    for (const missing of this.#bulk.missingIn(stored[bulkRoom].doc)) this.lost.add(missing);
  }

  #compare(claimed: readonly string[], stored: ReadonlySet<string>): void {
    for (const value of claimed) if (!stored.has(value)) this.lost.add(value);
  }
}
