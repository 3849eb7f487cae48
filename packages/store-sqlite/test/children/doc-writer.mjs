/** A process that appends to a relay store: `doc-writer.mjs FILE STATE_DIR`; prints each seq once it is acknowledged. */

import { writeSync } from "node:fs";
import { silentLogger, systemClock } from "@context-mesh/common";
import { openSqliteDocStore } from "@context-mesh/store-sqlite";

const [file, stateDir] = process.argv.slice(2);
const store = await openSqliteDocStore({ file, stateDir, clock: systemClock, logger: silentLogger });

for (;;) {
  const batch = Array.from({ length: 5 }, () => ({
    room: "a",
    bytes: crypto.getRandomValues(new Uint8Array(50)),
    at: 1,
    agent: "",
    session: "s",
  }));
  const seqs = await store.append(batch);
  writeSync(1, `${seqs.at(-1)}\n`);
}
