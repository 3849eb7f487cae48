/** The WebSocket adapter keeps the port's contract, from Node and with a browser's own WebSocket class. */

import { silentLogger, systemClock } from "@context-mesh/common";
import type { Connection, Dialer } from "@context-mesh/ports";
import { type ConnectionHarness, connectionSuite, until } from "@context-mesh/testkit";
import { WebSocket } from "ws";
import { BrowserDialer, type WebSocketClass } from "../src/browser-dialer.ts";
import { createDialer } from "../src/index.ts";
import { listen } from "../src/server.ts";

const harness = async (dialer: Dialer): Promise<ConnectionHarness> => {
  const accepted: Connection[] = [];
  const listening = await listen({
    host: "127.0.0.1",
    port: 0,
    logger: silentLogger,
    onConnection: (connection) => accepted.push(connection),
  });
  return {
    connect: async () => {
      const client = await dialer.dial(`${listening.url}/room`, { subprotocols: ["context-mesh.1"], timeoutMs: 5_000 });
      return { client, server: accepted.shift() as Connection };
    },
    until: (isDone) => until(isDone),
    dispose: () => listening.close(0),
  };
};

connectionSuite("WebSocket between Node ends", () => harness(createDialer()));

connectionSuite("WebSocket from a browser's class", () =>
  harness(
    new BrowserDialer({
      clock: systemClock,
      logger: silentLogger,
      WebSocket: WebSocket as unknown as WebSocketClass,
    }),
  ),
);
