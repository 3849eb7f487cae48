/** The small pure rooms of the node: acknowledgement window, awareness, cursors, live queries, receipts, outbox choices. */

import { limits } from "@context-mesh/common";
import type { Entry } from "@context-mesh/document";
import { VirtualClock } from "@context-mesh/testkit";
import { describe, expect, it } from "vitest";
import { RelayAwareness } from "../src/presence/awareness.ts";
import { formatCursor, parseCursor, parseSince } from "../src/read/cursor.ts";
import { liveQuery } from "../src/read/live-query.ts";
import type { QueuedEntry } from "../src/replica/queue.ts";
import { AckWindow } from "../src/sync/ack-window.ts";
import { PeerKnowledge } from "../src/sync/peer-knowledge.ts";
import { RelayPositions } from "../src/sync/positions.ts";
import { RelaySession } from "../src/sync/session.ts";
import { companionsOf, inBatches } from "../src/write/outbox.ts";
import { ReceiptBook } from "../src/write/receipts.ts";

describe("acknowledgement window", () => {
  it("proves what the newest acknowledged message reached", () => {
    const window = new AckWindow();
    window.sent({ mark: 1, clock: 5, clientId: 9 }, 100);
    window.sent({ mark: 2, clock: 9, clientId: 9 }, 110);
    window.sent({ mark: 3, clock: 9, clientId: 9 }, 120);
    expect(window.oldestMs).toBe(100);
    expect(window.acked(2, 150)).toEqual({ mark: 2, clock: 9, clientId: 9, roundTripMs: 40 });
    expect(window.acked(2, 160)).toBeUndefined();
    expect(window.unacknowledged).toBe(1);
    expect(window.acked(99, 170)).toEqual({ mark: 3, clock: 9, clientId: 9, roundTripMs: 50 });
    expect(window.oldestMs).toBeUndefined();
  });
});

describe("relay awareness", () => {
  const state = { agent: "b" };
  const clients = (relay: RelayAwareness) => [...relay.present()].map((peer) => peer.client);

  it("keeps the newest clock, forgets the silent, and remembers the dead for a while", () => {
    const relay = new RelayAwareness(1);
    expect(relay.receive([{ client: 2, clock: 3, state }], 0, 0).turned).toHaveLength(1);
    expect(relay.receive([{ client: 2, clock: 2, state: null }], 0, 10).turned).toEqual([]);
    expect(clients(relay)).toEqual([2]);
    expect(relay.receive([{ client: 2, clock: 3, state: null }], 0, 20).turned).toHaveLength(1);
    expect(relay.receive([{ client: 2, clock: 3, state }], 0, 30).turned).toEqual([]);
    expect(relay.receive([{ client: 2, clock: 4, state }], 0, 40).turned).toHaveLength(1);
    expect(relay.expire(40 + 29_999)).toEqual([]);
    expect(relay.expire(40 + 30_000)).toHaveLength(1);
    expect(clients(relay)).toEqual([]);
  });

  it("[SCH-19] takes an echo for no news, and says the own state again when somebody speaks for it", () => {
    const relay = new RelayAwareness(1);
    expect(relay.receive([{ client: 1, clock: 7, state }], 7, 0)).toEqual({ turned: [], reassert: undefined });
    expect(relay.receive([{ client: 1, clock: 7, state: null }], 7, 0).reassert).toBe(8);
    expect(relay.receive([{ client: 1, clock: 40, state }], 7, 0).reassert).toBe(41);
    expect(clients(relay)).toEqual([]);
  });
});

describe("cursors", () => {
  it("come back as they were made, and times in either form are read", () => {
    const position = { storeId: "s1", arrival: 1_234, log: 99 };
    expect(parseCursor(formatCursor(position))).toEqual(position);
    expect(parseSince(formatCursor(position))).toMatchObject({ ok: true, value: { kind: "cursor" } });
    expect(parseSince(5)).toMatchObject({ value: { kind: "time", atMs: 5 } });
    expect(parseSince("2024-01-20T09:00:00Z")).toMatchObject({ value: { atMs: Date.UTC(2024, 0, 20, 9) } });
    expect(parseSince("yesterday")).toMatchObject({ ok: false, reason: "bad_cursor" });
  });
});

describe("live queries", () => {
  const source = () => {
    let value = { n: 1 };
    const listeners = new Set<() => void>();
    return {
      read: () => value,
      watch: (listener: () => void) => {
        listeners.add(listener);
        return () => {
          listeners.delete(listener);
        };
      },
      set: (n: number) => {
        value = { n };
        for (const listener of listeners) listener();
      },
      watchers: () => listeners.size,
    };
  };

  it("tell the current value at once and each different one after it", () => {
    const from = source();
    const seen: number[] = [];
    const stop = liveQuery(from).subscribe(({ n }) => seen.push(n));
    from.set(1);
    from.set(2);
    stop();
    from.set(3);
    expect(seen).toEqual([1, 2]);
    expect(liveQuery(from).value).toEqual({ n: 3 });
  });

  it("iterate over the newest value, and let go at the end", async () => {
    const from = source();
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { n } of liveQuery(from)) {
        seen.push(n);
        if (n === 4) break;
      }
    })();
    from.set(2);
    await Promise.resolve();
    from.set(3);
    from.set(4);
    await reading;
    expect(seen.at(-1)).toBe(4);
    expect(from.watchers()).toBe(0);
  });
});

describe("receipts", () => {
  const content = (seqs: readonly number[], id = `w:${seqs.join("-")}`) => ({
    id,
    subject: "t1",
    at: 0,
    level: "periodic" as const,
    paths: [],
    conflicts: [],
    replaced: {},
    seqs,
  });
  const proof = (url: string, durable: number, relayed = durable, relayId = url) => ({
    url,
    relayId,
    durable,
    relayed,
  });

  it("go from queued over relayed to durable, and name the relays", async () => {
    const book = new ReceiptBook();
    const receipt = book.open(content([1, 2]), 0);
    expect(receipt.state).toBe("queued");
    book.published([1], 4);
    expect(receipt.state).toBe("queued");
    book.published([2], 5);
    book.prove(proof("ws://a", 4, 5));
    expect(receipt.state).toBe("relayed");
    const both = receipt.reached("durable", { n: 2 });
    book.prove(proof("ws://a", 5));
    expect(receipt).toMatchObject({ state: "durable", relays: ["ws://a"] });
    book.prove(proof("ws://b", 9));
    expect((await both).relays).toEqual(["ws://a", "ws://b"]);
  });

  it("count two addresses of one relay once", () => {
    const book = new ReceiptBook();
    book.open(content([1]), 0);
    book.published([1], 1);
    book.prove(proof("ws://a", 1, 1, "R"));
    book.prove(proof("ws://a.local", 1, 1, "R"));
    expect(book.relayCount(1)).toBe(1);
  });

  it("say so when a newer write replaced the entry before it went out", async () => {
    const book = new ReceiptBook();
    const receipt = book.open(content([1]), 0);
    const waiting = receipt.reached("durable");
    book.superseded([1]);
    expect((await waiting).state).toBe("superseded");
  });

  it("follow entries that are stamped anew, also published ones that nobody has acknowledged", () => {
    const book = new ReceiptBook();
    const queued = book.open(content([1]), 0);
    const published = book.open(content([2]), 0);
    book.published([2], 1);
    book.restamped(
      new Map([
        [1, 11],
        [2, 12],
      ]),
    );
    expect([queued.state, published.state]).toEqual(["queued", "queued"]);
    book.published([11, 12], 2);
    book.prove(proof("ws://a", 1));
    expect(published.state).toBe("queued");
    book.prove(proof("ws://a", 2));
    expect([queued.state, published.state]).toEqual(["durable", "durable"]);
  });

  it("[SCH-24] go back when the relay turns out to have lost what it acknowledged", () => {
    const book = new ReceiptBook();
    const receipt = book.open(content([1]), 0);
    book.published([1], 1);
    book.prove(proof("ws://a", 1));
    expect(receipt.state).toBe("durable");
    book.prove(proof("ws://a", 0));
    expect(receipt).toMatchObject({ state: "queued", relays: [] });
  });

  it("reject with the signal's reason, and end with the node", async () => {
    const book = new ReceiptBook();
    const receipt = book.open(content([1]), 0);
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(receipt.reached("durable", { signal })).rejects.toThrow("enough");
    const waiting = receipt.reached("durable");
    book.close();
    expect((await waiting).state).toBe("queued");
  });
});

describe("positions", () => {
  it("[SCH-24] notice a relay that has less of ours than it acknowledged, and another one behind its address", () => {
    const positions = new RelayPositions();
    positions.proven("ws://a", "A", { mark: 3, clock: 10 }, "durable");
    expect(positions.durableClock).toBe(10);
    expect(positions.told("ws://a", "A", 10)).toBe(false);
    expect(positions.told("ws://a", "A", 9)).toBe(true);
    expect(positions.of("ws://a").durable).toEqual({ mark: 0, clock: 0 });
    positions.proven("ws://a", "A", { mark: 3, clock: 10 }, "durable");
    expect(positions.told("ws://a", "B", 0)).toBe(false);
    expect(positions.durableClock).toBe(0);
  });
});

describe("a session", () => {
  const session = () => {
    const sent: number[] = [];
    const connection = {
      subprotocol: "",
      bufferedBytes: 0,
      handle: () => {},
      send: (message: Uint8Array) => sent.push(message[1] as number),
      sendBatch: () => {},
      pause: () => {},
      resume: () => {},
      close: () => {},
      terminate: () => {},
    };
    return { connection, sent, relay: new RelaySession(connection, new VirtualClock()) };
  };
  const reach = (mark: number) => ({ mark, clock: mark, clientId: 1 });
  const empty = Uint8Array.of(0, 0);

  it("[SCH-30] pushes nothing before it has answered: an acknowledgement would skip what is older", () => {
    const { relay, sent } = session();
    relay.push(empty, reach(2), new Map());
    expect(sent).toEqual([]);
    relay.answer([empty, empty], reach(2), new Map());
    relay.push(empty, reach(3), new Map());
    expect(sent).toEqual([2, 1, 2]);
    expect(relay.acked(1)).toMatchObject({ mark: 0 });
    expect(relay.acked(3)).toMatchObject({ mark: 3 });
  });

  it("holds frames back while the socket is full, and goes on in order when it drains", () => {
    const { relay, sent, connection } = session();
    connection.bufferedBytes = limits.sessionQueueBytesMax;
    relay.answer([empty], reach(1), new Map());
    expect([sent.length, relay.window.unacknowledged]).toEqual([0, 0]);
    connection.bufferedBytes = 0;
    relay.drained();
    expect([sent.length, relay.window.unacknowledged]).toEqual([1, 1]);
  });
});

describe("peer knowledge", () => {
  it("tells what was told from what was sent", () => {
    const knowledge = new PeerKnowledge();
    knowledge.told(new Map([[1, 5]]));
    knowledge.sentUpTo(new Map([[2, 3]]));
    expect(knowledge.vector.get(2)).toBeUndefined();
    expect(
      knowledge.lacks(
        new Map([
          [1, 5],
          [2, 3],
        ]),
      ),
    ).toBe(false);
    expect(knowledge.lacks(new Map([[2, 4]]))).toBe(true);
    expect(knowledge.expected()).toEqual(
      new Map([
        [1, 5],
        [2, 3],
      ]),
    );
  });
});

describe("outbox choices", () => {
  const queued = (seq: number, key: string, value: Entry["value"], bytes = 10): QueuedEntry => ({
    entry: { key, value, seq, hlc: 0, writer: "w", seen: new Map() },
    level: "periodic",
    at: 0,
    bytes,
  });

  it("[SYNC-3a] takes along what the critical entry is about and refers to, and what that refers to", () => {
    const waiting = [
      queued(1, "t/a/t", "A"),
      queued(2, "t/b/t", "B"),
      queued(3, "t/b/y/c", true),
      queued(4, "t/c/t", "C"),
      queued(5, "t/d/t", "D"),
      queued(6, "d/x/d", "about nothing"),
    ];
    const critical = queued(7, "t/a/b/1", { reason: "waits", blocker: ["b"] }).entry;
    expect(companionsOf([critical], waiting).map((item) => item.entry.seq)).toEqual([1, 2, 3, 4]);
  });

  it("splits by count and by size, in order", () => {
    const items = [3, 1, 2, 4].map((seq) => queued(seq, `t/${seq}/t`, "x", 40));
    const seqs = (bounds: { entriesMax: number; bytesMax: number }) =>
      inBatches(items, bounds).map((batch) => batch.map((item) => item.entry.seq));
    expect(seqs({ entriesMax: 3, bytesMax: 1_000 })).toEqual([[1, 2, 3], [4]]);
    expect(seqs({ entriesMax: 9, bytesMax: 80 })).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(seqs({ entriesMax: 9, bytesMax: 1 })).toEqual([[1], [2], [3], [4]]);
  });
});
