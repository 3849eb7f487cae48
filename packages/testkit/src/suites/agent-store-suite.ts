/** The contract of `AgentStore`: an adapter's test is the call of this suite. */

import type { AgentStore } from "@context-mesh/ports";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type AgentStoreBench,
  type AgentStoreHarness,
  type MakeAgentStore,
  sampleIdentity,
  syncRecord,
} from "./agent-store-bench.ts";
import { agentStoreLogRules } from "./agent-store-log-rules.ts";
import { agentStoreQueueRules } from "./agent-store-queue-rules.ts";

export const agentStoreSuite = (name: string, make: MakeAgentStore): void => {
  describe(`AgentStore: ${name}`, () => {
    let harness: AgentStoreHarness;
    let open: AgentStore[] = [];
    const openOne = (): AgentStore => {
      const store = harness.open();
      open.push(store);
      return store;
    };
    const closeAll = (): void => {
      for (const store of open) store.close();
      open = [];
    };
    const bench: AgentStoreBench = {
      harness: () => harness,
      store: () => open[0] as AgentStore,
      reopen: () => {
        closeAll();
        return openOne();
      },
      openSecond: openOne,
    };

    beforeEach(async () => {
      harness = await make();
      openOne();
    });
    afterEach(async () => {
      closeAll();
      await harness.dispose();
    });

    identityRules(bench);
    transactionRules(bench);
    agentStoreQueueRules(bench);
    agentStoreLogRules(bench);
  });
};

const identityRules = ({ store, reopen, openSecond }: AgentStoreBench): void => {
  it("is new and empty at first, intact afterwards", () => {
    expect(store().condition).toBe("new");
    expect(store().storeId).not.toBe("");
    store().view((view) => {
      expect(view.identity()).toBeUndefined();
      expect([view.seq(), view.logHead(), view.arrivalHead()]).toEqual([0, 0, 0]);
      expect(view.logBase()).toBeUndefined();
      expect([view.outbox(), view.logSince(0), view.syncLog(10)]).toEqual([[], [], []]);
    });
    const { storeId } = store();
    store().transact((tx) => tx.setIdentity(sampleIdentity));
    const again = reopen();
    expect(again.condition).toBe("intact");
    expect(again.storeId).toBe(storeId);
    expect(again.view((view) => view.identity())).toEqual(sampleIdentity);
  });

  it("stays new until an identity is set", () => {
    store().transact((tx) => tx.setValue("x", 1));
    expect(reopen().condition).toBe("new");
  });

  it("[SCH-28] has one seq counter for all its processes", () => {
    const second = openSecond();
    expect(second.transact((tx) => tx.nextSeqs(1))).toBe(1);
    expect(store().transact((tx) => tx.nextSeqs(3))).toBe(2);
    expect(second.transact((tx) => tx.nextSeqs(1))).toBe(5);
    expect(store().view((view) => view.seq())).toBe(5);
    expect(reopen().transact((tx) => tx.nextSeqs(1))).toBe(6);
  });

  it("reports health, and finds nothing wrong with an intact store", () => {
    store().transact((tx) => tx.appendLog({ at: 1, origin: "own", bytes: Uint8Array.of(1, 2, 3) }));
    expect(store().verify().problems).toEqual([]);
    expect(store().health()).toMatchObject({ condition: "new", problems: [] });
    expect(store().health().bytes).toBeGreaterThan(0);
  });
};

const transactionRules = ({ store, reopen, openSecond, harness }: AgentStoreBench): void => {
  it("keeps nothing of a transaction that throws", () => {
    store().transact((tx) => {
      tx.setIdentity(sampleIdentity);
      tx.putOutbox({ seq: 1, key: "k", bytes: Uint8Array.of(1), level: "periodic", at: 1 });
      tx.recordArrivals([{ at: 1, key: "k", writer: "w", seq: 1, level: "critical" }]);
      tx.setSeen("k", Uint8Array.of(1));
      tx.setValue("v", 1);
    });
    const snapshot = () =>
      store().view((view) => ({
        identity: view.identity(),
        seq: view.seq(),
        log: view.logSince(0),
        outbox: view.outbox(),
        arrivals: view.arrivalsSince(0, 10),
        seen: view.seenOf("k"),
        values: [...view.valuesWithPrefix("")],
        sync: view.syncLog(10),
      }));
    const before = snapshot();
    const failing = (): void =>
      store().transact((tx) => {
        tx.setIdentity({ ...sampleIdentity, incarnation: 2 });
        tx.nextSeqs(5);
        tx.appendLog({ at: 2, origin: "own", bytes: Uint8Array.of(2) });
        tx.putOutbox({ seq: 2, key: "k", bytes: Uint8Array.of(2), level: "critical", at: 2 });
        tx.deleteOutbox([2]);
        tx.recordArrivals([{ at: 2, key: "k", writer: "w", seq: 2, level: "critical" }]);
        tx.setSeen("k", Uint8Array.of(2));
        tx.setValue("v", undefined);
        tx.recordSync(syncRecord(1));
        throw new Error("on purpose");
      });
    expect(failing).toThrow("on purpose");
    expect(snapshot()).toEqual(before);
    reopen();
    expect(snapshot()).toEqual(before);
  });

  it("reads its own writes, and others read them once they are committed", () => {
    const second = openSecond();
    const answer = store().transact((tx) => {
      tx.setValue("v", { a: [1, "x", null, true] });
      expect(tx.getValue("v")).toEqual({ a: [1, "x", null, true] });
      return 42;
    });
    expect(answer).toBe(42);
    expect(second.view((view) => view.getValue("v"))).toEqual({ a: [1, "x", null, true] });
  });

  it("refuses a transaction that goes on after it returned, and one that waits", () => {
    const leaked = store().transact((tx) => tx);
    expect(() => leaked.setValue("v", 1)).toThrow();
    expect(() => store().transact(async () => 1)).toThrow();
    expect(store().view((view) => view.getValue("v"))).toBeUndefined();
  });

  it("tells other processes of a commit, and nobody of its own", async () => {
    const second = openSecond();
    const heard: string[] = [];
    const stop = second.onForeignCommit(() => heard.push("second"));
    store().onForeignCommit(() => heard.push("first"));
    store().transact((tx) => tx.setValue("v", 1));
    await harness().until(() => heard.length > 0);
    expect(new Set(heard)).toEqual(new Set(["second"]));
    stop();
    second.transact((tx) => tx.setValue("v", 2));
    await harness().until(() => heard.includes("first"));
    expect(heard.filter((who) => who === "first")).toEqual(["first"]);
  });

  it("keeps values by name, and finds them by prefix literally", () => {
    store().transact((tx) => {
      for (const name of ["a%b", "a%c", "aXb", "a_", 'q"', "ab"]) tx.setValue(name, name);
      tx.setValue("ab", undefined);
    });
    const view = reopen().view((v) => [[...v.valuesWithPrefix("a%")], [...v.valuesWithPrefix("a_")], v.getValue('q"')]);
    expect(view).toEqual([
      [
        ["a%b", "a%b"],
        ["a%c", "a%c"],
      ],
      [["a_", "a_"]],
      'q"',
    ]);
    expect(store().view((v) => v.getValue("ab"))).toBeUndefined();
  });

  it("answers store_closed after close, and closing twice is harmless", () => {
    store().close();
    store().close();
    expect(() => store().transact(() => 1)).toThrow(expect.objectContaining({ code: "store_closed" }));
    expect(() => store().view(() => 1)).toThrow(expect.objectContaining({ code: "store_closed" }));
  });
};
