/** A browser tab as a mesh node: the same node as in Node, over y-indexeddb and the browser's WebSocket. */

import { silentLogger, systemClock, systemRandom } from "@context-mesh/common";
import { createNode } from "@context-mesh/mesh";
import { createDialer } from "@context-mesh/provider-websocket";
import { openIndexedDbAgentStore } from "@context-mesh/store-indexeddb";

const query = new URLSearchParams(location.search);
const room = query.get("room") ?? "";
const node = createNode({
  room,
  agent: { id: query.get("agent") ?? "tab" },
  relays: [query.get("relay") ?? ""],
  store: await openIndexedDbAgentStore({
    name: `mesh ${room}`,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
  }),
  dialer: createDialer(),
  clock: systemClock,
  random: systemRandom,
  logger: silentLogger,
});
await node.start();

/** What the test reaches into the page for. */
Object.assign(globalThis, {
  tab: {
    titles: () => node.tasks.list().map((task) => task.title),
    setTitle: (id: string, title: string) => node.tasks.update(id, { title }).state,
    title: (id: string) => node.tasks.get(id)?.title,
    values: (id: string) => node.get(`project_state.active_tasks[${id}].title`).candidates.map(({ value }) => value),
    digest: () => node.status().digest,
    states: () => node.status().relays.map(({ state }) => state),
    unsent: () => node.status().queued.count + node.status().unconfirmed,
  },
});
