/** The contract of `Connection` and `Dialer`: an adapter's test is the call of this suite. */

import type { Connection } from "@context-mesh/ports";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

export interface ConnectionPair {
  /** From the dialer, which offered "context-mesh.1"; the listener accepted it. */
  readonly client: Connection;
  readonly server: Connection;
}

export interface ConnectionHarness {
  connect(): Promise<ConnectionPair>;
  /** Lets time pass until the condition holds. */
  until(isDone: () => boolean): Promise<void>;
  /** From now on nothing passes in either direction and nobody is told. Absent where an end cannot ask for a sign of life. */
  silence?(): void;
  dispose(): Promise<void> | void;
}

export type MakeConnections = () => ConnectionHarness | Promise<ConnectionHarness>;

interface Heard {
  readonly messages: Uint8Array[];
  readonly closes: [number, string][];
  drains: number;
}

const listenTo = (connection: Connection): Heard => {
  const heard: Heard = { messages: [], closes: [], drains: 0 };
  connection.handle({
    onMessage: (bytes) => heard.messages.push(bytes),
    onClose: (code, reason) => heard.closes.push([code, reason]),
    onDrain: () => {
      heard.drains += 1;
    },
  });
  return heard;
};

const message = (n: number): Uint8Array => Uint8Array.of(n >> 8, n & 255, 77);

interface Bench {
  readonly pair: () => ConnectionPair;
  readonly until: (isDone: () => boolean) => Promise<void>;
}

export const connectionSuite = (name: string, make: MakeConnections): void => {
  describe(`Connection: ${name}`, () => {
    let harness: ConnectionHarness;
    let pair: ConnectionPair;
    beforeEach(async () => {
      harness = await make();
      pair = await harness.connect();
    });
    afterEach(async () => {
      pair.client.terminate();
      pair.server.terminate();
      await harness.dispose();
    });
    const bench: Bench = { pair: () => pair, until: (isDone) => harness.until(isDone) };
    messageRules(bench);
    closingRules(bench);
    it("tells both ends 1006 when all has fallen silent", async ({ skip }) => {
      if (harness.silence === undefined) skip("this end cannot ask");
      const heard = [listenTo(pair.client), listenTo(pair.server)];
      harness.silence?.();
      await harness.until(() => heard.every(({ closes }) => closes.length > 0));
      expect(heard.map(({ closes }) => closes.map(([code]) => code))).toEqual([[1006], [1006]]);
    });
  });
};

const messageRules = ({ pair, until }: Bench): void => {
  it("agrees on the offered subprotocol", () => {
    expect(pair().client.subprotocol).toBe("context-mesh.1");
    expect(pair().server.subprotocol).toBe("context-mesh.1");
    expect(pair().client.bufferedBytes).toBe(0);
  });

  it("delivers messages in order, both ways, one by one", async () => {
    const [client, server] = [listenTo(pair().client), listenTo(pair().server)];
    for (let n = 0; n < 500; n++) {
      pair().client.send(message(n));
      if (n % 2 === 0) pair().server.send(message(n));
    }
    await until(() => server.messages.length === 500 && client.messages.length === 250);
    expect(server.messages.map((bytes) => [...bytes])).toEqual(Array.from({ length: 500 }, (_, n) => [...message(n)]));
    expect(client.messages.map((bytes) => [...bytes])).toEqual(
      Array.from({ length: 250 }, (_, n) => [...message(2 * n)]),
    );
  });

  it("keeps messages that arrive before the handlers are set", async () => {
    for (let n = 0; n < 5; n++) pair().server.send(message(n));
    const echo = listenTo(pair().server);
    pair().client.send(message(0));
    await until(() => echo.messages.length === 1);
    const client = listenTo(pair().client);
    await until(() => client.messages.length === 5);
    expect(client.messages.map((bytes) => bytes[1])).toEqual([0, 1, 2, 3, 4]);
  });

  it("carries an empty and a large message, and says when its buffer has drained", async () => {
    const [client, server] = [listenTo(pair().client), listenTo(pair().server)];
    const large = new Uint8Array(8_000_000).map((_, i) => i * 31);
    pair().client.send(Uint8Array.of());
    pair().client.send(large);
    const wasBuffered = pair().client.bufferedBytes > 0;
    await until(() => server.messages.length === 2);
    expect(server.messages[0]?.length).toBe(0);
    expect(Buffer.compare(server.messages[1] ?? Uint8Array.of(), large)).toBe(0);
    await until(() => pair().client.bufferedBytes === 0 && (!wasBuffered || client.drains > 0));
  });

  it("gives the bytes to the receiver: later messages do not change them", async () => {
    const server = listenTo(pair().server);
    for (let n = 0; n < 200; n++) pair().client.send(new Uint8Array(1_000).fill(n));
    await until(() => server.messages.length === 200);
    expect(server.messages.every((bytes, n) => bytes.every((byte) => byte === n))).toBe(true);
  });
};

const closingRules = ({ pair, until }: Bench): void => {
  it("closes once at both ends with code and reason, after what was sent", async () => {
    const [client, server] = [listenTo(pair().client), listenTo(pair().server)];
    pair().server.send(message(1));
    pair().server.close(4_400, "bad room");
    pair().server.send(message(2));
    await until(() => client.closes.length > 0 && server.closes.length > 0);
    expect(client.messages.length).toBe(1);
    expect(client.closes).toEqual([[4_400, "bad room"]]);
    expect(server.closes.map(([code]) => code)).toEqual([4_400]);
  });

  it("terminates with 1006 at both ends, once", async () => {
    const [client, server] = [listenTo(pair().client), listenTo(pair().server)];
    pair().client.terminate();
    pair().client.terminate();
    await until(() => client.closes.length > 0 && server.closes.length > 0);
    expect(client.closes.map(([code]) => code)).toEqual([1_006]);
    expect(server.closes.map(([code]) => code)).toEqual([1_006]);
  });

  it("does nothing, and does not throw, on a closed connection", async () => {
    const [client, server] = [listenTo(pair().client), listenTo(pair().server)];
    pair().client.close(1_000, "");
    await until(() => client.closes.length > 0 && server.closes.length > 0);
    for (const end of [pair().client, pair().server]) {
      end.send(message(1));
      end.close(1_000, "");
      end.terminate();
    }
    expect([client.closes.length, server.closes.length, server.messages.length]).toEqual([1, 1, 0]);
  });

  it("tells of a close that came before the handlers were set", async () => {
    const server = listenTo(pair().server);
    pair().server.close(4_401, "token");
    await until(() => server.closes.length > 0);
    const client = listenTo(pair().client);
    await until(() => client.closes.length > 0);
    expect(client.closes).toEqual([[4_401, "token"]]);
  });
};
