/** Agent stores that were copied, moved, restored or deleted, as real files. */

import { copyFileSync, mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { silentLogger, systemClock, systemRandom } from "@context-mesh/common";
import type { AgentStore } from "@context-mesh/ports";
import { openSqliteAgentStore } from "@context-mesh/store-sqlite";
import { copyFolder, sampleIdentity, type TemporaryFolder, temporaryFolder } from "@context-mesh/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let folder: TemporaryFolder;
let home: string;

const open = (path: string): AgentStore =>
  openSqliteAgentStore({
    file: join(path, "agent.db"),
    stateDir: join(folder.path, "state"),
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
  });

const use = <T>(path: string, fn: (store: AgentStore) => T): T => {
  const store = open(path);
  try {
    return fn(store);
  } finally {
    store.close();
  }
};

const conditionOf = (path: string): string => use(path, (store) => store.condition);
const write = (path: string): number => use(path, (store) => store.transact((tx) => tx.nextSeqs(1)));

beforeEach(() => {
  folder = temporaryFolder();
  home = join(folder.path, "home");
  use(home, (store) => store.transact((tx) => tx.setIdentity(sampleIdentity)));
  write(home);
});
afterEach(() => folder.remove());

describe("an agent store", () => {
  it("is intact when it is opened again", () => {
    expect(conditionOf(home)).toBe("intact");
  });

  it("[SCH-4] that was copied says so until it has a new identity, and the original notices nothing", () => {
    const copy = join(folder.path, "copy");
    copyFolder(home, copy);
    const original = use(home, (store) => store.storeId);
    const ids = [1, 2].map(() => use(copy, (store) => [store.condition, store.storeId]));
    expect(ids.map(([condition]) => condition)).toEqual(["copied", "copied"]);
    expect(ids.map(([, id]) => id)).not.toContain(original);
    use(copy, (store) => store.transact((tx) => tx.setIdentity({ ...sampleIdentity, incarnation: 2 })));
    expect(conditionOf(copy)).toBe("intact");
    expect(conditionOf(home)).toBe("intact");
    expect(use(home, (store) => store.storeId)).toBe(original);
  });

  it("[SCH-4] that was copied while it was open says so too", () => {
    const copy = join(folder.path, "copy");
    use(home, (store) => {
      store.transact((tx) => tx.nextSeqs(1));
      copyFolder(home, copy);
    });
    expect(conditionOf(copy)).toBe("copied");
    expect(use(copy, (store) => store.view((view) => view.seq()))).toBe(2);
  });

  it("[SCH-4] whose whole folder was brought back from a backup is known by the mark elsewhere", () => {
    const backup = join(folder.path, "backup");
    copyFolder(home, backup);
    write(home);
    // In place, so that device and inode stay.
    for (const name of ["agent.db", "agent.db-head"]) copyFileSync(join(backup, name), join(home, name));
    rmSync(join(home, "agent.db-wal"), { force: true });
    rmSync(join(home, "agent.db-shm"), { force: true });
    expect(conditionOf(home)).toBe("restored");
    expect(use(home, (store) => store.view((view) => view.seq()))).toBe(2);
  });

  it("[SCH-4] whose database alone was brought back is known by the mark beside it", () => {
    const backup = join(folder.path, "backup");
    copyFolder(home, backup);
    write(home);
    rmSync(join(folder.path, "state"), { recursive: true });
    copyFileSync(join(backup, "agent.db"), join(home, "agent.db"));
    rmSync(join(home, "agent.db-wal"), { force: true });
    rmSync(join(home, "agent.db-shm"), { force: true });
    expect(conditionOf(home)).toBe("restored");
    expect(use(home, (store) => store.health().problems)).toEqual([]);
  });

  it("[SCH-4] without the mark beside it counts as restored", () => {
    rmSync(join(home, "agent.db-head"));
    expect(conditionOf(home)).toBe("restored");
  });

  it("whose folder was renamed is the same store", () => {
    const renamed = join(folder.path, "renamed");
    renameSync(home, renamed);
    expect(conditionOf(renamed)).toBe("intact");
  });

  it("whose state folder was lost is the same store", () => {
    rmSync(join(folder.path, "state"), { recursive: true });
    expect(conditionOf(home)).toBe("intact");
    expect(conditionOf(home)).toBe("intact");
  });

  it("that was deleted is new", () => {
    rmSync(home, { recursive: true });
    expect(conditionOf(home)).toBe("new");
  });

  it("forgets marks of stores that were not used for a year, once there are many", () => {
    const marks = join(folder.path, "state", "marks");
    for (let i = 0; i < 1_000; i++) writeFileSync(join(marks, `m${i}`), "");
    for (const name of ["m1", "m2"]) utimesSync(join(marks, name), 1, 1_000_000);
    const count = readdirSync(marks).length;
    write(join(folder.path, "another"));
    expect(readdirSync(marks).length).toBe(count + 1 - 2);
    expect(conditionOf(home)).toBe("intact");
  });

  it("does not write into a file that was replaced under it", () => {
    const store = open(home);
    const other = join(folder.path, "other");
    mkdirSync(other);
    renameSync(join(home, "agent.db"), join(other, "agent.db"));
    expect(() => store.transact((tx) => tx.nextSeqs(1))).toThrow(expect.objectContaining({ code: "store_failed" }));
    store.close();
  });
});
