/** The contract of `ArbiterStore`: an adapter's test is the call of this suite. */

import type { ArbiterStore, Grant } from "@context-mesh/ports";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

type OpenArbiterStore = ArbiterStore & { close(): Promise<void> };

export interface ArbiterStoreHarness {
  /** Opens the store; after a close, on the same durable state. */
  open(): Promise<OpenArbiterStore>;
  dispose(): Promise<void> | void;
}

const grant = (task: string, fence: number, more: Partial<Grant> = {}): Grant => ({
  task,
  fence,
  agent: "builder",
  nonce: `n${fence}`,
  leaseMs: 60_000,
  state: "held",
  to: "",
  ...more,
});

export const arbiterStoreSuite = (name: string, make: () => ArbiterStoreHarness): void => {
  describe(`ArbiterStore: ${name}`, () => {
    let harness: ArbiterStoreHarness;
    let store: OpenArbiterStore;
    const reopen = async (): Promise<void> => {
      await store.close();
      store = await harness.open();
    };
    beforeEach(async () => {
      harness = make();
      store = await harness.open();
    });
    afterEach(async () => {
      await store.close();
      await harness.dispose();
    });

    it("takes ever higher terms, also after a reopen and when asked for less", async () => {
      expect(await store.takeTerm(1_790_000_000)).toBe(1_790_000_000);
      expect(await store.takeTerm(5)).toBe(1_790_000_001);
      await reopen();
      expect(await store.takeTerm(1_790_000_000)).toBe(1_790_000_002);
      expect(await store.takeTerm(1_800_000_000)).toBe(1_800_000_000);
    });

    it("keeps the last grant of each task of each room over a reopen", async () => {
      expect(await store.grants("a")).toEqual({ grants: [], isWhole: true });
      await store.swapGrant("a", 0, grant("t1", 2 ** 52));
      await store.swapGrant("a", 0, grant("t2", 8, { state: "offered", to: "planner" }));
      await store.swapGrant("b", 0, grant("t1", 9, { state: "released" }));
      await reopen();
      expect(await store.grants("a")).toEqual({
        grants: [
          { ...grant("t1", 2 ** 52), version: 1 },
          { ...grant("t2", 8, { state: "offered", to: "planner" }), version: 1 },
        ],
        isWhole: true,
      });
      expect((await store.grants("b")).grants).toEqual([{ ...grant("t1", 9, { state: "released" }), version: 1 }]);
    });

    it("swaps only what is still as it was: of several that try at once one succeeds", async () => {
      const all = await Promise.all([1, 2, 3].map((fence) => store.swapGrant("a", 0, grant("t", fence))));
      expect(all).toEqual([true, false, false]);
      expect(await store.swapGrant("a", 0, grant("t", 4))).toBe(false);
      expect(await store.swapGrant("a", 1, grant("t", 5))).toBe(true);
      expect((await store.grants("a")).grants).toEqual([{ ...grant("t", 5), version: 2 }]);
    });
  });
};
