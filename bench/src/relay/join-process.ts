/** Joiners in a process of their own, so that reading what they are sent does not hold up those who measure. */

import { LoadClient, type Target } from "./client.ts";

export interface JoinOrder {
  readonly server: Target;
  readonly room: string;
  readonly count: number;
}

const join = async ({ server, room, count }: JoinOrder): Promise<void> => {
  const clients = Array.from({ length: count }, () => new LoadClient({ server, room }));
  for (const client of clients) await client.open();
  await Promise.all(clients.map((client) => client.sync()));
  for (const client of clients) client.close();
};

process.on("message", (order: JoinOrder) => void join(order).then(() => process.send?.("joined")));
