/** A process that writes to an agent store: `agent-writer.mjs FILE STATE_DIR NAME COUNT`; prints each seq once it is on disk. */

import { writeSync } from "node:fs";
import { silentLogger, systemClock, systemRandom } from "@context-mesh/common";
import { openSqliteAgentStore } from "@context-mesh/store-sqlite";

const [file, stateDir, name, count] = process.argv.slice(2);
const store = openSqliteAgentStore({
  file,
  stateDir,
  clock: systemClock,
  random: systemRandom,
  logger: silentLogger,
  busyTimeoutMs: 20_000,
});

for (let i = 0; i < Number(count); i++) {
  const seq = store.transact((tx) => {
    // Reads before it writes, as a deferred transaction could not among several processes.
    const before = tx.seq();
    const next = tx.nextSeqs(1);
    if (next !== before + 1) throw new Error(`seq ${next} after ${before}`);
    const bytes = new TextEncoder().encode(`${name}-${next}`);
    tx.putOutbox({ seq: next, key: `${name}/${i}`, bytes, level: "periodic", at: i });
    tx.appendLog({ at: i, origin: name, bytes });
    return next;
  });
  writeSync(1, `${seq}\n`);
}
store.close();
