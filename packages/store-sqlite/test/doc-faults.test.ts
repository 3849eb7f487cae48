/** The relay's store whose disk is full at one place or the other, or whose thread ends: it answers, and goes on. */

import { copyFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type LogFields, silentLogger, systemClock } from "@context-mesh/common";
import type { DocStore } from "@context-mesh/ports";
import { type TemporaryFolder, temporaryFolder, until } from "@context-mesh/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDocStoreInWorker } from "../src/doc/open.ts";
import { docFile, updateRequest } from "./doc-bench.ts";

const faultyWorker = new URL("children/faulty-worker.mjs", import.meta.url);

type Fault = "mark-full" | "commit-full" | "checkpoint-full" | "commit-ends-thread";

let folder: TemporaryFolder;
let store: DocStore;
let logged: string[];

const begin = (fault: Fault): void => writeFileSync(join(folder.path, fault), "");
const end = (fault: Fault): void => rmSync(join(folder.path, fault));
const append = (n: number): Promise<readonly number[]> => store.append([updateRequest("a", n)]);

/** As a relay's clients do: again and again until it is taken. */
const appendAtLast = async (n: number): Promise<readonly number[]> => {
  let seqs: readonly number[] | undefined;
  let isAsking = false;
  const ask = async (): Promise<void> => {
    isAsking = true;
    seqs = await append(n).catch(() => undefined);
    isAsking = false;
  };
  await until(() => {
    if (seqs === undefined && !isAsking) void ask();
    return seqs !== undefined;
  }, "the store takes it");
  return seqs ?? [];
};

beforeEach(async () => {
  folder = temporaryFolder();
  logged = [];
  const log = (fields: LogFields, message: string): void => void logged.push(`${message}: ${fields.error}`);
  const logger = { ...silentLogger, warn: log, error: log };
  const stateDir = join(folder.path, "state");
  store = await openDocStoreInWorker(
    { file: docFile(folder.path), stateDir, logger, clock: systemClock, busyTimeoutMs: 1_000 },
    faultyWorker,
  );
  await append(1);
});
afterEach(async () => {
  await store.close();
  folder.remove();
});

describe("a relay store on a full disk", () => {
  it("[REL-9b] refuses a commit there is no room for, keeps nothing of it, and commits again when there is", async () => {
    begin("commit-full");
    await expect(append(2)).rejects.toMatchObject({ code: "store_full", retryable: true });
    await expect(append(2)).rejects.toMatchObject({ code: "store_full" });
    end("commit-full");
    expect((await store.load("a")).lastSeq).toBe(1);
    expect(await append(2)).toEqual([2]);
  });

  it("[REL-9b] outlives the idle moment in which there is no room to empty the WAL, and empties it later", async () => {
    begin("checkpoint-full");
    await append(2);
    await until(() => logged.some((line) => line.startsWith("the WAL could not be emptied")), "the failed checkpoint");
    expect(await append(3)).toEqual([3]);
    end("checkpoint-full");
    await store.health();
    await until(() => statSync(`${docFile(folder.path)}-wal`).size === 0, "the checkpoint");
    expect(logged.filter((line) => line.includes("opened again"))).toEqual([]);
  });

  it("[REL-9b] commits without its marks, and is not taken for a restored one afterwards", async () => {
    begin("mark-full");
    expect([await append(2), await append(3)]).toEqual([[2], [3]]);
    expect(logged).toEqual(["a mark could not be written: database or disk is full"]);
    end("mark-full");
    expect(await append(4)).toEqual([4]);
    expect((await store.health()).behind).toBe(false);
  });
});

describe("a relay store whose thread ends", () => {
  it("[REL-9b] fails what was under way, and is opened again at its next use with all it had answered for", async () => {
    begin("commit-ends-thread");
    const both = await Promise.allSettled([append(2), store.load("a")]);
    const lost = { status: "rejected", reason: { code: "store_failed", retryable: true } };
    expect(both).toMatchObject([lost, lost]);
    end("commit-ends-thread");
    expect(await appendAtLast(2)).toEqual([2]);
    expect((await store.load("a")).tail.map(({ seq }) => seq)).toEqual([1, 2]);
    expect((await store.health()).behind).toBe(false);
  });

  it("[REL-9b] is in doubt when it comes back without something it had answered for, which no mark on disk tells", async () => {
    const older = join(folder.path, "older");
    await until(() => statSync(`${docFile(folder.path)}-wal`).size === 0, "the checkpoint");
    copyFileSync(docFile(folder.path), older);
    let told = 0;
    store.onFellBehind(() => {
      told += 1;
    });
    begin("mark-full");
    await append(2);
    begin("commit-ends-thread");
    await expect(append(3)).rejects.toMatchObject({ code: "store_failed" });
    for (const suffix of ["-wal", "-shm"]) rmSync(`${docFile(folder.path)}${suffix}`, { force: true });
    copyFileSync(older, docFile(folder.path));
    for (const fault of ["mark-full", "commit-ends-thread"] as const) end(fault);
    await appendAtLast(4);
    expect([(await store.health()).behind, told]).toEqual([true, 1]);
  });

  it("can be closed, whether it was opened again or not", async () => {
    begin("commit-ends-thread");
    await expect(append(2)).rejects.toMatchObject({ code: "store_failed" });
    await store.close();
    await expect(append(2)).rejects.toMatchObject({ code: "store_closed" });
  });
});
