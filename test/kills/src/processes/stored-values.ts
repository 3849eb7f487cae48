/** What the stores of the dead hold, read with nobody connected: nobody can mend here what was lost. */

import { readdirSync } from "node:fs";
import { join as joinPath } from "node:path";
import { silentLogger, systemClock } from "@context-mesh/common";
import { openSqliteDocStore } from "@context-mesh/store-sqlite";
import { join } from "context-mesh";
import * as Y from "yjs";

/** The relay's database inside its storage folder. */
const storeFile = (storage: string): string => {
  const name = readdirSync(storage).find((file) => file.endsWith(".db"));
  if (name === undefined) throw new Error(`no store in ${storage}`);
  return joinPath(storage, name);
};

/** Every text that stands as the value of an entry of the room at the relay, deleted ones excluded. */
export const storedValues = async (storage: string, room: string): Promise<ReadonlySet<string>> => {
  const store = await openSqliteDocStore({ file: storeFile(storage), logger: silentLogger, clock: systemClock });
  try {
    const stored = await store.load(room);
    const doc = new Y.Doc();
    doc.transact(() => {
      if (stored.base !== undefined) Y.applyUpdate(doc, stored.base.bytes);
      for (const update of stored.tail) Y.applyUpdate(doc, update.bytes);
    });
    const values = new Set<string>();
    for (const name of doc.share.keys()) {
      for (const entry of doc.getArray<unknown>(name).toArray()) {
        if (Array.isArray(entry) && typeof entry[1] === "string") values.add(entry[1]);
      }
    }
    return values;
  } finally {
    await store.close();
  }
};

/** Every text in the agent's own view of its tasks, offline. */
export const queuedValues = async (storage: string, agent: string, room: string): Promise<ReadonlySet<string>> => {
  const mesh = await join({ room, agent, storage, relays: [], connect: false });
  try {
    const tasks = mesh.export().project_state?.active_tasks ?? [];
    const own = tasks.filter(({ id }) => id?.startsWith(`task-${agent}-`));
    return new Set(own.flatMap((task) => Object.values(task)).filter((value) => typeof value === "string"));
  } finally {
    await mesh.leave({ flushMs: 0 });
  }
};
