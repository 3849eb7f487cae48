/** The memory network: order, latency, closing, breaking, partitions. */

import { seededRandom } from "@context-mesh/common";
import { createMemoryNetwork, type IncomingInfo } from "@context-mesh/memory";
import type { Connection } from "@context-mesh/ports";
import { VirtualClock } from "@context-mesh/testkit";
import { describe, expect, it } from "vitest";

const options = { subprotocols: ["context-mesh.1"], token: "secret", timeoutMs: 1_000 };

const record = (connection: Connection): { messages: number[]; closes: number[] } => {
  const heard = { messages: [] as number[], closes: [] as number[] };
  connection.handle({
    onMessage: (bytes) => heard.messages.push(bytes[0] as number),
    onClose: (code) => heard.closes.push(code),
  });
  return heard;
};

const setUp = async (latencyMs = 10) => {
  const clock = new VirtualClock();
  const network = createMemoryNetwork({ clock, random: seededRandom(7), latencyMs });
  const accepted: { connection: Connection; info: IncomingInfo }[] = [];
  network.listen("ws://relay", (connection, info) => accepted.push({ connection, info }));
  const client = await clock.waitFor(network.dialer("a").dial("ws://relay/acme%2Fx?token=1", options));
  const [first] = accepted;
  if (first === undefined) throw new Error("not accepted");
  const link = network.links()[0];
  if (link === undefined) throw new Error("no link");
  return { clock, network, client, server: first.connection, info: first.info, link };
};

describe("memory network", () => {
  it("opens, delivers in order after the latency, keeps early messages for the handler", async () => {
    const { clock, client, server, info } = await setUp();
    expect(info).toMatchObject({ path: "/acme%2Fx", remote: "a", token: "secret" });
    expect(client.subprotocol).toBe("context-mesh.1");
    for (let i = 0; i < 5; i++) client.send(Uint8Array.of(i));
    await clock.advance(9);
    const early = record(server);
    expect(early.messages).toEqual([]);
    await clock.advance(1);
    expect(early.messages).toEqual([0, 1, 2, 3, 4]);
    server.send(Uint8Array.of(9));
    await clock.advance(10);
    expect(record(client).messages).toEqual([9]);
  });

  it("closes once at both ends, after what was sent", async () => {
    const { clock, network, client, server } = await setUp();
    const [a, b] = [record(client), record(server)];
    client.send(Uint8Array.of(1));
    client.close(4400, "bad");
    client.send(Uint8Array.of(2));
    await clock.advance(5_000);
    expect(b).toEqual({ messages: [1], closes: [4400] });
    expect(a.closes).toEqual([4400]);
    expect(network.links()).toEqual([]);
  });

  it("tells 1006 when a link breaks, an end terminates, or a process is killed", async () => {
    for (const how of ["drop", "terminate", "kill"] as const) {
      const { clock, network, client, server, link } = await setUp();
      const [a, b] = [record(client), record(server)];
      if (how === "drop") link.drop();
      if (how === "terminate") client.terminate();
      if (how === "kill") network.kill("a");
      await clock.advance(100);
      expect(b.closes).toEqual([1006]);
      expect(a.closes).toEqual(how === "kill" ? [] : [1006]);
    }
  });

  it("half-open: one end is told, the other sends into the void until its pings stay unanswered", async () => {
    const { clock, client, server, link } = await setUp();
    const [a, b] = [record(client), record(server)];
    link.halfOpen("dialer");
    server.send(Uint8Array.of(1));
    await clock.advance(44_000);
    expect(a).toEqual({ messages: [], closes: [1006] });
    expect(b.closes).toEqual([]);
    await clock.advance(1_000);
    expect(b.closes).toEqual([1006]);
    await clock.advance(60_000);
    expect(clock.pending).toBe(0);
  });

  it("asks nobody whose own reader stands still, and lives through a partition that is short", async () => {
    const { clock, network, client, server, link } = await setUp();
    const [a, b] = [record(client), record(server)];
    const heal = network.partition(() => true);
    await clock.advance(40_000);
    heal();
    await clock.advance(60_000);
    link.pauseReading("listener");
    await clock.advance(34_000);
    expect([a.closes, b.closes]).toEqual([[], []]);
    await clock.advance(2_000);
    expect([a.closes, b.closes]).toEqual([[1006], []]);
  });

  it("tells of a break during a partition once it is over", async () => {
    const { clock, network, client, server } = await setUp();
    const [a, b] = [record(client), record(server)];
    const heal = network.partition(() => true);
    client.terminate();
    await clock.advance(1_000);
    expect([a.closes, b.closes]).toEqual([[1006], []]);
    heal();
    await clock.advance(10);
    expect(b.closes).toEqual([1006]);
  });

  it("says nothing to a process that was killed after its link broke", async () => {
    const { clock, network, client, server } = await setUp();
    const [a, b] = [record(client), record(server)];
    for (let n = 0; n < 20; n++) server.send(Uint8Array.of(n));
    server.terminate();
    network.kill("a");
    await clock.advance(1_000);
    expect([a, b.closes]).toEqual([{ messages: [], closes: [] }, [1006]]);
  });

  it("cuts one direction only, and a test holds the wire", async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    const network = createMemoryNetwork({
      clock,
      random: seededRandom(1),
      wire: {
        opened: ({ from, to }) => seen.push(`${from}-${to}`),
        copies: (_link, side, message) => (side === "dialer" ? (message[0] as number) : 1),
        arrived: (_link, side, message) => seen.push(`${side} ${message[0]}`),
      },
    });
    const accepted: Connection[] = [];
    network.listen("ws://relay", (connection) => accepted.push(connection));
    const client = await clock.waitFor(network.dialer("a").dial("ws://relay/x", options));
    const [a, b] = [record(client), record(accepted[0] as Connection)];
    const heal = network.cut((from) => from === "relay");
    expect(network.isWhole).toBe(false);
    for (const copies of [0, 1, 2]) client.send(Uint8Array.of(copies));
    accepted[0]?.send(Uint8Array.of(7));
    await clock.advance(100);
    expect([a.messages, b.messages]).toEqual([[], [1, 2, 2]]);
    heal();
    await clock.advance(100);
    expect(a.messages).toEqual([7]);
    expect(seen).toEqual(["a-relay", "listener 1", "listener 2", "listener 2", "dialer 7"]);
  });

  it("leaves nobody behind at the listener when the answer to a dial is lost", async () => {
    const { clock, network } = await setUp();
    const closes: number[] = [];
    network.listen("ws://other", (connection) =>
      connection.handle({ onMessage: () => {}, onClose: (code) => closes.push(code) }),
    );
    const dialled = network.dialer("a").dial("ws://other/x", options);
    dialled.catch(() => {});
    await clock.advance(15);
    const heal = network.partition(() => true);
    await expect(clock.waitFor(dialled)).rejects.toMatchObject({ code: "dial_timeout" });
    heal();
    await clock.advance(20);
    expect(closes).toEqual([1006]);
  });

  it("what is left running of a killed process dials in vain", async () => {
    const { clock, network } = await setUp();
    const zombie = network.dialer("a");
    network.kill("a");
    await expect(clock.waitFor(zombie.dial("ws://relay/x", options))).rejects.toMatchObject({ code: "dial_timeout" });
    await clock.waitFor(network.dialer("a").dial("ws://relay/x", options));
  });

  it("a partition holds frames and dials, healing delivers", async () => {
    const { clock, network, client, server } = await setUp();
    const b = record(server);
    const heal = network.partition((x, y) => x === "a" && y === "relay");
    client.send(Uint8Array.of(1));
    await expect(clock.waitFor(network.dialer("a").dial("ws://relay/x", options))).rejects.toMatchObject({
      code: "dial_timeout",
    });
    await clock.waitFor(network.dialer("b").dial("ws://relay/x", options));
    expect(b.messages).toEqual([]);
    heal();
    await clock.advance(10);
    expect(b.messages).toEqual([1]);
  });

  it("refuses where nobody listens, and where no subprotocol is agreed", async () => {
    const { clock, network } = await setUp();
    await expect(clock.waitFor(network.dialer("a").dial("ws://nobody/x", options))).rejects.toMatchObject({
      code: "dial_failed",
      cause: { code: "ECONNREFUSED" },
    });
    network.listen("ws://picky", () => {}, { selectSubprotocol: (offered) => (offered.length > 0 ? undefined : "") });
    await expect(clock.waitFor(network.dialer("a").dial("ws://picky/x", options))).rejects.toMatchObject({
      code: "dial_failed",
    });
    await clock.waitFor(network.dialer("a").dial("ws://picky/x", { ...options, subprotocols: [] }));
  });

  it("counts what a slow reader leaves and says when it is gone", async () => {
    const { clock, client, server, link } = await setUp();
    record(server);
    let drains = 0;
    client.handle({ onMessage: () => {}, onClose: () => {}, onDrain: () => (drains += 1) });
    link.pauseReading("listener");
    for (let i = 0; i < 10; i++) client.send(new Uint8Array(10_000));
    expect(client.bufferedBytes).toBe(100_000 - 65_536);
    await clock.advance(1_000);
    expect(drains).toBe(0);
    link.resumeReading("listener");
    await clock.advance(1_000);
    expect(client.bufferedBytes).toBe(0);
    expect(drains).toBe(1);
  });

  it("repeats exactly with the same seed", async () => {
    const run = async (): Promise<number> => {
      const { clock, client, server, link } = await setUp();
      const b = record(server);
      for (let i = 0; i < 50; i++) client.send(Uint8Array.of(i));
      link.drop();
      await clock.advance(1_000);
      return b.messages.length;
    };
    expect(await run()).toBe(await run());
  });
});
