/**
 * `AgentStore` of a browser tab. The document is kept by y-indexeddb, which saves on its own schedule; so no identity
 * outlives the tab, and everything but the document lives in memory: each tab is a new incarnation.
 */

import { type Clock, invariant, type Logger, MeshError, type Random, randomId } from "@context-mesh/common";
import type { AgentStore, AgentStoreHealth, AgentTransaction, AgentView } from "@context-mesh/ports";
import { type Persist, persistInIndexedDb, Shadow } from "./shadow.ts";
import { type TabState, tabStateFrom } from "./tab-state.ts";
import { TabTransaction } from "./tab-transaction.ts";
import { TabView } from "./tab-view.ts";

export interface IndexedDbAgentStoreOptions {
  /** Name of the browser's database; one per room. */
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** y-indexeddb by default. */
  readonly persist?: Persist;
}

const storeClosed = (): MeshError =>
  new MeshError("store_closed", "the store is closed", { hint: "Open the store again." });

/** Resolves when what the browser had stored is loaded; also when it could not be, which `health` then says. */
export const openIndexedDbAgentStore = async (options: IndexedDbAgentStoreOptions): Promise<AgentStore> => {
  const { name, clock, logger, persist = persistInIndexedDb } = options;
  const shadow = await Shadow.open(name, clock, persist);
  if (shadow.problem !== undefined) logger.warn({ name, problem: shadow.problem }, "this tab keeps nothing");
  return new TabAgentStore(options, shadow);
};

class TabAgentStore implements AgentStore {
  readonly storeId: string;
  readonly condition = "new";
  readonly isOneOff = true;
  readonly #name: string;
  readonly #shadow: Shadow;
  readonly #state: TabState;
  #transaction: TabTransaction | undefined;
  #isOpen = true;

  constructor(options: IndexedDbAgentStoreOptions, shadow: Shadow) {
    this.#name = options.name;
    this.#shadow = shadow;
    this.#state = tabStateFrom(shadow.state());
    this.storeId = randomId(options.random);
  }

  transact<T>(fn: (tx: AgentTransaction) => T): T {
    this.#assertOpen();
    invariant(this.#transaction === undefined, "transactions do not nest");
    const tx = new TabTransaction(this.#state);
    this.#transaction = tx;
    try {
      const result = fn(tx);
      invariant(!(result instanceof Promise), "a transaction is synchronous");
      this.#shadow.keep(tx.appended);
      return result;
    } catch (error) {
      tx.rollback();
      throw error;
    } finally {
      tx.end();
      this.#transaction = undefined;
    }
  }

  view<T>(fn: (view: AgentView) => T): T {
    this.#assertOpen();
    if (this.#transaction !== undefined) return fn(this.#transaction);
    const view = new TabView(this.#state);
    try {
      return fn(view);
    } finally {
      view.end();
    }
  }

  /** A tab's store is its own; other tabs are other stores. */
  onForeignCommit(): () => void {
    return () => {};
  }

  verify(): AgentStoreHealth {
    return this.health();
  }

  health(): AgentStoreHealth {
    this.#assertOpen();
    return {
      durability: "browser",
      condition: this.condition,
      location: `indexeddb:${this.#name}`,
      bytes: this.#shadow.bytes,
      problems: this.#shadow.problem === undefined ? [] : [this.#shadow.problem],
    };
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    void this.#shadow.close();
  }

  #assertOpen(): void {
    if (!this.#isOpen) throw storeClosed();
  }
}
