/** The SQLite store of the relay keeps the contract of its port, with and without its worker thread. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { silentLogger, systemClock, systemRandom } from "@context-mesh/common";
import { openDocStoreOnThisThread, openSqliteDocStore } from "@context-mesh/store-sqlite";
import { docStoreSuite, temporaryFolder } from "@context-mesh/testkit";
import { beforeAll, expect } from "vitest";

const worker = fileURLToPath(new URL("../dist/worker.js", import.meta.url));

beforeAll(() => {
  expect(existsSync(worker), "the worker thread runs compiled code: run `npm run build` first").toBe(true);
});

docStoreSuite("sqlite, on this thread", () => {
  const folder = temporaryFolder();
  const options = {
    file: join(folder.path, "relay.db"),
    stateDir: join(folder.path, "state"),
    logger: silentLogger,
    random: systemRandom,
    busyTimeoutMs: 1_000,
  };
  return { open: async () => openDocStoreOnThisThread(options), dispose: () => folder.remove() };
});

docStoreSuite("sqlite, in a worker thread", () => {
  const folder = temporaryFolder();
  const file = join(folder.path, "relay.db");
  const stateDir = join(folder.path, "state");
  return {
    open: () => openSqliteDocStore({ file, stateDir, logger: silentLogger, clock: systemClock }),
    dispose: () => folder.remove(),
  };
});
