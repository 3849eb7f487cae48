/**
 * A process of its own that stands for a slow link: proxies in front of the given ports, each holding every byte for half a
 * round trip in each direction, and the first bytes for one more: on a real link that is the connection's handshake.
 * `node delay-proxy.js ROUND_TRIP_MS PORT…` prints its own ports as JSON.
 */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { systemClock } from "@context-mesh/common";

const [roundTripMs = 50, ...ports] = process.argv.slice(2).map(Number);

const later = (delayMs: number, fn: () => void): void => {
  systemClock.after(delayMs, fn, { keepAlive: true });
};

const pass = (from: Socket, to: Socket, firstMs: number): void => {
  const openMs = systemClock.monotonicMs() + firstMs;
  from.on("data", (bytes) => {
    const heldMs = Math.max(0, openMs - systemClock.monotonicMs());
    later(heldMs + roundTripMs / 2, () => to.writable && to.write(bytes));
  });
  from.on("close", () => later(roundTripMs / 2, () => to.destroy()));
  from.on("error", () => from.destroy());
};

const proxies = await Promise.all(
  ports.map(async (port) => {
    const server = createServer({ noDelay: true }, (client) => {
      const relay = connect({ port, host: "127.0.0.1", noDelay: true });
      pass(client, relay, roundTripMs);
      pass(relay, client, 0);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  }),
);
process.stdout.write(`${JSON.stringify(proxies)}\n`);
process.stdin.on("end", () => process.exit(0)).resume();
