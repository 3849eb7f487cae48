/** Joiners in a process of their own, so that reading what they are sent does not hold up those who measure. */

import { once } from "node:events";
import { connect } from "node:net";
import { LoadClient, type Target } from "./client.ts";

export interface JoinOrder {
  readonly server: Target;
  readonly room: string;
  readonly count: number;
  /** No WebSocket: whatever comes is read to its end. */
  readonly isRaw?: true;
}

const join = async ({ server, room, count }: JoinOrder): Promise<void> => {
  const clients = Array.from({ length: count }, () => new LoadClient({ server, room }));
  for (const client of clients) await client.open();
  await Promise.all(clients.map((client) => client.sync()));
  for (const client of clients) client.close();
};

const drain = async ({ server, count }: JoinOrder): Promise<void> => {
  const sockets = Array.from({ length: count }, () => connect(server.port, "127.0.0.1").resume());
  await Promise.all(sockets.map((socket) => once(socket, "close")));
};

process.on(
  "message",
  (order: JoinOrder) => void (order.isRaw ? drain(order) : join(order)).then(() => process.send?.("joined")),
);
