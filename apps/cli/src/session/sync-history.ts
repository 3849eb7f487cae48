/** The last synchronizations, read from the agent's store without waking the node. Loads neither yjs nor zod. */

import { existsSync } from "node:fs";
import { silentLogger } from "@context-mesh/common";
import type { SyncRecord } from "@context-mesh/ports";
import type { Args, Outcome } from "../frame/command.ts";
import type { Io } from "../frame/io.ts";
import { done, toJson } from "../frame/outcome.ts";
import { textTable } from "../frame/wrap.ts";
import { readSettings, roomOf } from "./settings.ts";
import { noStore } from "./status-row.ts";
import { durationText, sizeText } from "./sync-metrics.ts";

const lastDefault = 10;

const row = ({ at, agent, operation, level, bytes, durationMs, result, detail }: SyncRecord): readonly string[] => [
  new Date(at).toISOString(),
  agent,
  operation,
  level,
  sizeText(bytes),
  durationText(durationMs) ?? "-",
  [result, detail].filter((part) => part !== "").join(": "),
];

export const historyOutcome = async (args: Args, io: Io): Promise<Outcome> => {
  const settings = readSettings(args, io);
  const room = roomOf(settings, io.program);
  const { storeFileFor } = await import("context-mesh/status");
  const file = storeFileFor(settings.storage, room, settings.agent.id);
  if (!existsSync(file)) return noStore(room, settings.agent.id);
  const { openSqliteAgentStore } = await import("@context-mesh/store-sqlite");
  const store = openSqliteAgentStore({ file, clock: io.clock, random: io.random, logger: silentLogger });
  try {
    const last = args.integer("last") ?? lastDefault;
    const records = store.view((view) => view.syncLog(last));
    const data = records.map((record) => ({ ...record, at: new Date(record.at).toISOString() }));
    const table = textTable([["WHEN", "WHO", "OPERATION", "LEVEL", "BYTES", "TIME", "RESULT"], ...records.map(row)]);
    return done(toJson(data), records.length === 0 ? "No synchronizations yet." : table);
  } finally {
    store.close();
  }
};
