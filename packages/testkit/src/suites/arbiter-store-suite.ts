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

const never = { version: 0, fence: 0 };
const released = (task: string, fence: number): Grant => grant(task, fence, { state: "released" });

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
      expect(await store.grants("a")).toEqual({ grants: [], isWhole: true, droppedFence: 0 });
      await store.swapGrant("a", never, grant("t1", 2 ** 52));
      await store.swapGrant("a", never, grant("t2", 8, { state: "offered", to: "planner" }));
      await store.swapGrant("b", never, grant("t1", 9, { state: "released" }));
      await reopen();
      expect(await store.grants("a")).toEqual({
        grants: [
          { ...grant("t1", 2 ** 52), version: 1 },
          { ...grant("t2", 8, { state: "offered", to: "planner" }), version: 1 },
        ],
        isWhole: true,
        droppedFence: 0,
      });
      expect((await store.grants("b")).grants).toEqual([{ ...grant("t1", 9, { state: "released" }), version: 1 }]);
    });

    it("swaps only what is still as it was: of several that try at once one succeeds", async () => {
      const all = await Promise.all([1, 2, 3].map((fence) => store.swapGrant("a", never, grant("t", fence))));
      expect(all).toEqual([true, false, false]);
      expect(await store.swapGrant("a", never, grant("t", 4))).toBe(false);
      expect(await store.swapGrant("a", { version: 1, fence: 1 }, grant("t", 5))).toBe(true);
      expect((await store.grants("a")).grants).toEqual([{ ...grant("t", 5), version: 2 }]);
      expect(await store.swapGrant("a", { version: 2, fence: 1 }, grant("t", 6))).toBe(false);
      expect(await store.swapGrant("a", { version: 1, fence: 5 }, grant("t", 6))).toBe(false);
    });

    it("drops what is released and still as given, nothing else, and keeps the highest of its fences", async () => {
      await store.swapGrant("a", never, released("old", 7));
      await store.swapGrant("a", never, released("older", 5));
      await store.swapGrant("a", never, grant("held", 9));
      await store.swapGrant("a", never, released("moved", 3));
      await store.swapGrant("b", never, released("old", 8));
      const { grants } = await store.grants("a");
      await store.swapGrant("a", { version: 1, fence: 3 }, released("moved", 11));
      expect(await store.dropGrants("a", grants)).toBe(2);
      expect(await store.dropGrants("a", grants)).toBe(0);
      await reopen();
      const left = await store.grants("a");
      expect(left.grants.map(({ task, fence }) => [task, fence])).toEqual([
        ["held", 9],
        ["moved", 11],
      ]);
      expect([left.isWhole, left.droppedFence]).toEqual([true, 7]);
      expect(await store.dropGrants("a", left.grants)).toBe(1);
      expect((await store.grants("a")).droppedFence).toBe(11);
      expect(await store.grants("b")).toMatchObject({ grants: [{ task: "old", fence: 8 }], droppedFence: 0 });
    });

    it("[SCH-13] grants nothing at or below a dropped fence, nor on top of what has come in the place of a dropped grant", async () => {
      await store.swapGrant("a", never, released("t", 7));
      const [former] = (await store.grants("a")).grants;
      expect(await store.dropGrants("a", former === undefined ? [] : [former])).toBe(1);
      expect(await store.swapGrant("a", { version: 1, fence: 7 }, grant("t", 8))).toBe(false);
      expect(await store.swapGrant("a", never, grant("t", 6))).toBe(false);
      expect(await store.swapGrant("a", never, grant("other", 7))).toBe(false);
      expect(await store.swapGrant("a", never, grant("t", 8))).toBe(true);
      // The same version once more, of another grant: who still has the former one in mind releases nothing.
      expect(await store.swapGrant("a", { version: 1, fence: 7 }, released("t", 7))).toBe(false);
      expect((await store.grants("a")).grants).toEqual([{ ...grant("t", 8), version: 1 }]);
      expect(await store.swapGrant("b", never, grant("t", 1))).toBe(true);
    });
  });
};
