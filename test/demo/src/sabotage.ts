/**
 * Somebody with a write token deletes one acknowledged entry, as a stock Yjs client can. The demo's judge must notice.
 * Arguments: room, relay, value.
 */

import { WebSocket } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";

const [room = "", relay = "", value = ""] = process.argv.slice(2);
const doc = new Y.Doc();
const provider = new WebsocketProvider(relay, room, doc, {
  // reason: the type wants the DOM's WebSocket; ws has the same surface
  WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
  disableBc: true,
});

const deleteEntry = (): boolean => {
  for (const name of doc.share.keys()) {
    if (!name.startsWith("a/")) continue;
    const array = doc.getArray<unknown[]>(name);
    const at = array.toArray().findIndex((entry) => Array.isArray(entry) && entry[1] === value);
    if (at < 0) continue;
    array.delete(at, 1);
    return true;
  }
  return false;
};

provider.once("sync", () => {
  const deleted = deleteEntry();
  // The bytes leave with the socket's close handshake: wait until the socket has nothing left to send.
  const socket = provider.ws as unknown as WebSocket;
  socket.once("close", () => process.exit(deleted ? 0 : 1));
  provider.shouldConnect = false;
  socket.close();
});
