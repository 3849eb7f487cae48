/** The browser's agent store over a stand-in for y-indexeddb: the document outlives the tab, nothing else does. */

import { seededRandom, silentLogger } from "@context-mesh/common";
import type { AgentStore } from "@context-mesh/ports";
import { openIndexedDbAgentStore, type Persist } from "@context-mesh/store-indexeddb";
import { sampleIdentity, VirtualClock } from "@context-mesh/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";

let clock: VirtualClock;
let stored: Uint8Array[];

/** Keeps updates as y-indexeddb does: loads them into the document, then listens. */
const persistInArray: Persist = (_name, doc) => {
  const origin = {};
  const whenSynced = Promise.resolve().then(() => {
    for (const update of stored) Y.applyUpdate(doc, update, origin);
    doc.on("update", (update: Uint8Array, from: unknown) => {
      if (from !== origin) stored.push(update);
    });
  });
  return { whenSynced, destroy: async () => {} };
};

const openTab = (persist: Persist = persistInArray): Promise<AgentStore> =>
  openIndexedDbAgentStore({ name: "room", clock, random: seededRandom(stored.length), logger: silentLogger, persist });

const updateOf = (text: string): Uint8Array => {
  const doc = new Y.Doc();
  doc.getArray("a").push([text]);
  return Y.encodeStateAsUpdate(doc);
};

const textsIn = (bytes: Uint8Array | undefined): unknown[] => {
  const doc = new Y.Doc();
  if (bytes !== undefined) Y.applyUpdate(doc, bytes);
  return doc.getArray("a").toArray();
};

beforeEach(() => {
  clock = new VirtualClock();
  stored = [];
});

describe("the browser's agent store", () => {
  it("keeps the document, and makes each tab a new incarnation with nothing else", async () => {
    const tab = await openTab();
    expect(tab.condition).toBe("new");
    tab.transact((tx) => {
      tx.setIdentity(sampleIdentity);
      tx.nextSeqs(3);
      tx.appendLog({ at: 1, origin: "own", bytes: updateOf("x") });
      tx.setValue("v", 1);
    });
    tab.close();
    const next = await openTab();
    expect(next.condition).toBe("new");
    expect(next.storeId).not.toBe(tab.storeId);
    next.view((view) => {
      expect([view.identity(), view.seq(), view.getValue("v")]).toEqual([undefined, 0, undefined]);
      expect(textsIn(view.logBase()?.bytes)).toEqual(["x"]);
      expect([view.logHead(), view.logSince(view.logBase()?.n ?? 0)]).toEqual([1, []]);
    });
    expect(next.health()).toMatchObject({ durability: "browser", problems: [] });
    expect(next.health().bytes).toBeGreaterThan(0);
  });

  it("keeps nothing of a transaction that throws", async () => {
    const tab = await openTab();
    tab.transact((tx) => tx.putOutbox({ seq: 1, key: "k", bytes: Uint8Array.of(1), level: "periodic", at: 1 }));
    const fail = (): void =>
      tab.transact((tx) => {
        tx.appendLog({ at: 1, origin: "own", bytes: updateOf("never") });
        tx.putOutbox({ seq: 2, key: "k", bytes: Uint8Array.of(2), level: "periodic", at: 1 });
        tx.recordArrivals([{ at: 1, key: "k", writer: "w", seq: 1, level: "critical" }]);
        throw new Error("on purpose");
      });
    expect(fail).toThrow("on purpose");
    expect(stored).toEqual([]);
    tab.view((view) => {
      expect(view.outbox().map(({ seq }) => seq)).toEqual([1]);
      expect([view.logHead(), view.arrivalHead()]).toEqual([0, 0]);
    });
  });

  it("does not grow when a page is only looked at", async () => {
    const tab = await openTab();
    tab.transact((tx) => tx.appendLog({ at: 1, origin: "own", bytes: updateOf("x") }));
    tab.close();
    const before = stored.length;
    for (let reload = 0; reload < 5; reload++) (await openTab()).close();
    expect(stored.length).toBe(before);
  });

  it("works on without a database, and says so", async () => {
    const opening = openTab(() => ({ whenSynced: new Promise(() => {}), destroy: async () => {} }));
    const tab = await clock.waitFor(opening);
    expect(tab.health().problems).toEqual([expect.stringContaining("did not open")]);
    tab.transact((tx) => tx.appendLog({ at: 1, origin: "own", bytes: updateOf("x") }));
    expect(tab.view((view) => view.logHead())).toBe(1);
    const refused = await openTab(() => {
      throw new Error("indexedDB is not defined");
    });
    expect(refused.health().problems).toEqual([expect.stringContaining("indexedDB")]);
  });

  it("answers store_closed after close", async () => {
    const tab = await openTab();
    tab.close();
    tab.close();
    expect(() => tab.view(() => 1)).toThrow(expect.objectContaining({ code: "store_closed" }));
  });
});
