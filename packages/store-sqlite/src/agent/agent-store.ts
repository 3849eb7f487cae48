/** `AgentStore` on SQLite, on the calling thread: a write is on disk when the call returns. */

import type { Clock, Logger, Random } from "@context-mesh/common";
import type { AgentStore, AgentStoreHealth, AgentTransaction, AgentView, StoreCondition } from "@context-mesh/ports";
import { defaultStateDir } from "../anchor/state-folder.ts";
import { CheckedStore } from "../records/checked-store.ts";
import type { SystemFacts } from "../sqlite/file-system.ts";
import { SqliteAgentTransaction } from "./agent-transaction.ts";
import { SqliteAgentView } from "./agent-view.ts";
import { ForeignCommits } from "./foreign-commits.ts";
import {
  type AgentHead,
  agentCountersOf,
  agentLayoutVersion,
  agentSeqFloor,
  agentSpecs,
  agentTablesCheckedAtOpen,
} from "./schema.ts";

export interface SqliteAgentStoreOptions {
  /** Path of the database; `-wal`, `-shm` and `-head` files lie beside it. */
  readonly file: string;
  /** Folder of the second mark, outside of what a backup of the project would bring back. */
  readonly stateDir?: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** How long a write waits for other processes. 5,000 by default. */
  readonly busyTimeoutMs?: number | undefined;
  readonly system?: SystemFacts | undefined;
}

const busyTimeoutMsDefault = 5_000;
const checkpointPages = 1_000;

/**
 * Throws a MeshError: `store_locked`, `store_full`, `store_unwritable`, `store_unsupported` (network file system),
 * `store_corrupt` (not even partly readable), `store_too_new`, `store_failed`. Nothing already stored has changed then.
 */
export const openSqliteAgentStore = (options: SqliteAgentStoreOptions): AgentStore => new SqliteAgentStore(options);

class SqliteAgentStore implements AgentStore {
  readonly storeId: string;
  readonly condition: StoreCondition;
  readonly #store: CheckedStore<AgentHead>;
  readonly #listeners = new Set<() => void>();
  readonly #options: SqliteAgentStoreOptions;
  #foreign: ForeignCommits | undefined;
  #transaction: SqliteAgentTransaction | undefined;

  constructor(options: SqliteAgentStoreOptions) {
    this.#options = options;
    this.#store = new CheckedStore<AgentHead>({
      file: options.file,
      stateDir: options.stateDir ?? defaultStateDir(),
      logger: options.logger,
      random: options.random,
      busyTimeoutMs: options.busyTimeoutMs ?? busyTimeoutMsDefault,
      checkpointPages,
      system: options.system,
      version: agentLayoutVersion,
      specs: agentSpecs,
      checkedAtOpen: agentTablesCheckedAtOpen,
      countersOf: agentCountersOf,
      seqFloor: agentSeqFloor,
    });
    this.storeId = this.#store.storeId;
    const hasIdentity = this.#store.read((head) => head.identity !== undefined);
    this.condition = this.#store.foundDoubt ?? (hasIdentity ? "intact" : "new");
  }

  transact<T>(fn: (tx: AgentTransaction) => T): T {
    return this.#store.write((draft) => {
      const tx = new SqliteAgentTransaction(this.#store, draft);
      this.#transaction = tx;
      try {
        return fn(tx);
      } finally {
        this.#transaction = undefined;
        tx.end();
      }
    });
  }

  view<T>(fn: (view: AgentView) => T): T {
    if (this.#transaction !== undefined) return fn(this.#transaction);
    return this.#store.read((head) => {
      const view = new SqliteAgentView(this.#store, head);
      try {
        return fn(view);
      } finally {
        view.end();
      }
    });
  }

  onForeignCommit(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#foreign === undefined) {
      this.#foreign = this.#watchForeignCommits();
      this.#foreign.start();
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#foreign?.stop();
      this.#foreign = undefined;
    };
  }

  verify(): AgentStoreHealth {
    this.#store.verify();
    return this.health();
  }

  health(): AgentStoreHealth {
    return {
      durability: "fsync",
      condition: this.condition,
      location: this.#options.file,
      bytes: this.#store.database.bytes,
      problems: this.#store.problems,
    };
  }

  close(): void {
    this.#foreign?.stop();
    this.#foreign = undefined;
    this.#listeners.clear();
    this.#store.close();
  }

  #watchForeignCommits(): ForeignCommits {
    const { driver } = this.#store.database;
    return new ForeignCommits({
      walFile: `${this.#options.file}-wal`,
      clock: this.#options.clock,
      logger: this.#options.logger,
      dataVersion: () => Number(driver.pragma("data_version")),
      onForeignCommit: () => {
        for (const listener of [...this.#listeners]) listener();
      },
    });
  }
}
