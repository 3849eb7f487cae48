/** The WebSocket adapter keeps the port's contract, from Node and with a browser's own WebSocket class. */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { limits, silentLogger, systemClock } from "@context-mesh/common";
import type { Connection, Dialer } from "@context-mesh/ports";
import { type ConnectionHarness, connectionSuite, until, VirtualClock } from "@context-mesh/testkit";
import { WebSocket } from "ws";
import { BrowserDialer, type WebSocketClass } from "../src/browser-dialer.ts";
import { createDialer } from "../src/index.ts";
import { listen } from "../src/server.ts";

/** Passes bytes on until it is told to fall silent. */
const startProxy = async (port: number) => {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const socket of [near, far]) sockets.add(socket.on("error", () => {}));
    near.pipe(far).pipe(near);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    silence: () => {
      for (const socket of sockets) socket.unpipe().resume();
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};

/** Nothing passes any more, and three pings go out. */
const silence = (proxy: { silence(): void }, pings: VirtualClock): void => {
  proxy.silence();
  void pings.advance(limits.pingMs * (limits.pingsUnansweredMax + 1));
};

/** Pings go by `pings`, where the dialling end can ask too. */
const harness = async (dialer: Dialer, pings?: VirtualClock): Promise<ConnectionHarness> => {
  const accepted: Connection[] = [];
  const listening = await listen({
    host: "127.0.0.1",
    port: 0,
    logger: silentLogger,
    clock: pings ?? systemClock,
    onConnection: (connection) => accepted.push(connection),
  });
  const proxy = await startProxy(listening.port);
  return {
    connect: async () => {
      const client = await dialer.dial(`ws://127.0.0.1:${proxy.port}/room`, {
        subprotocols: ["context-mesh.1"],
        timeoutMs: 5_000,
      });
      return { client, server: accepted.shift() as Connection };
    },
    until: (isDone) => until(isDone),
    ...(pings === undefined ? {} : { silence: () => silence(proxy, pings) }),
    dispose: async () => {
      proxy.close();
      await listening.close(0);
    },
  };
};

connectionSuite("WebSocket between Node ends", () => {
  const clock = new VirtualClock();
  return harness(createDialer({ clock }), clock);
});

connectionSuite("WebSocket from a browser's class", () =>
  harness(
    new BrowserDialer({
      clock: systemClock,
      logger: silentLogger,
      WebSocket: WebSocket as unknown as WebSocketClass,
    }),
  ),
);
