/**
 * Kills with -9 at random instants, of the relay, of an agent, or of both at once. After every kill the store of the dead
 * is read with nobody connected and must hold everything that a receipt had named; at the end the relay holds all of it.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { pick, type Random, seededRandom, sleep, systemClock } from "@context-mesh/common";
import { AgentUnderFire } from "./agent-under-fire.ts";
import { RelayUnderFire } from "./relay-under-fire.ts";
import { queuedValues, storedValues } from "./stored-values.ts";

export interface KillOptions {
  readonly kills: number;
  readonly agents: number;
  readonly seed: number;
  readonly say: (text: string) => void;
}

export interface KillReport {
  readonly kills: number;
  readonly relayKills: number;
  readonly agentKills: number;
  readonly queued: number;
  readonly acknowledged: number;
  /** Values that a receipt named and that were not there. */
  readonly lost: readonly string[];
  readonly unsentAtLeave: number;
}

const room = "kills";
/** The longest wait before a kill: several commits, and now and then a compaction. */
const waitMsMax = 300;
const victims = ["relay", "agent", "both"] as const;

class Fire {
  readonly #relay: RelayUnderFire;
  readonly #agents: readonly AgentUnderFire[];
  readonly #random: Random;
  readonly lost = new Set<string>();
  readonly counts = { relay: 0, agent: 0 };

  constructor(folder: string, agents: number, random: Random) {
    this.#relay = new RelayUnderFire(joinPath(folder, "relay"));
    this.#agents = Array.from({ length: agents }, (_, at) => new AgentUnderFire(`agent-${at}`, folder));
    this.#random = random;
  }

  async start(): Promise<void> {
    await this.#relay.start();
    await Promise.all(this.#agents.map((agent) => agent.start(this.#relay.url)));
  }

  async strike(): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.sync()));
    await sleep(systemClock, this.#random.int(waitMsMax));
    const victim = pick(this.#random, victims);
    const agent = victim === "relay" ? undefined : pick(this.#random, this.#agents);
    const isRelayHit = victim !== "agent";
    await Promise.all([isRelayHit ? this.#relay.kill() : undefined, agent?.kill()]);
    if (isRelayHit) {
      this.counts.relay += 1;
      await this.#judgeRelay();
      await this.#relay.start();
    }
    if (agent === undefined) return;
    this.counts.agent += 1;
    await this.#judgeAgent(agent);
    await agent.start(this.#relay.url);
  }

  /** Everybody sends what waits and ends; then the relay must hold all that was ever queued. */
  async end(): Promise<number> {
    const unsent = await Promise.all(this.#agents.map((agent) => agent.stop()));
    await this.#relay.kill();
    const stored = await storedValues(this.#relay.storage, room);
    this.#compare(this.receipts("queued"), stored);
    return unsent.reduce((sum, count) => sum + count, 0);
  }

  /** By their own ids, whatever state they are in. */
  async kill(): Promise<void> {
    await Promise.all([this.#relay.kill(), ...this.#agents.map((agent) => agent.kill())]);
  }

  receipts(kind: "queued" | "durable"): readonly string[] {
    return this.#agents.flatMap((agent) => agent.receipts()[kind]);
  }

  async #judgeRelay(): Promise<void> {
    const claimed = this.receipts("durable");
    this.#compare(claimed, await storedValues(this.#relay.storage, room));
  }

  async #judgeAgent(agent: AgentUnderFire): Promise<void> {
    const { queued } = agent.receipts();
    this.#compare(queued, await queuedValues(agent.storage, agent.name, room));
  }

  #compare(claimed: readonly string[], stored: ReadonlySet<string>): void {
    for (const value of claimed) if (!stored.has(value)) this.lost.add(value);
  }
}

export const runKills = async ({ kills, agents, seed, say }: KillOptions): Promise<KillReport> => {
  const folder = mkdtempSync(joinPath(tmpdir(), "context-mesh-kills-"));
  const fire = new Fire(folder, agents, seededRandom(seed));
  try {
    await fire.start();
    for (let at = 1; at <= kills; at += 1) {
      await fire.strike();
      if (at % 10 !== 0) continue;
      say(
        `kill ${at}: ${fire.receipts("queued").length} queued, ${fire.receipts("durable").length} acknowledged, ${fire.lost.size} missing`,
      );
    }
    const unsentAtLeave = await fire.end();
    const [queued, acknowledged] = [fire.receipts("queued").length, fire.receipts("durable").length];
    const { relay: relayKills, agent: agentKills } = fire.counts;
    return { kills, relayKills, agentKills, queued, acknowledged, lost: [...fire.lost], unsentAtLeave };
  } finally {
    await fire.kill();
    rmSync(folder, { recursive: true, force: true });
  }
};
