/** The listening end against handshakes and frames made by hand. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { silentLogger } from "@context-mesh/common";
import type { Connection } from "@context-mesh/ports";
import { until } from "@context-mesh/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { createDialer } from "../src/index.ts";
import { type Listening, type ListenOptions, listen, type UpgradeInfo } from "../src/server.ts";

interface Accepted {
  readonly connection: Connection;
  readonly info: UpgradeInfo;
  readonly messages: Uint8Array[];
  readonly closes: number[];
}

const open: Listening[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(open.splice(0).map((listening) => listening.close(0)));
});

const start = async (options: Partial<ListenOptions> = {}) => {
  const accepted: Accepted[] = [];
  const refusals: string[] = [];
  const listening = await listen({
    host: "127.0.0.1",
    port: 0,
    logger: silentLogger,
    onRefusal: (reason) => refusals.push(reason),
    onConnection: (connection, info) => {
      const entry: Accepted = { connection, info, messages: [], closes: [] };
      accepted.push(entry);
      connection.handle({
        onMessage: (bytes) => entry.messages.push(bytes),
        onClose: (code) => entry.closes.push(code),
      });
    },
    ...options,
  });
  open.push(listening);
  return { listening, accepted, refusals };
};

const rawSocket = async (port: number): Promise<Socket> => {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  sockets.push(socket);
  await once(socket, "connect");
  return socket;
};

/** A connection by hand, past its handshake. */
const upgradedSocket = async (port: number): Promise<Socket> => {
  const socket = await rawSocket(port);
  socket.write(upgradeText("/room"));
  await once(socket, "data");
  return socket;
};

const upgradeText = (path: string, headers: readonly string[] = []): string =>
  [
    `GET ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    ...headers,
    "",
    "",
  ].join("\r\n");

const statusOf = async (port: number, text: string): Promise<string> => {
  const socket = await rawSocket(port);
  socket.write(text);
  const [chunk] = (await once(socket, "data")) as [Buffer];
  return chunk.toString().split("\r\n")[0] as string;
};

const handshake = async (port: number): Promise<Socket> => {
  const socket = await rawSocket(port);
  socket.write(upgradeText("/room"));
  await once(socket, "data");
  return socket;
};

/** A masked client frame with any header byte. */
const frame = (first: number, payload: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]), payload]);

describe("handshakes", () => {
  it("[REL-10a] refuses foreign pages and foreign hosts with 403, before a connection exists", async () => {
    const { listening, accepted, refusals } = await start();
    expect(await statusOf(listening.port, upgradeText("/room", ["Origin: https://evil.example.com"]))).toContain("403");
    expect(
      await statusOf(listening.port, upgradeText("/room").replace("Host: 127.0.0.1", "Host: evil.example.com")),
    ).toContain("403");
    expect(await statusOf(listening.port, upgradeText("/room"))).toContain("101");
    expect([accepted.length, refusals]).toEqual([1, ["origin_not_allowed", "host_not_allowed"]]);
  });

  it("tells room, token, offer and address", async () => {
    const { listening, accepted } = await start();
    const options = { subprotocols: ["context-mesh.1"], token: "secret", timeoutMs: 5_000 };
    await createDialer().dial(`${listening.url}/acme/checkout?x=1`, options);
    expect(accepted[0]?.info).toEqual({
      room: "acme/checkout",
      offeredSubprotocol: true,
      token: "secret",
      remote: "127.0.0.1",
    });
  });

  it("echoes our subprotocol wherever it stands, else the first, else none", async () => {
    const { listening } = await start();
    const agreed = async (offers: string[]): Promise<string> => {
      const socket = new WebSocket(`${listening.url}/room`, offers);
      await once(socket, "open");
      socket.terminate();
      return socket.protocol;
    };
    expect(await agreed(["a", "context-mesh.1"])).toBe("context-mesh.1");
    expect(await agreed(["a", "b"])).toBe("a");
    expect(await agreed([])).toBe("");
  });

  it("closes a bad room with 4400 after the upgrade", async () => {
    const { listening, accepted } = await start();
    const socket = new WebSocket(`${listening.url}/${"x".repeat(300)}`);
    const [code] = await once(socket, "close");
    expect([code, accepted.length]).toEqual([4400, 0]);
  });

  it("ends a handshake that never finishes", async () => {
    const { listening } = await start({ limits: { handshakeMs: 200 } });
    const silent = await rawSocket(listening.port);
    const slow = await rawSocket(listening.port);
    slow.write("GET /room HTTP/1.1\r\nHost: 127.0.0.1\r\n");
    silent.resume();
    slow.resume();
    await Promise.all([once(silent, "close"), once(slow, "close")]);
    expect(listening.connectionCount).toBe(0);
  });

  it("passes plain requests on, and those under /v1 only from the relay's own pages", async () => {
    const { listening } = await start({ onRequest: (_request, response) => response.writeHead(200).end("hello") });
    const status = async (path: string, origin?: string): Promise<number> => {
      const headers = origin === undefined ? {} : { headers: { origin } };
      return (await fetch(`http://127.0.0.1:${listening.port}${path}`, headers)).status;
    };
    expect(await status("/healthz", "https://evil.example.com")).toBe(200);
    expect(await status("/v1/context?room=a", "https://evil.example.com")).toBe(403);
    expect(await status("/v1/context?room=a")).toBe(200);
    expect(await status("/v1/context?room=a", `http://127.0.0.1:${listening.port}`)).toBe(200);
  });
});

describe("frames", () => {
  it.each([
    ["a reserved opcode", Buffer.from([0x83, 0x80, 0, 0, 0, 0])],
    ["reserved bits", Buffer.from([0xf2, 0x80, 0, 0, 0, 0])],
    ["an absurd length", Buffer.from([0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0])],
    ["a bad close code", frame(0x88, Uint8Array.of(0, 1))],
    ["an oversize control frame", Buffer.from([0x89, 0xfe, 1, 0, 0, 0, 0, 0])],
    ["a frame without a mask", Buffer.from([0x82, 1, 7])],
    ["bad UTF-8 in a text frame", frame(0x81, Uint8Array.of(0xff, 0xfe))],
    ["a continuation of nothing", frame(0x80, Uint8Array.of(1))],
  ])("[REL-4b] %s ends its connection and nothing else", async (_name, bytes) => {
    const { listening, accepted, refusals } = await start();
    const honest = await createDialer().dial(`${listening.url}/room`, { subprotocols: [], timeoutMs: 5_000 });
    const socket = await handshake(listening.port);
    socket.resume();
    socket.write(bytes);
    await once(socket, "close");
    await until(() => accepted[1]?.closes.length === 1);
    honest.send(Uint8Array.of(1, 2, 3));
    await until(() => accepted[0]?.messages.length === 1);
    expect([listening.connectionCount, refusals]).toEqual([1, ["bad_frame"]]);
  });

  it("closes text with 4400 and a frame that is too large with 4413", async () => {
    const { listening, accepted } = await start({ limits: { frameBytesMax: 1_000 } });
    const codeOf = async (data: string | Uint8Array): Promise<number> => {
      const socket = new WebSocket(`${listening.url}/room`);
      await once(socket, "open");
      socket.send(data);
      return ((await once(socket, "close")) as [number])[0];
    };
    expect(await codeOf("text")).toBe(4400);
    expect(await codeOf(new Uint8Array(1_001))).toBe(4413);
    expect(accepted.flatMap(({ messages }) => messages)).toEqual([]);
  });

  it("drops a connection that answers no ping", async () => {
    const { listening, accepted } = await start({ limits: { pingMs: 40 } });
    await handshake(listening.port);
    await until(() => accepted[0]?.closes[0] === 1006);
    expect(listening.connectionCount).toBe(0);
  });
});

describe("sending and ending", () => {
  it("writes one list to many connections as one write each", async () => {
    const { listening, accepted } = await start();
    const received: Uint8Array[][] = [[], []];
    for (const messages of received) {
      const client = await createDialer().dial(`${listening.url}/room`, { subprotocols: [], timeoutMs: 5_000 });
      client.handle({ onMessage: (bytes) => messages.push(bytes), onClose: () => {} });
    }
    const list = [Uint8Array.of(1), new Uint8Array(300).fill(2), new Uint8Array(70_000).fill(3), Uint8Array.of(4)];
    for (const { connection } of accepted) connection.sendBatch?.(list);
    await until(() => received.every((messages) => messages.length === list.length));
    for (const messages of received)
      expect(messages.map((m) => Buffer.from(m))).toEqual(list.map((m) => Buffer.from(m)));
  });

  it("reads no two large frames in one turn, however many are complete at once", async () => {
    const turns: number[] = [];
    let turn = 0;
    const { listening } = await start({
      onConnection: (connection) => connection.handle({ onMessage: () => turns.push(turn), onClose: () => {} }),
    });
    const clients: Socket[] = [];
    for (let n = 0; n < 4; n++) clients.push(await upgradedSocket(listening.port));
    const length = 8 * 2 ** 20;
    const head = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
    head.writeBigUInt64BE(BigInt(length), 2);
    for (const socket of clients) {
      socket.write(head);
      await new Promise((resolve) => socket.write(Buffer.alloc(length - 1), resolve));
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    let counting = setImmediate(function count(): void {
      turn += 1;
      counting = setImmediate(count);
    });
    for (const socket of clients) socket.write(Buffer.alloc(1));
    await until(() => turns.length === clients.length);
    clearImmediate(counting);
    expect(new Set(turns).size).toBe(clients.length);
  });

  it("stops reading while paused", async () => {
    const { listening, accepted } = await start();
    const client = await createDialer().dial(`${listening.url}/room`, { subprotocols: [], timeoutMs: 5_000 });
    accepted[0]?.connection.pause?.();
    for (let n = 0; n < 200; n++) client.send(new Uint8Array(100_000));
    await until(() => client.bufferedBytes > 1_000_000);
    expect(accepted[0]?.messages.length).toBeLessThan(50);
    accepted[0]?.connection.resume?.();
    await until(() => accepted[0]?.messages.length === 200);
  });

  it("takes nothing new while it closes, waits for the open ones, drops the rest", async () => {
    const { listening, accepted } = await start();
    const client = await createDialer().dial(`${listening.url}/room`, { subprotocols: [], timeoutMs: 5_000 });
    const closes: number[] = [];
    client.handle({ onMessage: () => {}, onClose: (code) => closes.push(code) });
    accepted[0]?.connection.close(1012, "restart");
    await listening.close(5_000);
    await until(() => closes.length === 1);
    expect(closes).toEqual([1012]);
    await expect(createDialer().dial(`${listening.url}/room`, { subprotocols: [], timeoutMs: 5_000 })).rejects.toThrow(
      /could not connect/,
    );
  });

  it("says when a port is taken", async () => {
    const { listening } = await start();
    await expect(start({ port: listening.port })).rejects.toMatchObject({ code: "port_in_use" });
  });
});
