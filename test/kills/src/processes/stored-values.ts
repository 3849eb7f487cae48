/** What the stores of the dead hold, read with nobody connected: nobody can mend here what was lost. */

import { readdirSync } from "node:fs";
import { join as joinPath } from "node:path";
import { silentLogger, systemRandom } from "@context-mesh/common";
import { openDocStoreOnThisThread } from "@context-mesh/store-sqlite";
import { join } from "context-mesh";
import * as Y from "yjs";

/** The relay's database inside its storage folder. */
const storeFile = (storage: string): string => {
  const name = readdirSync(storage).find((file) => file.endsWith(".db"));
  if (name === undefined) throw new Error(`no store in ${storage}`);
  return joinPath(storage, name);
};

/** Where stores keep their second marks: in the folder of the run, so that nothing is left in the user's own. */
export const keepMarksIn = (folder: string): void => {
  process.env.XDG_STATE_HOME = folder;
};

const marksFolder = (): string => joinPath(process.env.XDG_STATE_HOME as string, "context-mesh");

interface StoredRoom {
  readonly doc: Y.Doc;
  /** The last update that a compaction took in. */
  readonly compactedTo: number | undefined;
}

/** Rooms of a relay that does not run, as plain Yjs reads what is on its disk. */
export const storedRooms = async <Name extends string>(
  storage: string,
  rooms: readonly Name[],
): Promise<Readonly<Record<Name, StoredRoom>>> => {
  const store = openDocStoreOnThisThread({
    file: storeFile(storage),
    stateDir: marksFolder(),
    logger: silentLogger,
    random: systemRandom,
    busyTimeoutMs: 1_000,
  });
  try {
    const found: Partial<Record<Name, StoredRoom>> = {};
    for (const room of rooms) {
      const { base, tail } = await store.load(room);
      const doc = new Y.Doc();
      doc.transact(() => {
        if (base !== undefined) Y.applyUpdate(doc, base.bytes);
        for (const update of tail) Y.applyUpdate(doc, update.bytes);
      });
      found[room] = { doc, compactedTo: base?.seq };
    }
    return found as Record<Name, StoredRoom>;
  } finally {
    await store.close();
  }
};

/** Every text that stands as the value of an entry, deleted ones excluded. */
export const valuesIn = (doc: Y.Doc): ReadonlySet<string> => {
  const values = new Set<string>();
  for (const name of doc.share.keys()) {
    for (const entry of doc.getArray<unknown>(name).toArray()) {
      if (Array.isArray(entry) && typeof entry[1] === "string") values.add(entry[1]);
    }
  }
  return values;
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
