/** What presence and messages in groups put on the wire: 300 agents in 30 groups, beside everyone to everyone. */

import { sleep, systemClock, utf8 } from "@context-mesh/common";
import type { Connection } from "@context-mesh/ports";
import {
  encodeAwareness,
  encodeAwarenessStates,
  encodeHello,
  encodeMulticast,
  encodeMulticastPayload,
  encodeStep1,
  subprotocol,
} from "@context-mesh/protocol";
import { createDialer } from "@context-mesh/provider-websocket";
import type { Figure } from "./result.ts";

const agents = 300;
const groups = 30;
const rounds = 5;
/** Presence goes out at most every 50 ms. */
const roundMs = 400;

class Client {
  received = 0;
  readonly #connection: Connection;
  readonly #n: number;
  readonly #isGrouped: boolean;
  #clock = 0;

  constructor(connection: Connection, n: number, isGrouped: boolean) {
    this.#connection = connection;
    this.#n = n;
    this.#isGrouped = isGrouped;
    connection.handle({
      onMessage: (bytes) => {
        this.received += bytes.length;
      },
      onClose: () => {},
    });
  }

  get #group(): string {
    return `group-${this.#n % groups}`;
  }

  greet(): void {
    const base = { v: 1, id: `agent-${this.#n}`, role: "node", features: [], presence: [this.#n + 1] } as const;
    const mine = this.#isGrouped
      ? { groups: [this.#group], subscriptions: [`group:${this.#group}`] }
      : { subscriptions: ["*"] };
    this.#connection.send(encodeHello({ ...base, ...mine }));
    this.#connection.send(encodeStep1(Uint8Array.of(0)));
  }

  /** As a node says it: who it is and what it does. */
  present(): void {
    this.#clock += 1;
    const state = {
      agent: `agent-${this.#n}`,
      roles: ["builder"],
      groups: [this.#group],
      user: { name: `agent-${this.#n}` },
      state: { task: `task-${this.#n}-${this.#clock}`, status: "in_progress" },
    };
    this.#connection.send(encodeAwareness(encodeAwarenessStates([{ client: this.#n + 1, clock: this.#clock, state }])));
  }

  post(): void {
    const names = this.#isGrouped ? [`group:${this.#group}`] : ["*"];
    const body = utf8(`${this.#n} ${"x".repeat(200)}`);
    this.#connection.send(encodeMulticast(encodeMulticastPayload({ kind: "post", names, body })));
  }

  close(): void {
    this.#connection.close(1000, "done");
  }
}

/** Bytes that all clients together receive. */
const measure = async (url: string, isGrouped: boolean): Promise<number> => {
  const dialer = createDialer();
  const clients: Client[] = [];
  for (let n = 0; n < agents; n++) {
    const room = isGrouped ? "in-groups" : "all-to-all";
    const connection = await dialer.dial(`${url}/${room}`, { subprotocols: [subprotocol], timeoutMs: 10_000 });
    clients.push(new Client(connection, n, isGrouped));
  }
  for (const client of clients) client.greet();
  await sleep(systemClock, 1_000);
  const received = (): number => clients.reduce((sum, client) => sum + client.received, 0);
  const before = received();
  for (let round = 0; round < rounds; round++) {
    for (const client of clients) {
      client.present();
      client.post();
    }
    await sleep(systemClock, roundMs);
  }
  for (let last = -1; last !== received(); ) {
    last = received();
    await sleep(systemClock, 500);
  }
  const bytes = received() - before;
  for (const client of clients) client.close();
  return bytes;
};

export const groupBytes = async (url: string, say: (text: string) => void): Promise<readonly Figure[]> => {
  const all = await measure(url, false);
  const grouped = await measure(url, true);
  say(`presence and messages of ${agents} agents: ${all} bytes to everyone, ${grouped} in ${groups} groups`);
  return [
    {
      clause: "CAST-5a",
      what: `bytes of presence and messages, ${agents} agents in ${groups} groups, as a share of everyone to everyone`,
      figure: grouped / all,
      unit: "",
      target: 1 / 8,
      pass: grouped / all <= 1 / 8,
      baseline: { what: "bytes of everyone to everyone", figure: all },
      package: "packages/relay",
    },
  ];
};
