/** A stock y-websocket client in a process of its own, so that each version brings its own copy of yjs: `stock-client.mjs v1|v2|v3 URL ROOM`. */

import { createRequire } from "node:module";
import { WebSocket } from "ws";

const [version, url, room] = process.argv.slice(2);
const require = createRequire(import.meta.url);

/** Version 1 has no form that Node can import, so it and its yjs are required. */
const load = {
  v1: async () => ({ Y: require("yjs"), WebsocketProvider: require("y-websocket-v1").WebsocketProvider }),
  v2: async () => ({ Y: await import("yjs"), WebsocketProvider: (await import("y-websocket-v2")).WebsocketProvider }),
  v3: async () => ({ Y: await import("yjs"), WebsocketProvider: (await import("y-websocket")).WebsocketProvider }),
};

const { Y, WebsocketProvider } = await load[version]();
const doc = new Y.Doc();
const items = doc.getArray("items");
const provider = new WebsocketProvider(url, room, doc, { WebSocketPolyfill: WebSocket, disableBc: true });
let closes = 0;
let firstSynced;

const tell = () => {
  if (!process.connected) return;
  process.send({
    items: items.toArray(),
    firstSynced,
    synced: provider.synced,
    connected: provider.wsconnected,
    closes,
    clientId: doc.clientID,
    present: [...provider.awareness.getStates()]
      .filter(([, { name }]) => name !== undefined)
      .map(([, { name }]) => name),
  });
};

provider.on("sync", (isSynced) => {
  if (isSynced) firstSynced ??= items.length;
  tell();
});
provider.on("connection-close", () => {
  closes += 1;
  tell();
});
doc.on("update", tell);
provider.awareness.on("change", tell);

const commands = {
  add: (values) => items.push(values),
  remove: (at) => items.delete(at, 1),
  name: (name) => provider.awareness.setLocalStateField("name", name),
  leave: () => provider.destroy(),
};
process.on("message", ({ command, value }) => {
  commands[command](value);
  tell();
});
process.on("disconnect", () => process.exit(0));
