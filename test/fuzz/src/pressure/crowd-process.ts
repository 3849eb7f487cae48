/**
 * A crowd in a process of its own: `node crowd-process.js own|stock URL COUNT`. Agents of ours with their whole node, or stock
 * y-websocket 3 clients, each with the reconnect schedule it has in use. Tells its parent how many are in sync.
 */

import { silentLogger, systemClock, systemRandom } from "@context-mesh/common";
import { AgentDisk } from "@context-mesh/memory";
import { createNode } from "@context-mesh/mesh";
import { createDialer } from "@context-mesh/provider-websocket";
import { WebSocket } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";

/** Clients of one room: a team, not a stadium. */
const perRoom = 20;
const tellMs = 100;
const system = { clock: systemClock, random: systemRandom, logger: silentLogger };

/** True while the client is connected and has everything. */
type Member = () => boolean;

const roomOf = (n: number): string => `crowd-${Math.floor(n / perRoom)}`;

const enterOwn = async (url: string, n: number): Promise<Member> => {
  const node = createNode({
    room: roomOf(n),
    agent: { id: `agent-${n}` },
    relays: [url],
    store: new AgentDisk(system).open(),
    dialer: createDialer(system),
    ...system,
  });
  await node.start();
  return () => node.status().relays.every(({ state }) => state === "live");
};

const enterStock = async (url: string, n: number): Promise<Member> => {
  const provider = new WebsocketProvider(url, roomOf(n), new Y.Doc(), {
    WebSocketPolyfill: WebSocket as never,
    disableBc: true,
  });
  return () => provider.wsconnected && provider.synced;
};

// A stock client listens for the end of its process.
process.setMaxListeners(0);

const [kind, url = "", count = "0"] = process.argv.slice(2);
const members: Member[] = [];
for (let n = 0; n < Number(count); n++) members.push(await (kind === "own" ? enterOwn(url, n) : enterStock(url, n)));
systemClock.every(tellMs, () => process.send?.(members.filter((isIn) => isIn()).length));
// Keeps the process while the relay is away, and ends it with its parent.
process.on("message", () => {});
process.on("disconnect", () => process.exit());
