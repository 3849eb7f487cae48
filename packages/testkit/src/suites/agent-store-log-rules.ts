/** Rules of the agent store's replica log and its compaction. */

import { expect, it } from "vitest";
import type { AgentStoreBench } from "./agent-store-bench.ts";

const origin = "ws://127.0.0.1:7420";

export const agentStoreLogRules = ({ store, reopen, openSecond }: AgentStoreBench): void => {
  const append = (byte: number): number =>
    store().transact((tx) => tx.appendLog({ at: 10 + byte, origin, bytes: Uint8Array.of(byte) }));
  const positions = (after: number): number[] => store().view((view) => view.logSince(after).map(({ n }) => n));

  it("numbers log records without gaps and gives them back whole", () => {
    expect([append(1), append(2), append(3)]).toEqual([1, 2, 3]);
    const log = reopen().view((view) => view.logSince(1));
    expect(log).toEqual([
      { n: 2, at: 12, origin, bytes: Uint8Array.of(2) },
      { n: 3, at: 13, origin, bytes: Uint8Array.of(3) },
    ]);
    expect(store().view((view) => view.logHead())).toBe(3);
  });

  it("shares the log between processes", () => {
    const second = openSecond();
    append(1);
    expect(second.transact((tx) => tx.appendLog({ at: 2, origin: "own", bytes: Uint8Array.of(2) }))).toBe(2);
    expect(positions(0)).toEqual([1, 2]);
  });

  it("keeps empty and large records", () => {
    const large = new Uint8Array(3_000_000).map((_, i) => i * 7);
    store().transact((tx) => {
      tx.appendLog({ at: 1, origin: "own", bytes: Uint8Array.of() });
      tx.appendLog({ at: 1, origin: "own", bytes: large });
    });
    const [empty, big] = reopen().view((view) => view.logSince(0));
    expect(empty?.bytes.length).toBe(0);
    expect(Buffer.compare(big?.bytes ?? Uint8Array.of(), large)).toBe(0);
  });

  it("compacts up to a position, and what came later stays", () => {
    for (const byte of [1, 2, 3, 4]) append(byte);
    store().transact((tx) => tx.compactLog(Uint8Array.of(99), 3));
    reopen();
    expect(store().view((view) => view.logBase())).toEqual({ bytes: Uint8Array.of(99), n: 3 });
    expect(positions(3)).toEqual([4]);
    expect(store().view((view) => view.logHead())).toBe(4);
    expect(append(5)).toBe(5);
  });

  it("compacts everything, again and again", () => {
    for (const round of [1, 2, 3]) {
      append(round);
      store().transact((tx) => tx.compactLog(Uint8Array.of(round), tx.logHead()));
    }
    reopen();
    expect(store().view((view) => [view.logBase(), view.logHead()])).toEqual([{ bytes: Uint8Array.of(3), n: 3 }, 3]);
    expect(positions(3)).toEqual([]);
    expect(append(4)).toBe(4);
    expect(store().verify().problems).toEqual([]);
  });

  it("takes the bytes as a copy", () => {
    const bytes = Uint8Array.of(1, 2, 3);
    store().transact((tx) => tx.appendLog({ at: 1, origin: "own", bytes }));
    bytes.fill(0);
    expect(store().view((view) => view.logSince(0)[0]?.bytes)).toEqual(Uint8Array.of(1, 2, 3));
  });
};
