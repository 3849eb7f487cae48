/** Durability settings at every open, and the errors of stores that cannot be used. */

import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { silentLogger, systemClock, systemRandom } from "@context-mesh/common";
import type { AgentStore } from "@context-mesh/ports";
import { openSqliteAgentStore, readStatusRow } from "@context-mesh/store-sqlite";
import { sampleIdentity, type TemporaryFolder, temporaryFolder } from "@context-mesh/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Database } from "../src/sqlite/database.ts";
import { Driver } from "../src/sqlite/driver.ts";
import { systemFacts } from "../src/sqlite/file-system.ts";

let folder: TemporaryFolder;
let file: string;

beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder.path, "agent.db");
});
afterEach(() => folder.remove());

const openAgent = (busyTimeoutMs = 200, system = systemFacts): AgentStore =>
  openSqliteAgentStore({
    file,
    stateDir: join(folder.path, "state"),
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    busyTimeoutMs,
    system,
  });

const code = (expected: string) => expect.objectContaining({ code: expected, hint: expect.stringMatching(/\w/) });

describe("durability", () => {
  it("[NODE-4a] every open of a file sets WAL and FULL, the first and all later ones", () => {
    for (const _ of [1, 2, 3]) {
      const db = Database.open({ file, busyTimeoutMs: 100, checkpointPages: 1_000 });
      db.write(() => db.driver.exec("CREATE TABLE IF NOT EXISTS t (a)"));
      expect([db.driver.pragma("journal_mode"), db.driver.pragma("synchronous")]).toEqual(["wal", 2]);
      db.close();
    }
  });

  it("needs that: an SQLite reopening a WAL file on its own drops to NORMAL", () => {
    Database.open({ file, busyTimeoutMs: 100, checkpointPages: 1_000 }).close();
    const plain = new Driver(file, { busyTimeoutMs: 100 });
    plain.pragma("journal_mode");
    expect(plain.pragma("synchronous")).toBe(1);
    plain.close();
  });

  it("[SCH-26] a transaction takes its turn before it reads: another writes before or after it, never in between", () => {
    const options = { file, busyTimeoutMs: 0, checkpointPages: 1_000 };
    const [one, other] = [Database.open(options), Database.open(options)];
    one.write(() => one.driver.exec("CREATE TABLE t (a)"));
    one.write(() => {
      expect(one.driver.all("SELECT a FROM t")).toEqual([]);
      expect(() => other.write(() => other.driver.run("INSERT INTO t VALUES (2)"))).toThrow(code("store_locked"));
      one.driver.run("INSERT INTO t VALUES (1)");
    });
    other.write(() => other.driver.run("INSERT INTO t VALUES (2)"));
    expect(one.driver.all("SELECT a FROM t").map(({ a }) => a)).toEqual([1, 2]);
    one.close();
    other.close();
  });

  it("leaves an empty WAL behind when the last process closes", () => {
    const store = openAgent();
    store.transact((tx) => tx.setValue("x", "y".repeat(10_000)));
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(10_000);
    store.close();
    expect(statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0).toBe(0);
  });
});

describe("a store that cannot be used", () => {
  it("locked: says who to look for, can be tried again, and nothing changes", () => {
    const store = openAgent();
    store.transact((tx) => tx.nextSeqs(1));
    const other = new Driver(file, { busyTimeoutMs: 0 });
    other.exec("BEGIN IMMEDIATE");
    expect(() => store.transact((tx) => tx.nextSeqs(1))).toThrow(code("store_locked"));
    expect(store.view((view) => view.seq())).toBe(1);
    other.exec("ROLLBACK");
    expect(store.transact((tx) => tx.nextSeqs(1))).toBe(2);
    other.close();
    store.close();
  });

  it("full: keeps what is stored and works again when there is space", () => {
    const db = Database.open({ file: join(folder.path, "full.db"), busyTimeoutMs: 100, checkpointPages: 1_000 });
    db.write(() => db.driver.exec("CREATE TABLE t (a BLOB); INSERT INTO t VALUES (x'01')"));
    db.driver.exec("PRAGMA max_page_count = 10");
    const insert = (bytes: number): number =>
      db.write(() => db.driver.run("INSERT INTO t VALUES (?)", new Uint8Array(bytes)));
    expect(() => insert(1_000_000)).toThrow(code("store_full"));
    expect(db.driver.get("SELECT count(*) AS count FROM t")?.count).toBe(1);
    db.driver.exec("PRAGMA max_page_count = 10000");
    expect(insert(1_000_000)).toBe(1);
    db.close();
  });

  it("not writable: names the file", () => {
    writeFileSync(join(folder.path, "plain"), "");
    file = join(folder.path, "plain", "agent.db");
    expect(() => openAgent()).toThrow(code("store_unwritable"));
  });

  it.skipIf(process.getuid?.() === 0)("read-only: is refused at open", () => {
    openAgent().close();
    chmodSync(file, 0o400);
    expect(() => openAgent()).toThrow(code("store_unwritable"));
  });

  it("on a network file system: is refused before anything is made", () => {
    file = join(folder.path, "new", "agent.db");
    for (const type of [0x6969, 0xff534d42, -11_317_950]) {
      const system = { ...systemFacts, fileSystemType: () => type };
      expect(() => openAgent(100, system)).toThrow(code("store_unsupported"));
    }
    expect(existsSync(file)).toBe(false);
  });

  it("of a later layout: is refused and left alone", () => {
    openAgent().close();
    const driver = new Driver(file, { busyTimeoutMs: 0 });
    driver.exec("PRAGMA user_version = 9; PRAGMA wal_checkpoint(TRUNCATE)");
    driver.close();
    const before = readFileSync(file);
    expect(() => openAgent()).toThrow(code("store_too_new"));
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it("of another program: is refused and left alone", () => {
    const driver = new Driver(file, { busyTimeoutMs: 0 });
    driver.exec("CREATE TABLE notes (a)");
    driver.close();
    const before = readFileSync(file);
    expect(() => openAgent()).toThrow(code("store_corrupt"));
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});

describe("the status row", () => {
  it("is read without opening the store, while others have it open or not", () => {
    expect(readStatusRow(file)).toBeUndefined();
    const store = openAgent();
    expect(readStatusRow(file)).toBeUndefined();
    store.transact((tx) => {
      tx.setIdentity(sampleIdentity);
      tx.setValue("status", { relays: ["ws://127.0.0.1:7420"], queued: 3 });
    });
    expect(readStatusRow(file)).toEqual({ relays: ["ws://127.0.0.1:7420"], queued: 3 });
    expect(readStatusRow(file, "other")).toBeUndefined();
    store.close();
    const before = readFileSync(file);
    expect(readStatusRow(file)).toEqual({ relays: ["ws://127.0.0.1:7420"], queued: 3 });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it("of a file that is no store is an error with a code", () => {
    mkdirSync(folder.path, { recursive: true });
    writeFileSync(file, "x".repeat(5_000));
    expect(() => readStatusRow(file)).toThrow(code("store_corrupt"));
  });
});
