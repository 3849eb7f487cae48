/** A small agent store with something of everything, what it holds as plain data, and damaged copies of it. */

import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Logger, seededRandom, silentLogger, systemClock } from "@context-mesh/common";
import type { AgentStore, AgentTransaction } from "@context-mesh/ports";
import { openSqliteAgentStore } from "@context-mesh/store-sqlite";
import { sampleIdentity } from "@context-mesh/testkit";

export const storeFile = (folder: string): string => join(folder, "agent.db");

export const openIn = (folder: string, logger: Logger = silentLogger): AgentStore =>
  openSqliteAgentStore({
    file: storeFile(folder),
    stateDir: join(folder, "state"),
    clock: systemClock,
    random: seededRandom(5),
    logger,
    system: { fileSystemType: () => 0, placeOf: () => "here" },
  });

const text = (label: string, n: number): Uint8Array => new TextEncoder().encode(`${label}-${n}-bytes`);

export const fill = (tx: AgentTransaction, from: number, to: number): void => {
  for (let n = from; n <= to; n++) {
    const seq = tx.nextSeqs(1);
    tx.appendLog({ at: 1_000 + n, origin: "own", bytes: text("update", n) });
    tx.putOutbox({ seq, key: `t/${n}/s`, bytes: text("entry", n), level: "periodic", at: 1_000 + n });
    tx.setSeen(`t/${n}/s`, text("seen", n));
    tx.recordArrivals([{ at: 1_000 + n, key: `t/${n}/s`, writer: "w", seq, level: "critical" }]);
    tx.setValue(`value/${n}`, { n });
    tx.recordSync({
      at: n,
      agent: "builder",
      operation: "push",
      level: "critical",
      bytes: n,
      durationMs: n,
      result: "ok",
      detail: "",
    });
  }
};

/** Two generations of the base, a log after the newer one, and three records of everything else. */
export const makeSample = (folder: string): void => {
  mkdirSync(folder, { recursive: true });
  const store = openIn(folder);
  store.transact((tx) => {
    tx.setIdentity(sampleIdentity);
    fill(tx, 1, 2);
    tx.compactLog(text("base", 1), 1);
    tx.compactLog(text("base", 2), 2);
    fill(tx, 3, 3);
  });
  store.close();
};

export const contentOf = (store: AgentStore) =>
  store.view((view) => ({
    identity: view.identity(),
    counters: [view.seq(), view.logHead(), view.arrivalHead()],
    base: view.logBase(),
    log: view.logSince(view.logBase()?.n ?? 0),
    outbox: view.outbox(),
    seen: [1, 2, 3].map((n) => view.seenOf(`t/${n}/s`)),
    arrivals: view.arrivalsSince(0, 100),
    sync: view.syncLog(100),
    values: [...view.valuesWithPrefix("")],
  }));

export type Content = ReturnType<typeof contentOf>;

/** Copies the files into another folder. The stores of this bench all say that they lie in the same place. */
export const copyStore = (from: string, to: string): void => {
  mkdirSync(to, { recursive: true });
  for (const suffix of ["", "-wal", "-head"]) {
    const source = `${storeFile(from)}${suffix}`;
    if (existsSync(source)) copyFileSync(source, `${storeFile(to)}${suffix}`);
  }
};
