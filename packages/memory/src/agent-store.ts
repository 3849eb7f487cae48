/** `AgentStore` in memory: one open handle on an `AgentDisk`. */

import { type Clock, invariant, type Timer } from "@context-mesh/common";
import type { AgentStore, AgentStoreHealth, AgentTransaction, AgentView, StoreCondition } from "@context-mesh/ports";
import type { AgentState } from "./agent-state.ts";
import { MemoryAgentTransaction, MemoryAgentView } from "./agent-transaction.ts";
import { faultOf, type StoreFaults, type StorePoint, storeClosed } from "./faults.ts";

const foreignNoticeMs = 5;

export interface AgentDiskHooks {
  committed(by: MemoryAgentStore): void;
  crashed(): void;
  closed(by: MemoryAgentStore): void;
}

export class MemoryAgentStore implements AgentStore {
  readonly storeId: string;
  readonly condition: StoreCondition;
  readonly #clock: Clock;
  readonly #faults: StoreFaults;
  readonly #state: AgentState;
  readonly #hooks: AgentDiskHooks;
  readonly #listeners = new Set<() => void>();
  #notice: Timer | undefined;
  #current: MemoryAgentTransaction | undefined;
  #isOpen = true;

  constructor(clock: Clock, faults: StoreFaults, state: AgentState, hooks: AgentDiskHooks) {
    this.#clock = clock;
    this.#faults = faults;
    this.#state = state;
    this.#hooks = hooks;
    this.storeId = state.storeId;
    this.condition = state.doubt ?? (state.identity === undefined ? "new" : "intact");
  }

  transact<T>(fn: (tx: AgentTransaction) => T): T {
    this.#assertOpen();
    invariant(this.#current === undefined, "transactions do not nest");
    this.#pass("asked");
    const tx = new MemoryAgentTransaction(this.#state);
    this.#current = tx;
    try {
      const result = fn(tx);
      invariant(!(result instanceof Promise), "a transaction is synchronous");
      this.#pass("prepared");
      this.#commit();
      this.#pass("kept");
      return result;
    } catch (error) {
      if (this.#current === tx) tx.rollback();
      throw error;
    } finally {
      tx.end();
      this.#current = undefined;
    }
  }

  view<T>(fn: (view: AgentView) => T): T {
    this.#assertOpen();
    const view = new MemoryAgentView(this.#state);
    try {
      return fn(view);
    } finally {
      view.end();
    }
  }

  onForeignCommit(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Tells this process, soon, that another one has committed. */
  noticeForeignCommit(): void {
    this.#notice ??= this.#clock.after(foreignNoticeMs, () => {
      this.#notice = undefined;
      for (const listener of [...this.#listeners]) listener();
    });
  }

  verify(): AgentStoreHealth {
    return this.health();
  }

  health(): AgentStoreHealth {
    this.#assertOpen();
    const { base, olderBase, log, outbox } = this.#state;
    const records = [base, olderBase, ...log, ...outbox.values()];
    return {
      durability: "memory",
      condition: this.condition,
      location: "memory",
      bytes: records.reduce((sum, record) => sum + (record?.bytes.length ?? 0), 0),
      problems: this.#state.doubt === "damaged" ? ["the log failed its check; the older base was taken"] : [],
    };
  }

  close(): void {
    if (!this.#isOpen) return;
    this.die();
    this.#hooks.closed(this);
  }

  /** The process is gone: nothing is told to anybody. */
  die(): void {
    this.#isOpen = false;
    this.#notice?.cancel();
    this.#listeners.clear();
  }

  /** The process may die here. */
  #pass(point: StorePoint): void {
    this.#faults.at?.(point, "append");
    this.#assertOpen();
  }

  #commit(): void {
    const outcome = this.#faults.commit?.() ?? "ok";
    const fault = faultOf(outcome);
    if (fault === undefined && this.#isOpen) {
      this.#state.commits += 1;
      this.#current = undefined;
      this.#hooks.committed(this);
    }
    if (outcome === "crash-before" || outcome === "crash-after") this.#hooks.crashed();
    if (fault !== undefined) throw fault;
    if (!this.#isOpen) throw storeClosed();
  }

  #assertOpen(): void {
    if (!this.#isOpen) throw storeClosed();
  }
}
