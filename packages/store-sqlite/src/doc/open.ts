/** Opens the relay's store: in a worker thread for use, on the calling thread for tests. */

import type { Clock, Logger } from "@context-mesh/common";
import type { ArbiterStore, DocStore } from "@context-mesh/ports";
import { defaultStateDir } from "../anchor/state-folder.ts";
import { storeClosed } from "../sqlite/errors.ts";
import { answer, type Response } from "./answer.ts";
import { DocEngine, type DocEngineOptions } from "./doc-engine.ts";
import { type EngineLink, LinkedDocStore } from "./doc-store.ts";
import { openWorker, workerEntry } from "./worker-link.ts";

export interface SqliteDocStoreOptions {
  /** Path of the database; `-wal`, `-shm` and `-head` files lie beside it. */
  readonly file: string;
  /** Folder of the second mark, outside of what a backup of the store would bring back. */
  readonly stateDir?: string | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
  /** How long a commit waits for other processes. 10,000 by default. */
  readonly busyTimeoutMs?: number | undefined;
}

const busyTimeoutMsDefault = 10_000;

/** With another file as the worker's, for tests of one that goes wrong. */
export const openDocStoreInWorker = async (
  options: SqliteDocStoreOptions,
  entry: URL,
): Promise<DocStore & ArbiterStore> => {
  const { file, logger, clock } = options;
  const stateDir = options.stateDir ?? defaultStateDir();
  const busyTimeoutMs = options.busyTimeoutMs ?? busyTimeoutMsDefault;
  return new LinkedDocStore(await openWorker({ entry, data: { file, stateDir, busyTimeoutMs }, logger, clock }));
};

/**
 * Rejects with a MeshError: `store_locked`, `store_full`, `store_unwritable`, `store_unsupported` (network file system),
 * `store_corrupt` (not even partly readable), `store_too_new`, `store_failed`, `worker_missing`.
 */
export const openSqliteDocStore = (options: SqliteDocStoreOptions): Promise<DocStore & ArbiterStore> =>
  openDocStoreInWorker(options, workerEntry);

/** The same store without a thread of its own: commits hold up the caller. Everything else is the same. */
export const openDocStoreOnThisThread = (options: DocEngineOptions): DocStore & ArbiterStore =>
  new LinkedDocStore(localLink(new DocEngine(options)));

const localLink = (engine: DocEngine): EngineLink => {
  let respond: (response: Response) => void = () => {};
  return {
    send: (request) => {
      const { response } = answer(engine, request);
      queueMicrotask(() => respond(response));
    },
    onResponse: (listener) => {
      respond = listener;
    },
    onLoss: () => {},
    reopen: () => Promise.reject(storeClosed()),
    setBusy: () => {},
    end: async () => {},
  };
};
