/**
 * A process that plays 300 agents on a relay, each with a connection and a presence of its own, and lets some of them fail
 * when told to: `node agents-crowd.js URL ROOM COUNT`. Tells its parent of each fault when it happens.
 */

import { seededRandom, silentLogger, sleep, systemClock } from "@context-mesh/common";
import type { Connection } from "@context-mesh/ports";
import { encodeAwareness, encodeAwarenessStates } from "@context-mesh/protocol";
import { createDialer } from "@context-mesh/provider-websocket";

const [url = "", room = "", count = "0"] = process.argv.slice(2);
const dialer = createDialer({ clock: systemClock, logger: silentLogger });
const renewMs = 15_000;

interface Played {
  readonly id: string;
  readonly client: number;
  readonly connection: Connection;
  clock: number;
  status: string;
  isGone: boolean;
}

const say = (agent: Played): void => {
  agent.clock += 1;
  const { id, client, clock, status } = agent;
  const state = { agent: id, roles: ["developer"], groups: [], user: { name: id }, state: { status } };
  agent.connection.send(encodeAwareness(encodeAwarenessStates([{ client, clock, state }])));
};

const enter = async (n: number): Promise<Played> => {
  const connection = await dialer.dial(`${url}/${room}`, { subprotocols: [], token: undefined, timeoutMs: 10_000 });
  connection.handle({ onMessage: () => {}, onClose: () => {} });
  const agent = { id: `agent-${n}`, client: 1_000 + n, connection, clock: 0, status: "ok", isGone: false };
  say(agent);
  return agent;
};

const agents: Played[] = [];
for (let n = 0; n < Number(count); n += 1) agents.push(await enter(n));
systemClock.every(renewMs, () => {
  for (const agent of agents) if (!agent.isGone) say(agent);
});

/** Faults at seeded moments: an error that the agent tells of, or a connection that is gone. */
const fail = async (faults: number, durationMs: number, seed: number): Promise<void> => {
  const random = seededRandom(seed);
  const moments = Array.from({ length: faults }, () => random.float() * durationMs).sort((a, b) => a - b);
  const beganMs = systemClock.monotonicMs();
  for (const [n, moment] of moments.entries()) {
    await sleep(systemClock, Math.max(0, moment - (systemClock.monotonicMs() - beganMs)));
    const agent = agents[(seed * 97 + n * 7) % agents.length] as Played;
    if (agent.status === "ok") agent.status = "error";
    else agent.status = "ok";
    say(agent);
    process.send?.({ fault: agent.id, status: agent.status, atMs: systemClock.wallMs() });
  }
  process.send?.({ done: true });
};

process.on("message", ({ faults, durationMs, seed }: { faults: number; durationMs: number; seed: number }) => {
  void fail(faults, durationMs, seed);
});
process.send?.({ ready: agents.length });
