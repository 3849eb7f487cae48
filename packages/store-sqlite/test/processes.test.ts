/** Several real processes on one file, and processes that are killed. */

import { join } from "node:path";
import { seededRandom, silentLogger, systemClock, systemRandom } from "@context-mesh/common";
import type { AgentStore } from "@context-mesh/ports";
import { openDocStoreOnThisThread, openSqliteAgentStore } from "@context-mesh/store-sqlite";
import { type TemporaryFolder, temporaryFolder } from "@context-mesh/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startChild } from "./child-process.ts";

let folder: TemporaryFolder;
let file: string;
let stateDir: string;

beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder.path, "store.db");
  stateDir = join(folder.path, "state");
});
afterEach(() => folder.remove());

const openAgent = (): AgentStore =>
  openSqliteAgentStore({ file, stateDir, clock: systemClock, random: systemRandom, logger: silentLogger });

describe("two processes on one agent store", () => {
  it("[SCH-26] both read and write at once without one failure, and without a seq twice", {
    timeout: 60_000,
  }, async () => {
    const children = ["p", "q"].map((name) => startChild("agent-writer.mjs", file, stateDir, name, "250"));
    for (const child of children) expect(await child.ended).toEqual({ code: 0, errors: "" });
    const seqs = children.flatMap((child) => child.numbers);
    expect(seqs.length).toBe(500);
    expect([...seqs].sort((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
    for (const child of children) expect(child.numbers).toEqual([...child.numbers].sort((a, b) => a - b));
    const store = openAgent();
    expect(store.view((view) => view.logSince(0)).map(({ n }) => n)).toEqual(
      Array.from({ length: 500 }, (_, i) => i + 1),
    );
    expect(store.verify().problems).toEqual([]);
    store.close();
  });

  // Tried again because a busy machine may hold up one process or the other for longer than that.
  it("tells an open store of a commit of another process within 50 ms", { timeout: 30_000, retry: 3 }, async () => {
    const store = openAgent();
    const heard = new Promise<number>((resolve) => {
      store.onForeignCommit(() => resolve(store.view((view) => view.seq())));
    });
    const child = startChild("agent-writer.mjs", file, stateDir, "p", "1");
    await child.printed(1);
    const printedAt = systemClock.monotonicMs();
    expect(await heard).toBe(1);
    expect(systemClock.monotonicMs() - printedAt).toBeLessThan(50);
    await child.ended;
    store.close();
  });
});

describe("a process that is killed", () => {
  it("[SYNC-8a] has lost none of its queued writes, and they are still in order", { timeout: 60_000 }, async () => {
    const random = seededRandom(8);
    let acknowledged = 0;
    for (let round = 0; round < 6; round++) {
      const child = startChild("agent-writer.mjs", file, stateDir, `round${round}`, "100000");
      await child.printed(1 + random.int(40));
      child.process.kill("SIGKILL");
      await child.ended;
      acknowledged = child.numbers.at(-1) ?? acknowledged;
      const store = openAgent();
      expect(store.condition).toBe("new");
      const outbox = store.view((view) => view.outbox());
      expect(outbox.map(({ seq }) => seq)).toEqual(Array.from({ length: outbox.length }, (_, i) => i + 1));
      expect(outbox.length).toBeGreaterThanOrEqual(acknowledged);
      expect(store.verify().problems).toEqual([]);
      store.close();
    }
  });

  it("[NODE-4a] has lost no update that its store acknowledged", { timeout: 60_000 }, async () => {
    const random = seededRandom(4);
    for (let round = 0; round < 6; round++) {
      const child = startChild("doc-writer.mjs", file, stateDir);
      await child.printed(1 + random.int(40));
      child.process.kill("SIGKILL");
      await child.ended;
      const options = { file, stateDir, logger: silentLogger, random: systemRandom, busyTimeoutMs: 1_000 };
      const store = openDocStoreOnThisThread(options);
      const { tail, lastSeq } = await store.load("a");
      expect(lastSeq).toBeGreaterThanOrEqual(child.numbers.at(-1) ?? 0);
      expect(tail.map(({ seq }) => seq)).toEqual(Array.from({ length: lastSeq }, (_, i) => i + 1));
      expect(await store.verify()).toMatchObject({ behind: false, corruptRooms: [] });
      await store.close();
    }
  });
});
