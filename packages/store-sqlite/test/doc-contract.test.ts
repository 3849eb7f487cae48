/** The SQLite store of the relay keeps the contract of its port, with and without its worker thread. */

import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type LogFields, silentLogger, systemClock, systemRandom } from "@context-mesh/common";
import { openDocStoreOnThisThread, openSqliteDocStore } from "@context-mesh/store-sqlite";
import { arbiterStoreSuite, docStoreSuite, flipByte, temporaryFolder, until } from "@context-mesh/testkit";
import { beforeAll, describe, expect, it } from "vitest";

const worker = fileURLToPath(new URL("../dist/worker.js", import.meta.url));

beforeAll(() => {
  expect(existsSync(worker), "the worker thread runs compiled code: run `npm run build` first").toBe(true);
});

const onThisThread = () => {
  const folder = temporaryFolder();
  const options = {
    file: join(folder.path, "relay.db"),
    stateDir: join(folder.path, "state"),
    logger: silentLogger,
    random: systemRandom,
    busyTimeoutMs: 1_000,
  };
  return { open: async () => openDocStoreOnThisThread(options), dispose: () => folder.remove() };
};

const inWorkerThread = () => {
  const folder = temporaryFolder();
  const file = join(folder.path, "relay.db");
  const stateDir = join(folder.path, "state");
  return {
    open: () => openSqliteDocStore({ file, stateDir, logger: silentLogger, clock: systemClock }),
    dispose: () => folder.remove(),
  };
};

docStoreSuite("sqlite, on this thread", onThisThread);
docStoreSuite("sqlite, in a worker thread", inWorkerThread);
arbiterStoreSuite("sqlite, on this thread", onThisThread);
arbiterStoreSuite("sqlite, in a worker thread", inWorkerThread);

describe("two connections to one store", () => {
  it("go on with each other's numbers, also after one could not write", async () => {
    const { open, dispose } = onThisThread();
    const [a, b] = [await open(), await open()];
    const update = { bytes: new Uint8Array(9).fill(1), at: 1, agent: "", session: "" };
    const one = { room: "one", ...update };
    expect(await a.append([one, one])).toEqual([1, 2]);
    expect(await a.append([one, { room: "two", ...update }])).toEqual([3, 1]);
    expect(await b.append([one])).toEqual([4]);
    expect(await a.append([one])).toEqual([5]);
    await expect(a.append([one, { ...one, agent: Symbol.iterator as unknown as string }])).rejects.toMatchObject({
      code: "store_failed",
    });
    expect(await a.append([one])).toEqual([6]);
    await a.setValue("name", "value");
    expect(await a.append([one, { room: "two", ...update }])).toEqual([7, 2]);
    expect((await b.verify()).problems).toEqual([]);
    await a.close();
    await b.close();
    dispose();
  });
});

describe("the worker thread", () => {
  it("hands on what keeps the store from opening", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder.path, "plain"), "");
    const file = join(folder.path, "plain", "relay.db");
    const opening = openSqliteDocStore({ file, stateDir: folder.path, logger: silentLogger, clock: systemClock });
    await expect(opening).rejects.toMatchObject({ code: "store_unwritable", hint: expect.stringMatching(/\w/) });
    folder.remove();
  });

  it("[REL-9b] hands on by its code that there is no place for the mark", async () => {
    const folder = temporaryFolder();
    const file = join(folder.path, "relay.db");
    mkdirSync(`${file}-head`);
    const opening = openSqliteDocStore({ file, stateDir: folder.path, logger: silentLogger, clock: systemClock });
    await expect(opening).rejects.toMatchObject({ code: "store_unwritable" });
    folder.remove();
  });

  it("empties the WAL when there is nothing to do, and hands on what is logged", async () => {
    const folder = temporaryFolder();
    const file = join(folder.path, "relay.db");
    const logged: string[] = [];
    const logger = { ...silentLogger, error: (fields: LogFields) => logged.push(String(fields.problem)) };
    const open = () => openSqliteDocStore({ file, stateDir: join(folder.path, "state"), logger, clock: systemClock });
    const store = await open();
    await store.append([{ room: "a", bytes: new Uint8Array(20_000).fill(77), at: 1, agent: "", session: "" }]);
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(20_000);
    await until(() => statSync(`${file}-wal`).size === 0, "the checkpoint");
    await store.close();
    const at = readFileSync(file).indexOf(Buffer.alloc(64, 77));
    flipByte(file, at);
    const damaged = await open();
    await expect(damaged.load("a")).rejects.toMatchObject({ code: "room_corrupt" });
    await damaged.close();
    expect(logged).toContainEqual(expect.stringContaining("a record of log fails its check"));
    folder.remove();
  });
});
