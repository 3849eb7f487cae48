/** Damage to the relay store's files: found before anything wrong is served, and mended where a generation is left. */

import { copyFileSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "@context-mesh/common";
import type { ArbiterStore, DocStore } from "@context-mesh/ports";
import { flipByte, type TemporaryFolder, temporaryFolder } from "@context-mesh/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Driver } from "../src/sqlite/driver.ts";
import { asText, copyDoc, docFile, makeDocSample, openDocIn, servedBy, textBytes, updateRequest } from "./doc-bench.ts";
import { recordOffsets } from "./sqlite-pages.ts";

let folder: TemporaryFolder;
let sample: string;
let trials = 0;

beforeAll(async () => {
  folder = temporaryFolder({ isFast: true });
  sample = join(folder.path, "sample");
  await makeDocSample(sample);
});
afterAll(() => folder.remove());

const stamp = (n: number, room: string): string => `${n}:${1_000 + n}:builder:s1:${room}-update-${n}`;
const wholeA = ["3:a-base-3", stamp(4, "a")].join("\n");
const olderA = ["1:a-base-1", stamp(2, "a"), stamp(3, "a"), stamp(4, "a")].join("\n");
const logA = ["", stamp(1, "a"), stamp(2, "a"), stamp(3, "a"), stamp(4, "a")].join("\n");
const wholeB = ["", stamp(1, "b"), stamp(2, "b")].join("\n");

const withDamaged = async <T>(
  from: string,
  damage: (copy: string) => void,
  look: (store: DocStore & ArbiterStore) => Promise<T>,
) => {
  trials += 1;
  const copy = join(folder.path, `trial-${trials}`);
  copyDoc(from, copy);
  damage(copy);
  const store = openDocIn(copy);
  try {
    return await look(store);
  } finally {
    await store.close();
    rmSync(copy, { recursive: true, force: true });
  }
};

const flipAt = (at: number) => (copy: string) => flipByte(docFile(copy), at, 1 + (at % 255));
const flipText = (text: string) => flipAt(readFileSync(docFile(sample)).indexOf(text));

describe("a flipped byte in the relay store", () => {
  it("[SYNC-10b] is found at open wherever it is in a record; no room is served wrong", {
    timeout: 120_000,
  }, async () => {
    const all = recordOffsets(docFile(sample));
    expect(all.length).toBeGreaterThan(500);
    // Every third byte hits every field of every record.
    const offsets = all.filter((_, at) => at % 3 === 0);
    let mended = 0;
    for (const at of offsets) {
      await withDamaged(sample, flipAt(at), async (store) => {
        const [a, b] = [await servedBy(store, "a"), await servedBy(store, "b")];
        expect([wholeA, olderA, logA, "room_corrupt"]).toContain(a);
        expect([wholeB, "room_corrupt"]).toContain(b);
        const { behind, corruptRooms } = await store.health();
        if (a === wholeA && b === wholeB) return;
        expect([at, behind]).toEqual([at, true]);
        expect(corruptRooms.includes("a")).toBe(a === "room_corrupt");
        expect(corruptRooms.includes("b")).toBe(b === "room_corrupt");
        if (a !== wholeA && a !== "room_corrupt") mended += 1;
      });
    }
    expect(mended).toBeGreaterThan(5);
  });

  it("[SCH-13] in what is kept of dropped grants is not covered up by dropping more", async () => {
    const from = join(folder.path, "grants");
    copyDoc(sample, from);
    const fence = 5_000_000_000_000_001;
    const grant = { agent: "a", nonce: "n", leaseMs: 1_000, state: "released", to: "" } as const;
    const never = { version: 0, fence: 0 };
    const store = openDocIn(from);
    await store.swapGrant("a", never, { ...grant, task: "high", fence });
    await store.swapGrant("a", never, { ...grant, task: "low", fence: fence - 9 });
    const { grants } = await store.grants("a");
    expect(await store.dropGrants("a", grants.slice(0, 1))).toBe(1);
    const driver = new Driver(docFile(from), { busyTimeoutMs: 1_000 });
    driver.run("UPDATE grants SET fence = 3 WHERE task = ''");
    driver.close();
    const seen = { grants: [{ task: "low" }], isWhole: false, droppedFence: 0 };
    expect(await store.grants("a")).toMatchObject(seen);
    expect(await store.dropGrants("a", grants)).toBe(0);
    expect(await store.grants("a")).toMatchObject(seen);
    await store.close();
    // At the next start the whole store counts as one that has lost something.
    const again = openDocIn(from);
    expect(await again.health()).toMatchObject({ behind: true });
    await again.close();
  });

  it("[SYNC-10c] in the newest base brings the older one back, with all updates since", async () => {
    await withDamaged(sample, flipText("a-base-3"), async (store) => {
      expect(await servedBy(store, "a")).toBe(olderA);
      expect(await servedBy(store, "b")).toBe(wholeB);
      await store.compact("a", textBytes("again"), 4);
      // The base that was taken out is no generation any more: the older one and all updates since it stay.
      expect(await store.trimLog("a", { beforeMs: 9_999, bytesMax: 0 })).toBe(0);
    });
  });

  it("in the tail makes the room an error, never empty, and leaves the others alone", async () => {
    await withDamaged(sample, flipText("b-update-1"), async (store) => {
      expect(await servedBy(store, "b")).toBe("room_corrupt");
      expect(await servedBy(store, "a")).toBe(wholeA);
      expect(await store.rooms()).toEqual(["a", "b"]);
      await expect(store.append([updateRequest("b", 3)])).rejects.toMatchObject({ code: "room_corrupt" });
      expect(await store.append([updateRequest("a", 5)])).toEqual([5]);
      expect(await store.health()).toMatchObject({ behind: true, corruptRooms: ["b"] });
    });
  });

  it("[SYNC-10d] in the tail: the room is cut back to what is whole, and behind until peers were asked", async () => {
    await withDamaged(sample, flipText("b-update-1"), async (store) => {
      expect(await store.mend("b")).toBe(2);
      expect(await servedBy(store, "b")).toBe("");
      expect((await store.quarantined("b")).map(({ reason, bytes }) => [reason, asText(bytes)])).toEqual([
        ["after_damage", "b-update-2"],
      ]);
      expect(await store.health()).toMatchObject({ behind: true, corruptRooms: [] });
      expect(await store.append([updateRequest("b", 1)])).toEqual([1]);
      await store.caughtUp();
      expect(await store.verify()).toMatchObject({ behind: false, corruptRooms: [] });
    });
  });

  it("in a large log is found when the room is loaded, or verified", async () => {
    const large = join(folder.path, "large");
    copyDoc(sample, large);
    const filler = openDocIn(large);
    await filler.append(Array.from({ length: 1_200 }, (_, n) => updateRequest("c", n)));
    await filler.close();
    const at = readFileSync(docFile(large)).indexOf("c-update-777");
    await withDamaged(large, flipAt(at), async (store) => {
      expect(await store.health()).toMatchObject({ behind: false, corruptRooms: [] });
      expect(await servedBy(store, "c")).toBe("room_corrupt");
      expect(await store.health()).toMatchObject({ behind: true, corruptRooms: ["c"] });
    });
    await withDamaged(large, flipAt(at), async (store) => {
      expect(await store.verify()).toMatchObject({ behind: true, corruptRooms: ["c"] });
      expect(await store.mend("c")).toBe(1_200 - 777);
      expect((await store.load("c")).lastSeq).toBe(777);
    });
  });
});

describe("a flipped byte in the WAL of a relay store", () => {
  it("[SCH-25] never loses an acknowledged update in silence: 300 trials", { timeout: 60_000 }, async () => {
    const crashed = join(folder.path, "crashed");
    copyDoc(sample, crashed);
    const store = openDocIn(crashed);
    for (const n of [5, 6, 7, 8]) await store.append([updateRequest("a", n)]);
    const newest = await servedBy(store, "a");
    const image = join(folder.path, "image");
    copyDoc(crashed, image);
    await store.close();
    const { size } = statSync(`${docFile(image)}-wal`);
    const random = seededRandom(26);
    let whole = 0;
    for (let trial = 0; trial < 300; trial++) {
      const at = random.int(size);
      const damage = (copy: string): void => flipByte(`${docFile(copy)}-wal`, at, 1 << random.int(8));
      await withDamaged(image, damage, async (found) => {
        const served = await servedBy(found, "a");
        if (served === newest) whole += 1;
        else expect([at, (await found.health()).behind]).toEqual([at, true]);
        if (served !== "room_corrupt") expect(served).toContain(stamp(4, "a"));
      });
    }
    expect(whole).toBeGreaterThan(200);
  });

  it("stays behind over restarts until peers were asked", async () => {
    const copy = join(folder.path, "behind");
    copyDoc(sample, copy);
    const store = openDocIn(copy);
    await store.append([updateRequest("a", 5)]);
    const old = join(folder.path, "behind-old");
    copyDoc(sample, old);
    await store.close();
    // The database of yesterday under the mark of today.
    rmSync(`${docFile(copy)}-wal`, { force: true });
    copyFileSync(docFile(old), docFile(copy));
    for (const isAsked of [false, true]) {
      const restored = openDocIn(copy);
      expect(await restored.health()).toMatchObject({ behind: true, corruptRooms: [] });
      expect(await servedBy(restored, "a")).toContain(wholeA);
      await restored.append([updateRequest("b", 3)]);
      if (isAsked) await restored.caughtUp();
      await restored.close();
    }
    const asked = openDocIn(copy);
    expect((await asked.health()).behind).toBe(false);
    await asked.close();
  });
});
