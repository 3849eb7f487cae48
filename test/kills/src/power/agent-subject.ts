/** An agent's store under power cuts: transactions that must be there whole or not at all. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Random, silentLogger, systemClock, systemRandom } from "@context-mesh/common";
import type { AgentStore, AgentTransaction, AgentView } from "@context-mesh/ports";
import { openSqliteAgentStore } from "@context-mesh/store-sqlite";
import { type Subject, system } from "./subject.ts";

const open = (folder: string): AgentStore => {
  mkdirSync(folder, { recursive: true });
  return openSqliteAgentStore({
    file: join(folder, "agent.db"),
    stateDir: join(folder, "state"),
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    system,
  });
};

const bytesOf = (n: number, random: Random): Uint8Array =>
  new TextEncoder().encode(`${n}|${".".repeat(random.int(4) === 0 ? random.int(12_000) : 50)}`);
const numberOf = (bytes: Uint8Array | undefined): number => Number(new TextDecoder().decode(bytes).split("|")[0]);

const stepsPerOpening = 15;

/** Outbox, what was shown, the replica's log and a counter change together. */
const step = (tx: AgentTransaction, n: number, random: Random): void => {
  const bytes = bytesOf(n, random);
  const seq = tx.nextSeqs(1);
  tx.putOutbox({ seq, key: `t/${n}/s`, bytes, level: "periodic", at: n });
  tx.setSeen(`t/${n}/s`, bytes);
  tx.appendLog({ at: n, origin: "own", bytes });
  tx.setValue("step", n);
  if (n % 7 === 6) tx.compactLog(bytesOf(n, random), tx.logHead());
  if (n % 5 === 4) tx.deleteOutbox([seq - 3]);
};

const asidesOf = (view: AgentView, steps: number): readonly string[] => {
  const problems: string[] = [];
  const queued = new Set(view.outbox().map(({ bytes }) => numberOf(bytes)));
  const published = new Set(Array.from({ length: steps }, (_, n) => n).flatMap((n) => (n % 5 === 4 ? [n - 3] : [])));
  const inBase = numberOf(view.logBase()?.bytes);
  const inLog = new Set(view.logSince(0).map(({ bytes }) => numberOf(bytes)));
  for (let n = 0; n < steps; n += 1) {
    if (queued.has(n) === published.has(n)) problems.push(`outbox of step ${n}`);
    if (numberOf(view.seenOf(`t/${n}/s`)) !== n) problems.push(`seen of step ${n}`);
    if (!inLog.has(n) && !(inBase >= n)) problems.push(`log of step ${n}`);
  }
  if (queued.size !== steps - published.size) problems.push("outbox of a step that is not there");
  return problems;
};

export const agentSubject: Subject = {
  name: "agent store",
  write: async (folder, random, steps, tell) => {
    let store = open(folder);
    for (let n = 0; n < steps; n += 1) {
      if (n > 0 && n % stepsPerOpening === 0) {
        store.close();
        store = open(folder);
      }
      store.transact((tx) => step(tx, n, random));
      tell(String(n));
    }
    store.close();
  },
  judge: async (folder, promises) => {
    const store = open(folder);
    try {
      const promised = promises.length === 0 ? 0 : Number(promises.at(-1)) + 1;
      const steps = store.view((view) => (view.getValue("step") as number | undefined) ?? -1) + 1;
      const problems = steps < promised ? [`${promised} steps were promised, ${steps} are there`] : [];
      const broken = store.view((view) => asidesOf(view, steps));
      const { condition } = store.verify();
      return { problems: [...problems, ...broken], isInDoubt: condition !== "new" && condition !== "intact" };
    } finally {
      store.close();
    }
  },
};
