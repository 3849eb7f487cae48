/** The SQLite agent store keeps the contract of its port. */

import { join } from "node:path";
import { seededRandom, silentLogger, systemClock } from "@context-mesh/common";
import { openSqliteAgentStore } from "@context-mesh/store-sqlite";
import { agentStoreSuite, temporaryFolder, until } from "@context-mesh/testkit";

agentStoreSuite("sqlite", () => {
  const folder = temporaryFolder();
  const random = seededRandom(1);
  return {
    open: () =>
      openSqliteAgentStore({
        file: join(folder.path, "agent.db"),
        stateDir: join(folder.path, "state"),
        clock: systemClock,
        random,
        logger: silentLogger,
      }),
    until: (isDone) => until(isDone, "the condition", 1_000),
    dispose: () => folder.remove(),
  };
});
