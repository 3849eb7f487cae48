/** What a dead relay's store holds, read with nobody connected: agents cannot mend here what the relay lost. */

import { silentLogger, systemClock } from "@context-mesh/common";
import { openSqliteDocStore } from "@context-mesh/store-sqlite";
import * as Y from "yjs";

/** Every text that stands as the value of an entry of the room, deleted ones excluded. */
export const storedValues = async (file: string, room: string): Promise<ReadonlySet<string>> => {
  const store = await openSqliteDocStore({ file, logger: silentLogger, clock: systemClock });
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
